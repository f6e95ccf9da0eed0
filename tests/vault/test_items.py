"""Stored accounts: what is refused, what is kept, and what is left to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.lib.errors import DomainError
from accounts.models import Event, Identity, StoredAccount, Vault
from accounts.vault import actions, catalogue, checklist, vaults
from accounts.vault.drafts import BadFields, BadPeriod, NoSaml
from accounts.vault.generator import (
    CLASSES,
    BadRecipe,
    Strength,
    generate,
    passphrase,
    strength,
)
from accounts.vault.models import Kind
from accounts.vault.urls import BadUrl
from tests.factories.vault import draft, make_application, make_item, make_vault, save_codes


def done(item: StoredAccount) -> dict[str, bool]:
    return {each.step.name: each.done for each in checklist.of(item)}


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"application": "Facebook", "kind": Kind.IDP_PROVISIONED}, NoSaml),
        ({"application": "Something else", "kind": Kind.IDP_PROVISIONED}, NoSaml),
        ({"application": "https://me:secret@example.com/"}, BadUrl),
        ({"application": "https://me:secret@slack.com/"}, BadUrl),
        ({"application": "javascript:alert('.@slack.com/')"}, BadUrl),
        ({"rotate_every_days": 0}, BadPeriod),
        ({"rotate_every_days": 366}, BadPeriod),
        ({"fields": [{"name": "x", "type": "url", "value": "javascript:alert(1)"}]}, BadFields),
        ({"fields": [{"name": "x", "type": "other", "value": ""}]}, BadFields),
        ({"fields": [{"name": "x", "type": "short", "value": ""}] * 21}, BadFields),
        ({"label": ""}, DomainError),
        ({"application": ""}, DomainError),
    ],
)
def test_what_cannot_be_kept_is_refused(
    otto: Identity, values: dict[str, Any], error: type[DomainError]
) -> None:
    expected = (error, BadUrl) if error is BadFields else error
    with pytest.raises(expected):
        make_item(otto, **values)
    assert not StoredAccount.objects.exists()


def test_an_application_is_known_by_name_and_by_address(db: None) -> None:
    by_name = catalogue.meant("slack")
    by_address = catalogue.meant("https://www.slack.com/signin")

    assert (by_name.name, by_address.name) == ("Slack", "Slack")
    assert by_name.has_saml
    assert catalogue.meant("slack.com/signin").url == "https://slack.com/signin"
    assert catalogue.meant("intranet.example.com/x").url == "https://intranet.example.com/x"
    assert catalogue.meant("My own thing").has_saml is None


@pytest.mark.parametrize(
    "said", ["Slack", "https://slack.com/workspace/x", "intranet.example.com/x", "My own thing"]
)
def test_what_an_edit_offers_means_the_same_application(db: None, said: str) -> None:
    first = catalogue.meant(said)
    assert catalogue.meant(catalogue.typed(first.name, first.url)) == first


def test_what_the_tenant_says_of_an_application_comes_first(otto: Identity) -> None:
    make_application("Facebook", has_saml=True)

    item = make_item(otto, application="facebook", kind=Kind.IDP_PROVISIONED)
    assert item.application == "Facebook"


def test_a_placeholder_ticks_itself_off(otto: Identity) -> None:
    item, now = make_item(otto, kind=Kind.PLACEHOLDER, password=""), timezone.now()
    assert done(item) == {
        "added": True,
        "password": False,
        "username": False,
        "set_up": False,
        "mfa": False,
    }

    actions.set_password(by=otto, item=item, password="made-up", at=now)
    actions.confirm_set_up(by=otto, item=item, at=now)
    item.refresh_from_db()
    named = draft(kind=Kind.PLACEHOLDER, username="ads@example.com")
    item = actions.edit(by=otto, item=item, draft=named, revision=item.revision, at=now)
    assert [name for name, is_done in done(item).items() if not is_done] == ["mfa"]
    save_codes(item)
    assert all(done(item).values())


def test_an_edit_that_was_not_read_is_refused(otto: Identity) -> None:
    item, now = make_item(otto), timezone.now()
    actions.edit(by=otto, item=item, draft=draft(label="Other"), revision=item.revision, at=now)

    with pytest.raises(actions.EditConflict):
        actions.edit(by=otto, item=item, draft=draft(), revision=item.revision, at=now)


def test_the_event_of_an_edit_says_that_the_notes_changed_not_how(otto: Identity) -> None:
    item, now = make_item(otto), timezone.now()
    changed = draft(notes="Ask Pia", username="new")
    actions.edit(by=otto, item=item, draft=changed, revision=item.revision, at=now)

    event = Event.objects.get(action="stored_account.edited")
    assert event.detail["sealed_texts_changed"] == ["notes"]
    assert event.detail["after"] == {"username": "new"}
    assert "Pia" not in str(event.detail)


def test_a_password_is_due_after_its_period(otto: Identity) -> None:
    item = make_item(otto, rotate_every_days=30)
    assert item.rotation_due_at == item.created_at + timedelta(days=30)

    later = item.created_at + timedelta(days=31)
    actions.set_password(by=otto, item=item, password="other", at=later)
    item.refresh_from_db()
    assert item.rotation_due_at == later + timedelta(days=30)


def test_there_is_one_default_vault_and_it_stays(ada: Identity, otto: Identity) -> None:
    first, now = make_item(otto).vault, timezone.now()
    second = make_vault("Second")
    with pytest.raises(vaults.VaultInUse):
        vaults.delete(by=ada, vault=first, at=now)

    vaults.make_default(by=ada, vault=second, at=now)
    assert make_item(otto, label="Other").vault == second
    with pytest.raises(vaults.VaultInUse):
        vaults.delete(by=ada, vault=first, at=now)
    assert list(Vault.objects.filter(is_default=True)) == [second]


def test_two_vaults_have_no_names_that_look_alike(db: None) -> None:
    make_vault("Marketing")

    with pytest.raises(vaults.NameTaken):
        vaults.create(by=SYSTEM, name="MARKETING", at=timezone.now())


@pytest.mark.parametrize("length", [5, 20, 50])
def test_a_made_password_has_each_class_that_was_chosen(length: int) -> None:
    made = generate(length=length, classes=list(CLASSES))
    assert len(made) == length
    assert all(set(each) & set(made) for each in CLASSES.values())
    assert set(generate(length=length, classes=["digits"])) <= set(CLASSES["digits"])


@pytest.mark.parametrize("length", [4, 51, -1])
def test_a_length_out_of_bounds_is_refused(length: int) -> None:
    with pytest.raises(BadRecipe):
        generate(length=length, classes=["lower"])
    with pytest.raises(BadRecipe):
        passphrase(length=length)
    with pytest.raises(BadRecipe):
        generate(length=20, classes=[])


def test_a_passphrase_keeps_to_its_length() -> None:
    assert [len(passphrase(length=n)) <= n for n in range(5, 51)] == [True] * 46
    assert passphrase(length=27).count("-") == 3


def test_strength() -> None:
    assert strength("") == Strength.WEAK
    assert strength("password123456") == Strength.WEAK
    assert strength("kelu-99-tavo") in {Strength.MODERATE, Strength.STRONG}
    assert strength(generate(length=20, classes=list(CLASSES))) == Strength.STRONG
    assert strength("x" * 50_000) == Strength.WEAK
