"""The tenant never loses its last administrator who can sign in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.levels import ADMIN, AUDITOR
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions
from accounts.identities.policies import LastAdministrator, OwnLevels
from accounts.models import Event, Identity
from tests.at_once import at_once
from tests.factories import make_person

ClientOf = Callable[[Identity], Client]

ACTS: dict[str, Callable[[Identity], dict[str, Any]]] = {
    "disable": lambda identity: {},
    "delete": lambda identity: {"user_name": identity.user_name},
    "levels": lambda identity: {"levels": [AUDITOR]},
}
"""What each page wants in its form."""


def post(browser: Client, act: str, identity: Identity) -> int:
    path = f"/identities/{identity.pk}/{act}/"
    return browser.post(path, ACTS[act](identity)).status_code


def administrators() -> list[str]:
    able = Identity.objects.get_queryset().active().registered().holding(ADMIN)
    return list(able.values_list("user_name", flat=True))


@pytest.mark.parametrize("act", ACTS)
def test_the_only_administrator_stays(client_of: ClientOf, ada: Identity, act: str) -> None:
    browser = client_of(ada)

    post(browser, act, ada)

    assert administrators() == ["ada"]
    assert browser.get("/identities/").status_code == 200


@pytest.mark.parametrize("act", [actions.disable, actions.delete])
def test_the_system_cannot_take_the_last_one_away_either(
    ada: Identity, act: Callable[..., None]
) -> None:
    with pytest.raises(LastAdministrator):
        act(by=SYSTEM, identity=ada, at=timezone.now())
    with pytest.raises(LastAdministrator):
        actions.set_levels(by=SYSTEM, identity=ada, levels=[], at=timezone.now())
    assert administrators() == ["ada"]


def test_one_who_never_registered_does_not_count(client_of: ClientOf, ada: Identity) -> None:
    actions.create_person(
        by=ada,
        user_name="nina",
        first_name="Nina",
        last_name="",
        email="nina@example.com",
        levels=[ADMIN],
        at=timezone.now(),
    )

    answer = client_of(ada).post(f"/identities/{ada.pk}/levels/", {"levels": []})

    assert "This is the last active tenant administrator" in answer.content.decode()
    assert administrators() == ["ada"]


def test_one_who_is_disabled_does_not_count(client_of: ClientOf, ada: Identity) -> None:
    bert = make_person("bert", levels=[ADMIN])
    actions.disable(by=ada, identity=bert, at=timezone.now())

    client_of(ada).post(f"/identities/{ada.pk}/levels/", {"levels": [AUDITOR]})

    assert administrators() == ["ada"]


def test_with_another_one_that_one_takes_the_level_away(client_of: ClientOf, ada: Identity) -> None:
    bert = make_person("bert", levels=[ADMIN])

    own = client_of(ada).post(f"/identities/{ada.pk}/levels/", {"levels": []})
    assert "You cannot do this to your own account" in own.content.decode()
    assert sorted(administrators()) == ["ada", "bert"]

    client_of(bert).post(f"/identities/{ada.pk}/levels/", {"levels": []})
    assert administrators() == ["bert"]


@pytest.mark.parametrize("act", ["disable", "delete"])
def test_nobody_disables_or_deletes_themselves(
    client_of: ClientOf, ada: Identity, act: str
) -> None:
    make_person("bert", levels=[ADMIN])

    post(client_of(ada), act, ada)

    assert sorted(administrators()) == ["ada", "bert"]


@pytest.mark.parametrize("levels", [[ADMIN, AUDITOR], [AUDITOR], []])
def test_nobody_changes_their_own_levels(ada: Identity, levels: list[str]) -> None:
    make_person("bert", levels=[ADMIN])

    with pytest.raises(OwnLevels):
        actions.set_levels(by=ada, identity=ada, levels=levels, at=timezone.now())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("one", "other"), list(product(ACTS, ACTS)))
def test_of_two_who_take_each_other_away_one_stays(
    client_of: ClientOf, one: str, other: str
) -> None:
    ada, bert = make_person("ada", levels=[ADMIN]), make_person("bert", levels=[ADMIN])
    of_ada, of_bert = client_of(ada), client_of(bert)

    answers = at_once([partial(post, of_ada, one, bert), partial(post, of_bert, other, ada)])

    assert len(administrators()) == 1, answers
    assert all(answer in (200, 302, 403) for answer in answers), answers


@pytest.mark.django_db(transaction=True)
def test_of_many_who_take_each_other_away_one_stays() -> None:
    crowd = [make_person(f"admin{number}", levels=[ADMIN]) for number in range(4)]
    pairs = [(by, identity) for by in crowd for identity in crowd if by != identity]
    acts = [
        partial(actions.disable, by=by, identity=identity, at=timezone.now())
        for by, identity in pairs
    ]

    refused = [answer for answer in at_once(acts) if answer is not None]

    assert len(administrators()) == 1
    assert refused
    # whoever was disabled a moment before may not act any more
    assert all(isinstance(answer, LastAdministrator | NotAllowed) for answer in refused), refused


@pytest.mark.django_db(transaction=True)
def test_two_levels_given_at_once_leave_one_and_the_log_says_which() -> None:
    ada = make_person("ada", levels=[ADMIN])
    otto = make_person("otto")
    acts = [
        partial(actions.set_levels, by=ada, identity=otto, levels=[level], at=timezone.now())
        for level in (ADMIN, AUDITOR, ADMIN, AUDITOR)
    ]

    assert at_once(acts) == [None] * 4

    held = set(otto.level_assignments.values_list("level", flat=True))
    last = Event.objects.filter(action="identity.levels_changed", subject_id=str(otto.pk)).last()
    assert last is not None
    assert len(held) == 1
    assert set(last.detail["after"]["levels"]) == held
