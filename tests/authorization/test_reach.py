"""Nobody acts on somebody who may do more than they: every act, every level, on every level."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.authorization.levels import (
    ADMIN,
    HELPDESK,
    LEVELS,
    OWNER,
    SUPER_ADMIN,
    USER,
    permissions_of,
)
from accounts.authorization.models import LevelAssignment
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions, invitations
from accounts.identities.policies import AboveOneself, check_may_give
from accounts.models import Event, Identity, Invitation
from tests.at_once import at_once
from tests.factories import make_account, make_person

ClientOf = Callable[[Identity], Client]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

ACTS: dict[str, tuple[Permission, Callable[..., Any]]] = {
    "edit": (
        Permission.IDENTITY_MANAGE,
        partial(actions.edit_person, first_name="X", last_name="", email="mallory@example.com"),
    ),
    "set levels": (Permission.LEVEL_GRANT, partial(actions.set_levels, levels=["cert_admin"])),
    "disable": (Permission.IDENTITY_DISABLE, actions.disable),
    "enable": (Permission.IDENTITY_DISABLE, actions.enable),
    "end sessions": (Permission.IDENTITY_DISABLE, actions.end_sessions),
    "delete": (Permission.IDENTITY_MANAGE, actions.delete),
    "send a link": (Permission.IDENTITY_RESET, invitations.invite),
}


class Undone(Exception):
    """Everything is to be as it was, for the next pair."""


def holder(prefix: str, code: str) -> Identity:
    return make_person(f"{prefix}.{code}", levels=[] if code == USER else [code])


def attempt(act: Callable[..., Any], by: Identity, target: Identity) -> str:
    """How the act ended: "done", or the refusal; nothing of it stays."""
    ended = "done"
    try:
        with transaction.atomic():
            act(by=by, identity=target, at=NOW)
            raise Undone
    except Undone:
        pass
    except (NotAllowed, AboveOneself) as refusal:
        ended = refusal.code
    return ended


@pytest.mark.parametrize("name", ACTS)
def test_every_level_on_every_level(name: str, ada: Identity) -> None:
    needed, act = ACTS[name]
    the_owner = {OWNER: make_person("the.owner", levels=[OWNER])}
    others = [code for code in LEVELS if code != OWNER]
    doers = the_owner | {code: holder("doer", code) for code in others}
    targets = the_owner | {code: holder("target", code) for code in others}
    if name == "enable":
        Identity.objects.get_queryset().filter(user_name__startswith="target.").update(
            disabled_at=NOW, disabled_by="ada"
        )
    before = Event.objects.count()
    wrong = []
    for doer, by in doers.items():
        for level, target in targets.items():
            if by == target:
                continue
            expected = "done"
            if needed not in LEVELS[doer].permissions:
                expected = "not_allowed"
            elif not LEVELS[doer].permissions >= permissions_of([level]):
                expected = "above_oneself"
            fresh = Identity.objects.get_queryset().get(pk=target.pk)
            found = attempt(act, by, fresh)
            if found != expected:
                wrong.append((doer, level, found, expected))
    assert wrong == []
    assert Event.objects.count() == before


@pytest.fixture
def hel(db: None) -> Identity:
    return make_person("hel", levels=[HELPDESK])


@pytest.mark.parametrize("act", ["invite", "disable", "enable", "end-sessions"])
def test_the_pages_refuse_it_with_the_reason(
    client_of: ClientOf, hel: Identity, ada: Identity, vera: Identity, act: str
) -> None:
    browser = client_of(hel)
    for boss in (ada, vera):
        if act == "enable":
            make_person("spare", levels=[ADMIN]) if boss == ada else None
            Identity.objects.get_queryset().filter(pk=boss.pk).update(
                disabled_at=NOW, disabled_by="x"
            )
        stood = Identity.objects.get_queryset().filter(pk=boss.pk).values().get()
        answer = browser.post(f"/identities/{boss.pk}/{act}/", follow=True)

        assert "levels or roles that carry more than yours" in answer.content.decode()
        assert Identity.objects.get_queryset().filter(pk=boss.pk).values().get() == stood
    assert not Invitation.objects.filter(identity__in=[ada, vera]).exists()


def test_no_menu_offers_what_would_be_refused(
    client_of: ClientOf, hel: Identity, ada: Identity, otto: Identity
) -> None:
    browser = client_of(hel)

    assert "/disable/" not in browser.get(f"/identities/{ada.pk}/").content.decode()
    page = browser.get(f"/identities/{otto.pk}/").content.decode()
    assert f"/identities/{otto.pk}/disable/" in page
    assert f"/identities/{otto.pk}/invite/" in page
    assert f"/identities/{otto.pk}/edit/" not in page
    assert f"/identities/{otto.pk}/levels/" not in page
    assert f"/identities/{otto.pk}/delete/" not in page


def test_helpdesk_helps_those_who_may_less(
    client_of: ClientOf, hel: Identity, otto: Identity
) -> None:
    browser = client_of(hel)

    assert browser.post(f"/identities/{otto.pk}/invite/").status_code == 302
    assert Invitation.objects.filter(identity=otto, used_at=None).count() == 1
    browser.post(f"/identities/{otto.pk}/disable/")
    otto.refresh_from_db()
    assert not otto.is_active
    browser.post(f"/identities/{otto.pk}/enable/")
    otto.refresh_from_db()
    assert otto.is_active


def test_a_service_account_of_higher_levels_is_out_of_reach_too(
    hel: Identity, ada: Identity
) -> None:
    service = make_account("audit01").account.identity
    Identity.objects.get_queryset().filter(pk=service.pk).update(email="team@example.com")
    actions.set_levels(by=ada, identity=service, levels=[ADMIN], at=timezone.now())

    with pytest.raises(AboveOneself):
        invitations.invite(by=hel, identity=service, at=timezone.now())


def test_a_level_given_after_the_page_was_loaded_counts(
    hel: Identity, ada: Identity, otto: Identity
) -> None:
    assert otto.levels == frozenset()  # as the page has read it
    meanwhile = Identity.objects.get_queryset().get(pk=otto.pk)
    actions.set_levels(by=ada, identity=meanwhile, levels=[ADMIN], at=timezone.now())

    for act in (actions.disable, actions.end_sessions, invitations.invite):
        with pytest.raises(AboveOneself):
            act(by=hel, identity=otto, at=timezone.now())


def test_nobody_gives_what_they_do_not_have(hel: Identity, ada: Identity) -> None:
    check_may_give(ada, LEVELS.keys() - {OWNER, SUPER_ADMIN})
    with pytest.raises(AboveOneself):
        check_may_give(ada, [SUPER_ADMIN])
    check_may_give(hel, [HELPDESK, USER])
    for code in LEVELS:
        if not LEVELS[code].permissions <= hel.permissions:
            with pytest.raises(AboveOneself):
                check_may_give(hel, [code])


@pytest.mark.django_db(transaction=True)
def test_a_raise_and_a_disabling_at_once_end_in_one_order() -> None:
    ada, hel = make_person("ada", levels=[ADMIN]), make_person("hel", levels=[HELPDESK])
    otto = make_person("otto")

    def raised() -> None:
        actions.set_levels(by=ada, identity=otto, levels=[ADMIN], at=timezone.now())

    def disabled() -> None:
        actions.disable(by=hel, identity=otto, at=timezone.now())

    first, second = at_once([raised, disabled])

    assert first is None
    assert second is None or isinstance(second, AboveOneself)
    row = Identity.objects.get_queryset().get(pk=otto.pk)
    assert row.is_active is (second is not None)
    assert LevelAssignment.objects.filter(identity=otto).count() == 1
