"""The tenant has one Owner, who is lost by nothing and hands over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM, Actor
from accounts.authorization.levels import ADMIN, AUDITOR, OWNER
from accounts.authorization.models import LevelAssignment
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions, bulk, granting, ownership, resetting
from accounts.identities.policies import AboveOneself, LastAdministrator, OwnerStays, OwnLevels
from accounts.models import Event, Identity
from console.mail import outbox
from console.ui.confirmation import CONFIRMED_AT
from console.ui.installation import FILE_BACKEND
from tests.at_once import at_once
from tests.factories import make_account, make_person

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def olga(db: None) -> Identity:
    return make_person("olga", levels=[OWNER])


def owners() -> list[str]:
    rows = LevelAssignment.objects.filter(level=OWNER)
    return list(rows.values_list("identity__user_name", flat=True))


def levels_of(person: Identity) -> set[str]:
    return set(LevelAssignment.objects.filter(identity=person).values_list("level", flat=True))


LOSING: dict[str, Callable[..., Any]] = {
    "disable": actions.disable,
    "delete": actions.delete,
    "reset": resetting.reset,
    "take the level": partial(actions.set_levels, levels=[ADMIN]),
    "take all levels": partial(actions.set_levels, levels=[]),
}


@pytest.mark.parametrize("act", LOSING)
def test_not_even_the_system_takes_the_owner_away(olga: Identity, ada: Identity, act: str) -> None:
    with pytest.raises(OwnerStays, match="Owner of the tenant"):
        LOSING[act](by=SYSTEM, identity=olga, at=timezone.now())

    olga.refresh_from_db()
    assert olga.is_active
    assert levels_of(olga) == {OWNER}


@pytest.mark.parametrize("act", LOSING)
def test_an_admin_does_not_reach_them(olga: Identity, ada: Identity, act: str) -> None:
    with pytest.raises(AboveOneself):
        LOSING[act](by=ada, identity=olga, at=timezone.now())
    assert levels_of(olga) == {OWNER}


@pytest.mark.parametrize("by", ["ada", "olga", "system"])
def test_the_level_is_given_to_nobody_with_the_others(
    olga: Identity, ada: Identity, otto: Identity, by: str
) -> None:
    actors: dict[str, Actor] = {"ada": ada, "olga": olga, "system": SYSTEM}
    actor = actors[by]

    with pytest.raises((granting.NotGiven, AboveOneself)):
        actions.set_levels(by=actor, identity=otto, levels=[OWNER], at=timezone.now())
    assert owners() == ["olga"]


def test_there_is_one_at_most(olga: Identity, otto: Identity) -> None:
    with pytest.raises(IntegrityError, match=r"one_owner|UNIQUE"), transaction.atomic():
        LevelAssignment.objects.create(
            identity=otto, level=OWNER, granted_at=timezone.now(), granted_by="x"
        )


def test_handing_over_is_told_to_both_and_recorded(
    olga: Identity, otto: Identity, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    actions.set_levels(by=olga, identity=otto, levels=[ADMIN, AUDITOR], at=timezone.now())

    with django_capture_on_commit_callbacks(execute=True):
        ownership.hand_over(by=olga, to=otto, at=timezone.now())

    assert (levels_of(olga), levels_of(otto)) == ({ADMIN}, {OWNER, AUDITOR})
    assert {(mail.to[0], mail.subject.split()[1]) for mail in mailoutbox} == {
        ("otto@example.com", "are"),
        ("olga@example.com", "handed"),
    }
    event = Event.objects.get(action="identity.became_owner")
    assert (event.subject_label, event.actor_label) == ("otto", "olga")
    assert Event.objects.filter(action="identity.levels_changed", actor_label="olga").count() == 3


@pytest.mark.parametrize("why", ["disabled", "not registered", "no person", "oneself"])
def test_it_goes_only_to_somebody_who_signs_in(olga: Identity, otto: Identity, why: str) -> None:
    to = otto
    if why == "disabled":
        actions.disable(by=olga, identity=otto, at=timezone.now())
    elif why == "not registered":
        otto.set_unusable_password()
        otto.save()
    elif why == "no person":
        to = make_account("audit01").account.identity
    else:
        to = olga

    with pytest.raises((ownership.CannotOwn, OwnLevels)):
        ownership.hand_over(by=olga, to=to, at=timezone.now())
    assert owners() == ["olga"]


def test_nobody_but_the_owner_hands_over(olga: Identity, ada: Identity, otto: Identity) -> None:
    for by in (ada, otto):
        with pytest.raises(NotAllowed):
            ownership.hand_over(by=by, to=otto, at=timezone.now())
    assert owners() == ["olga"]


@pytest.mark.django_db(transaction=True)
def test_handed_over_twice_at_once_one_succeeds() -> None:
    olga = make_person("olga", levels=[OWNER])
    people = [make_person(f"person{number}") for number in range(3)]
    acts = [
        partial(ownership.hand_over, by=olga, to=person, at=timezone.now()) for person in people
    ]

    answers = at_once(acts)

    refused = [each for each in answers if isinstance(each, BaseException)]
    assert len(owners()) == 1
    assert owners() != ["olga"]
    assert len(refused) == 2
    assert all(isinstance(each, NotAllowed) for each in refused), refused


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["disable", "delete", "reset"])
def test_whoever_takes_over_while_they_are_taken_away_is_one_or_the_other(act: str) -> None:
    olga = make_person("olga", levels=[OWNER])
    ada, otto = make_person("ada", levels=[ADMIN]), make_person("otto")

    at_once(
        [
            partial(ownership.hand_over, by=olga, to=otto, at=timezone.now()),
            partial(LOSING[act], by=ada, identity=otto, at=timezone.now()),
        ]
    )

    [owner] = Identity.objects.get_queryset().holding(OWNER)
    assert owner.is_active
    assert owner.is_registered


def test_the_page_asks_twice_and_hands_over(
    client_of: ClientOf, olga: Identity, otto: Identity
) -> None:
    browser = client_of(olga)
    assert "Hand over" in browser.get("/tenant-settings/owner/").content.decode()

    path = "/tenant-settings/owner/hand-over/"
    wrong = browser.post(path, {"to": "otto", "name": "oto"})
    assert "This is not their user name" in wrong.content.decode()
    assert "Type the user name of another person" in browser.post(path, {"to": ""}).content.decode()
    assert owners() == ["olga"]

    answer = browser.post(path, {"to": "otto@example.com", "name": "otto"}, follow=True)
    assert "is the Owner now. You stay an Admin." in answer.content.decode()
    assert owners() == ["otto"]
    assert browser.get(path).status_code == 403


def test_the_password_is_asked_for_first(
    client_of: ClientOf, olga: Identity, otto: Identity
) -> None:
    browser = client_of(olga)
    session = browser.session
    session.pop(CONFIRMED_AT, None)
    session.save()

    browser.post("/tenant-settings/owner/hand-over/", {"to": "otto", "name": "otto"})

    assert owners() == ["olga"]


def test_an_admin_sees_who_it_is_and_hands_nothing_over(
    client_of: ClientOf, olga: Identity, ada: Identity
) -> None:
    browser = client_of(ada)

    page = browser.get("/tenant-settings/owner/").content.decode()
    assert "olga" in page
    assert "hand-over" not in page
    assert browser.get("/tenant-settings/owner/hand-over/").status_code == 403
    picker = browser.get(f"/identities/{ada.pk}/levels/").content.decode()
    assert 'value="admin"' in picker
    assert 'value="owner"' not in picker
    assert "olga" in browser.get("/identities/?level=owner").content.decode()


def test_a_tenant_of_before_says_how_to_get_one(client_of: ClientOf, ada: Identity) -> None:
    page = client_of(ada).get("/tenant-settings/owner/").content.decode()

    assert "This tenant has no Owner yet" in page
    assert "workspace_owner" in page


def test_the_machine_names_an_owner(ada: Identity, otto: Identity) -> None:
    out = StringIO()
    call_command("workspace_owner", stdout=out)
    call_command("workspace_owner", "Ada", stdout=out)
    call_command("workspace_owner", "otto", stdout=out)
    call_command("workspace_owner", stdout=out)

    assert out.getvalue().splitlines() == [
        "nobody",
        "ada is the Owner now.",
        "otto is the Owner now, in place of ada.",
        "otto",
    ]
    assert levels_of(ada) == {ADMIN}
    for wrong in ("nobody.such", "otto"):
        with pytest.raises(SystemExit):
            call_command("workspace_owner", wrong)


def test_the_migration_appoints_the_oldest_who_can_sign_in(db: None) -> None:
    now = timezone.now()
    people = [make_person(name, levels=[ADMIN]) for name in ("gone", "new", "first", "second")]
    for age, person in enumerate(people):
        Identity.objects.filter(pk=person.pk).update(created_at=now - timedelta(days=9 - age))
    bulk.disable_all(Identity.objects.filter(user_name="gone"), by=SYSTEM, at=now)
    Identity.objects.filter(user_name="new").update(password="!unusable")
    step = import_module("accounts.migrations.0049_oldest_administrator_owns")

    step.appoint(apps, None)
    step.appoint(apps, None)
    assert owners() == ["first"]
    step.dismiss(apps, None)
    assert owners() == []
    assert LevelAssignment.objects.filter(level=ADMIN).count() == 4


def test_the_owner_alone_is_administrator_enough(olga: Identity, ada: Identity) -> None:
    actions.disable(by=olga, identity=ada, at=timezone.now())

    with pytest.raises(LastAdministrator):
        actions.disable(by=SYSTEM, identity=olga, at=timezone.now())


def test_mail_to_whoever_may_more_is_kept_from_the_outbox(
    client_of: ClientOf, olga: Identity, ada: Identity, settings: Any, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = FILE_BACKEND
    settings.EMAIL_FILE_PATH = str(tmp_path)
    for to in ("Olga <OLGA@example.com>", "ada@example.com"):
        EmailMessage("Link", f"{settings.STEWARD_PUBLIC_URL}/register/of-{to[0]}", to=[to]).send()

    of_ada = client_of(ada).get("/outbox/").content.decode()
    of_olga = client_of(olga).get("/outbox/").content.decode()

    assert ("register/of-O" in of_ada, "register/of-a" in of_ada) == (False, True)
    assert "somebody who may do more than you" in of_ada
    assert ("register/of-O" in of_olga, "register/of-a" in of_olga) == (True, True)
    assert len(outbox.letters()) == 2
