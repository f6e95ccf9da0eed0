"""Every form looks and speaks the same: label, control, error, help; and one summary above."""

from __future__ import annotations

import pytest
from django import forms
from django.template import Context, Template

pytestmark = pytest.mark.sqlite

SUMMARY = '{% include "components/error_summary.html" with form=form only %}'


class OrderForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As people say it.")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    size = forms.ChoiceField(label="Size", choices=[("s", "Small"), ("l", "Large")])
    way = forms.ChoiceField(label="Way", choices=[("a", "Air")], widget=forms.RadioSelect)
    told = forms.BooleanField(label="Tell me", required=False)
    ticket = forms.UUIDField(widget=forms.HiddenInput)


def render(text: str, form: forms.Form) -> str:
    return Template(text).render(Context({"form": form}))


def test_a_field_is_tied_to_its_label_help_and_error() -> None:
    page = render("{{ form.name.as_field_group }}", OrderForm({}))
    assert '<label class="field-label" for="id_name">' in page
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'aria-invalid="true"' in page
    assert 'id="id_name_helptext"' in page
    assert 'id="id_name_error"' in page


def test_what_may_stay_empty_says_so() -> None:
    form = OrderForm()
    assert "(optional)" in render("{{ form.note.as_field_group }}", form)
    assert "(optional)" not in render("{{ form.name.as_field_group }}", form)


def test_radio_buttons_stand_in_a_fieldset_with_a_legend() -> None:
    page = render("{{ form.way.as_field_group }}", OrderForm())
    assert "<fieldset" in page
    assert '<legend class="field-label">Way' in page


def test_the_summary_links_to_each_field_that_is_wrong() -> None:
    form = OrderForm({})
    form.add_error(None, "The order was changed meanwhile.")
    page = render(SUMMARY, form)
    assert "The order was changed meanwhile." in page
    assert '<a href="#id_name">Name: This field is required.</a>' in page
    # radio buttons have no id of their own: their group does
    assert '<a href="#id_way">Way: This field is required.</a>' in page
    assert "autofocus" in page


def test_a_label_that_asks_ends_with_its_own_mark() -> None:
    form = OrderForm({})
    form.fields["name"].label = "What is it for?"
    assert ">What is it for? This field is required.</a>" in render(SUMMARY, form)


def test_the_summary_also_tells_of_hidden_fields() -> None:
    form = OrderForm({"name": "a", "size": "s", "way": "a", "ticket": "no uuid"})
    assert "Enter a valid UUID." in render(SUMMARY, form)


def test_a_form_without_errors_has_no_summary() -> None:
    assert render(SUMMARY, OrderForm()).strip() == ""


def test_what_was_typed_comes_back_escaped() -> None:
    page = render("{{ form }}", OrderForm({"name": '"><script>alert(1)</script>'}))
    assert "<script>" not in page
    assert "&quot;&gt;&lt;script&gt;" in page


def test_the_whole_form_holds_its_hidden_fields() -> None:
    assert 'name="ticket"' in render("{{ form }}", OrderForm())
