"""Inviting several identities that somebody ticked in a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.identities import actions, invitations, policies
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError

MOST: Final = 200
"""Ticked at a time."""
SHARING_COUNTED: Final = 100


class HasPassword(DomainError):
    """The identity has registered already: an invitation is not what it needs."""

    code = "has_password"

    def __init__(self) -> None:
        super().__init__(message=_("Has a password already. Reset it to start over."))


@dataclass(frozen=True)
class Line:
    """One of those that were ticked, and what an invitation would come to."""

    identity: Identity
    problem: str
    """Why it gets no mail; empty where it gets one."""
    sharing: int
    """How many identities have the same address, counted up to `SHARING_COUNTED`."""


def preview(*, by: Actor, identities: Iterable[Identity], at: datetime) -> list[Line]:
    """Who would get a mail, who not and why; nothing is changed."""
    check_may(by, Permission.IDENTITY_INVITE)
    identities = list(identities)
    sharing = {email: _sharing(email) for email in {i.email for i in identities if i.email}}
    return [Line(i, _problem(by, i, at), sharing.get(i.email, 0)) for i in identities]


@transaction.atomic
def invite(*, by: Actor, identities: Iterable[Identity], at: datetime) -> list[Line]:
    """Invite each that can be, by a mail of its own; answers all with what came of them.

    They are locked in one order, so that two of these at once do not wait for each other.
    """
    check_may(by, Permission.IDENTITY_INVITE)
    lines = []
    for identity in sorted(identities, key=lambda identity: identity.pk):
        problem = ""
        try:
            current = actions.lock(identity)
            _check(by, current, at)
            invitations.send_link(by=by, identity=current, at=at)
        except DomainError as error:  # each is raised before anything is written
            problem = error.message
        lines.append(Line(identity, problem, 0))
    return lines


def _problem(by: Actor, identity: Identity, at: datetime) -> str:
    try:
        _check(by, identity, at)
    except DomainError as error:
        return error.message
    return ""


def _check(by: Actor, identity: Identity, at: datetime) -> None:
    policies.check_may_act_on(by, identity, Permission.IDENTITY_INVITE)
    if identity.is_registered:
        raise HasPassword
    invitations.check_can_be_invited(identity, at=at)


def _sharing(email: str) -> int:
    return Identity.objects.existing().filter(email=email)[:SHARING_COUNTED].count()
