"""All-Access Mode: for a while, for a reason, in one session, told and recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.levels import ADMIN, AUDITOR, OWNER, SUPER_ADMIN
from accounts.authorization.policies import NotAllowed
from accounts.identities.actions import set_levels
from accounts.models import AllAccess, Event, Identity, Share, StoredAccount, Vault
from accounts.vault import actions, policies, sharing, upkeep
from accounts.vault.all_access import actions as all_access
from console.ui.confirmation import CONFIRMED_AT
from tests.at_once import at_once
from tests.factories import make_person
from tests.factories.vault import make_item, set_password

ClientOf = Callable[[Identity], Client]
REASON = "Otto is ill and nobody else has it"
START = {"reason": REASON, "lasting": "15"}
BANNER = "You are in All-Access Mode"
PAGE = "/vault/all-access/"


@pytest.fixture
def olga(db: None) -> Identity:
    return make_person("olga", levels=[OWNER])


@pytest.fixture
def sam(db: None) -> Identity:
    return make_person("sam", levels=[SUPER_ADMIN])


@pytest.fixture
def item(otto: Identity) -> StoredAccount:
    found = make_item(otto, notes="the note of Otto")
    set_password(found, "MARK-the-password")
    return found


def opened(client_of: ClientOf, person: Identity) -> Client:
    browser = client_of(person)
    assert browser.post(PAGE, START).status_code == 302
    return browser


def address(item: StoredAccount, tail: str = "") -> str:
    return f"/vault/accounts/{item.pk}/{tail}"


def test_it_starts_with_a_reason_and_the_owner_is_told(
    client_of: ClientOf, olga: Identity, sam: Identity, django_capture_on_commit_callbacks: Any
) -> None:
    browser = client_of(sam)
    for wrong in ({"reason": "  because  ", "lasting": "15"}, {"reason": REASON, "lasting": "600"}):
        assert browser.post(PAGE, wrong).status_code == 200
    assert not AllAccess.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(PAGE, START)

    period = AllAccess.objects.get()
    assert period.ends_at - period.began_at == timedelta(minutes=15)
    event = Event.objects.get(action="identity.all_access_started")
    assert (event.actor_label, event.reason) == ("sam", REASON)
    [letter] = mail.outbox
    assert letter.to == ["olga@example.com"]
    assert REASON in letter.body
    for page in ("/", "/vault/", "/identities/"):
        assert BANNER in browser.get(page).content.decode()


def test_the_password_is_shown_and_its_owners_are_told(
    client_of: ClientOf,
    olga: Identity,
    sam: Identity,
    item: StoredAccount,
    django_capture_on_commit_callbacks: Any,
) -> None:
    assert "the note of Otto" not in client_of(sam).get(address(item)).content.decode()
    browser = opened(client_of, sam)
    mail.outbox.clear()

    page = browser.get(address(item))
    assert "the note of Otto" in page.content.decode()
    assert "its owners are told by mail" in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(address(item, "password/reveal/"))

    assert "MARK-the-password" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    acts = Event.objects.filter(subject_id=str(item.pk), actor_label="sam")
    assert set(acts.values_list("action", flat=True)) == {
        "stored_account.opened_by_all_access",
        "stored_account.revealed_by_all_access",
    }
    [letter] = [each for each in mail.outbox if each.to == ["otto@example.com"]]
    assert "looked at its password" in letter.body
    assert "MARK" not in letter.body


def test_without_it_and_after_it_nothing_opens(
    client_of: ClientOf, sam: Identity, item: StoredAccount
) -> None:
    browser = client_of(sam)
    reveal = partial(browser.post, address(item, "password/reveal/"))
    assert reveal().status_code == 403

    browser.post(PAGE, START)
    assert reveal().status_code == 200
    browser.post("/vault/all-access/stop/")
    assert reveal().status_code == 403
    assert BANNER not in browser.get("/vault/").content.decode()
    assert Event.objects.filter(action="identity.all_access_ended", actor_label="sam").count() == 1


def test_it_ends_by_itself(client_of: ClientOf, sam: Identity, item: StoredAccount) -> None:
    browser = opened(client_of, sam)
    late = timezone.now() - timedelta(hours=1)
    AllAccess.objects.update(began_at=late, ends_at=late + timedelta(minutes=15))

    assert browser.post(address(item, "password/reveal/")).status_code == 403
    assert BANNER not in browser.get("/").content.decode()

    upkeep.end_what_ran_out()
    upkeep.end_what_ran_out()
    assert AllAccess.objects.get().ended_at is not None
    assert Event.objects.filter(action="identity.all_access_ended").count() == 1


def test_it_holds_in_no_other_session_and_ends_with_signing_out(
    client_of: ClientOf, sam: Identity, item: StoredAccount
) -> None:
    browser, other = opened(client_of, sam), client_of(sam)
    assert other.post(address(item, "password/reveal/")).status_code == 403

    stolen = browser.session["steward_all_access"]
    browser.post("/sign-out/")
    session = other.session
    session["steward_all_access"] = stolen
    session.save()
    assert other.post(address(item, "password/reveal/")).status_code == 403


def test_another_start_ends_the_one_before(client_of: ClientOf, sam: Identity) -> None:
    first, second = opened(client_of, sam), opened(client_of, sam)

    assert AllAccess.objects.filter(ended_at=None).count() == 1
    assert BANNER not in first.get("/").content.decode()
    assert BANNER in second.get("/").content.decode()


def test_whoever_loses_the_level_is_out_at_once(
    client_of: ClientOf, olga: Identity, sam: Identity, item: StoredAccount
) -> None:
    browser = opened(client_of, sam)
    set_levels(by=olga, identity=sam, levels=[ADMIN], at=timezone.now())

    assert browser.post(address(item, "password/reveal/")).status_code == 403


@pytest.mark.parametrize("levels", [[ADMIN], [AUDITOR], []])
def test_others_do_not_start_it(db: None, client_of: ClientOf, levels: list[str]) -> None:
    person = make_person("person", levels=levels)

    assert client_of(person).post(PAGE, START).status_code == 403
    with pytest.raises(NotAllowed):
        all_access.start(
            by=person,
            session=uuid4(),
            reason=REASON,
            lasting=timedelta(hours=1),
            at=timezone.now(),
        )
    assert not AllAccess.objects.exists()


def test_starting_and_revealing_ask_for_the_password_first(
    client_of: ClientOf, sam: Identity, item: StoredAccount
) -> None:
    browser = opened(client_of, sam)
    session = browser.session
    session.pop(CONFIRMED_AT)
    session.save()

    assert "MARK" not in browser.post(address(item, "password/reveal/")).content.decode()
    browser.post("/vault/all-access/stop/")
    browser.post(PAGE, START)
    assert not AllAccess.objects.filter(ended_at=None).exists()


def test_another_owner_is_named_and_those_of_before_are_told(
    client_of: ClientOf,
    sam: Identity,
    item: StoredAccount,
    django_capture_on_commit_callbacks: Any,
) -> None:
    mira = make_person("mira")
    browser = opened(client_of, sam)

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(address(item, "give-owner/"), {"person": "mira"})

    roles = dict(Share.objects.filter(item=item).values_list("identity__user_name", "role"))
    assert roles == {"mira": "owner", "otto": "collaborator"}
    assert policies.may_change(mira, item, timezone.now())
    [letter] = [each for each in mail.outbox if each.to == ["otto@example.com"]]
    assert "named another owner" in letter.body


def test_nobody_names_themselves_or_names_one_without_it(
    client_of: ClientOf, sam: Identity, ada: Identity, item: StoredAccount
) -> None:
    browser = opened(client_of, sam)
    browser.post(address(item, "give-owner/"), {"person": "sam"})
    with pytest.raises(sharing.HasOwner):
        sharing.give_owner(by=ada, item=item, owner=ada, at=timezone.now())
    assert Share.objects.get(item=item).identity.user_name == "otto"  # type: ignore[union-attr]


@pytest.mark.parametrize("tail", ["edit/", "share/", "delete/", "authenticator/", "backup-codes/"])
def test_it_changes_nothing_else(
    client_of: ClientOf, sam: Identity, item: StoredAccount, tail: str
) -> None:
    assert opened(client_of, sam).get(address(item, tail)).status_code == 403


def test_earlier_and_deleted_passwords_stay_shut(
    client_of: ClientOf, sam: Identity, otto: Identity, item: StoredAccount
) -> None:
    set_password(item, "MARK-another")
    earlier = item.passwords.exclude(replaced_at=None).earliest("set_at")
    browser = opened(client_of, sam)

    old = browser.post(address(item, f"password/{earlier.pk}/reveal/"))
    assert old.status_code == 403
    actions.delete(by=otto, item=item, at=timezone.now())
    gone = browser.post(address(item, "password/reveal/"), follow=True)
    assert "MARK" not in gone.content.decode()


def test_a_program_is_in_no_session(olga: Identity, item: StoredAccount) -> None:
    for by in (olga, SYSTEM):
        with pytest.raises(NotAllowed):
            actions.reveal(by=by, item=item, at=timezone.now())
        with pytest.raises(NotAllowed):
            all_access.note_opened(by=by, item=item, at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_started_twice_at_once_one_is_on() -> None:
    sam = make_person("sam", levels=[SUPER_ADMIN])
    act = partial(
        all_access.start, by=sam, reason=REASON, lasting=timedelta(hours=1), at=timezone.now()
    )

    at_once([partial(act, session=uuid4()) for _number in range(4)])

    assert AllAccess.objects.filter(person=sam, ended_at=None).count() == 1


def test_a_local_vault_stays_shut(client_of: ClientOf, sam: Identity, item: StoredAccount) -> None:
    Vault.objects.update(kind="local", key_version=1, is_default=False)
    browser = opened(client_of, sam)

    assert browser.post(address(item, "password/reveal/")).status_code in {403, 404}
    browser.post(address(item, "give-owner/"), {"person": make_person("mira").user_name})
    assert not item.shares.exclude(identity__user_name="otto").exists()
    assert not Event.objects.filter(action="stored_account.opened_by_all_access").exists()
