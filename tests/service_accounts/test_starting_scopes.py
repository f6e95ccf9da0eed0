"""The scopes of a new account can start from a preset or another account, without JavaScript."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authorization.levels import ADMIN
from accounts.identities import actions as identities
from accounts.models import Identity, ServiceAccount
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.service_accounts.filled import NEW, edit_form, new_form, page

pytestmark = pytest.mark.django_db

START = "/service-accounts/new/scopes/"


def ticked(text: str) -> list[str]:
    boxes = re.findall(
        r'<input type="checkbox" name="scopes" value="([^"]*)"[^>]*?( checked)?>', text
    )
    return [value for value, checked in boxes if checked]


def test_a_preset_ticks_its_scopes_beside_the_others_and_keeps_what_was_typed(
    admin: Client,
) -> None:
    form = new_form(name="kept", scopes=["fr:iga:*"], start_preset="promotion")
    answer = admin.post(NEW, form)
    assert sorted(ticked(answer.content.decode())) == [
        "fr:idc:promotion:*",
        "fr:idc:release:read",
        "fr:iga:*",
    ]
    assert answer.context["form"]["name"].value() == "kept"
    assert not answer.context["form"].is_bound
    assert not ServiceAccount.objects.exists()


@pytest.mark.parametrize("by", ["name", "look-alike", "id"])
def test_another_account_lends_its_scopes(admin: Client, made: Made, by: str) -> None:
    text = {"name": "audit01", "look-alike": " AUDIT01 ", "id": str(made.account.pk)}[by]
    form = new_form(name="kept", scopes=["fr:iga:*"], start="account", start_account=text)
    answer = admin.post(NEW, form)
    assert sorted(ticked(answer.content.decode())) == [*made.account.scopes, "fr:iga:*"]
    said = "The scopes of audit01 are ticked below, beside those that were."
    assert said in answer.content.decode()
    assert answer.context["form"]["name"].value() == "kept"
    assert ServiceAccount.objects.count() == 1
    part = admin.get(START, {"start_account": text, "scopes": "fr:iga:*"}).content.decode()
    assert sorted(ticked(part)) == [*made.account.scopes, "fr:iga:*"]
    assert "<html" not in part


def test_an_account_that_is_not_there_is_said_and_nothing_is_lost(admin: Client) -> None:
    form = new_form(start="account", start_account="<nobody>\x00")
    answer = admin.post(NEW, form)
    assert "no service account with the name or ID “&lt;nobody&gt;”" in answer.content.decode()
    assert ticked(answer.content.decode()) == ["fr:idm:*"]
    part = admin.get(START, {"start_account": "nobody", "scopes": "fr:iga:*"}).content.decode()
    assert ticked(part) == ["fr:iga:*"]


def test_a_link_starts_from_an_account(admin: Client, made: Made) -> None:
    answer = admin.get(NEW, {"from": str(made.account.pk)})
    assert ticked(answer.content.decode()) == made.account.scopes


def test_a_pasted_private_key_does_not_come_back(admin: Client) -> None:
    form = new_form(
        start_preset="promotion",
        key_origin="uploaded",
        public_key_text='{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"verysecret"}',
    )
    assert "verysecret" not in admin.post(NEW, form).content.decode()


def test_names_to_start_from_are_offered(admin: Client, made: Made, ada: Identity) -> None:
    make_account("release-bot", owner=ada)
    text = admin.get(NEW).content.decode()
    assert '<option value="audit01"></option><option value="release-bot"></option>' in text


def test_the_edit_form_has_presets_too(admin: Client, made: Made) -> None:
    form = edit_form(admin, made.account, name="kept", start_preset="promotion")
    answer = admin.post(page("edit", made.account), form)
    kept = {*made.account.scopes, "fr:idc:promotion:*", "fr:idc:release:read"}
    assert set(ticked(answer.content.decode())) == kept
    assert answer.context["form"]["name"].value() == "kept"
    made.account.refresh_from_db()
    assert made.account.name == "audit01"


def test_enter_in_a_field_saves_and_chooses_no_preset(admin: Client, made: Made) -> None:
    """The first button of a form is the one that Enter presses."""
    for url in (NEW, page("edit", made.account)):
        form = re.search(
            r"<main.*?<form[^>]*>(.*?)</form>", admin.get(url).content.decode(), re.DOTALL
        )
        assert form
        buttons = re.findall(r"<button[^>]*>", form[1])
        assert "name=" not in buttons[0]


def test_a_scope_says_which_user_level_it_wants_that_the_account_has_not(
    admin: Client, made: Made, ada: Identity
) -> None:
    said = "It gives nothing until the account has the user level"
    for url in (NEW, page("edit", made.account)):
        text = admin.get(url).content.decode()
        (box,) = re.findall(r'<input[^>]*value="idn:sources:manage"[^>]*>', text)
        assert f'data-level="{said} Admin, ' in box
        (plain,) = re.findall(r'<input[^>]*value="fr:am:\*"[^>]*>', text)
        assert "data-level" not in plain
    identities.set_levels(by=ada, identity=made.account.identity, levels=[ADMIN], at=timezone.now())
    assert said not in admin.get(page("edit", made.account)).content.decode()
