"""A state is an icon and a word; colour only helps. Icons are drawn without inline styles."""

from __future__ import annotations

import pytest
from django.template import Context, Template

from accounts.service_accounts.states import StatusFilter
from console.ui import looks
from tokens.credentials.models import CredentialStatus

pytestmark = pytest.mark.sqlite


def render(text: str, **context: object) -> str:
    return Template("{% load ui %}" + text).render(Context(context))


@pytest.mark.parametrize("state", [*StatusFilter.values, *CredentialStatus.values, "deleted"])
def test_every_state_has_a_look(state: str) -> None:
    assert looks.of(state).label


@pytest.mark.parametrize("state", list(looks.LOOKS))
def test_a_chip_says_its_state_with_an_icon_and_a_word(state: str) -> None:
    chip = render('{% include "components/state.html" with state=state only %}', state=state)
    assert str(looks.of(state).label) in chip
    assert "<svg" in chip


def test_a_state_without_a_look_is_an_error() -> None:
    with pytest.raises(KeyError):
        looks.of("unheard of")


@pytest.mark.parametrize("state", list(looks.LOOKS))
def test_no_icon_has_an_inline_style(state: str) -> None:
    assert "style" not in render("{% icon name %}", name=looks.of(state).icon)


def test_an_icon_is_silent_unless_it_is_named() -> None:
    assert 'aria-hidden="true"' in render('{% icon "lock" %}')
    spoken = render('{% icon "lock" label=label %}', label='Lo"ck<ed')
    assert 'role="img" aria-label="Lo&quot;ck&lt;ed"' in spoken


def test_a_note_escapes_its_title() -> None:
    page = render("{% note title=title %}<p>ours</p>{% endnote %}", title="<b>theirs</b>")
    assert "&lt;b&gt;theirs" in page
    assert "<p>ours</p>" in page
