"""How a tenant without an administrator gets one: by the environment, or by a set-up link."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.identities import actions, links, ownership, passwords, queries
from accounts.identities.models import Identity, Invitation, Origin, Purpose
from accounts.lib.one_time_secret import OneTimeSecret

SETUP_LINK_LIFETIME = timedelta(hours=1)
SETUP_ID = uuid.uuid5(uuid.NAMESPACE_URL, "steward:first-administrator")
"""Of the one row for the set-up link; who makes the first administrator locks it."""


@transaction.atomic
def offer_link(*, at: datetime) -> OneTimeSecret:
    """Make the link by which the first administrator is made; any earlier one stops working.

    Raises:
        LinkSpent: there is an administrator already.
    """
    invitation = _locked_setup(at=at)
    Invitation.objects.filter(pk=invitation.pk).update(
        created_at=at, expires_at=at + SETUP_LINK_LIFETIME, used_at=None
    )
    record("setup.link_made", by=SYSTEM, subject=invitation, at=at)
    return links.arm(invitation=invitation)


def find_link(*, token: str, at: datetime) -> Invitation:
    """The open set-up link with this token.

    Raises:
        LinkSpent: there is none, or there is an administrator already.
    """
    invitation = links.find_open(token=token, purpose=Purpose.FIRST_ADMINISTRATOR, at=at)
    if queries.has_administrator():
        raise links.LinkSpent
    return invitation


@transaction.atomic
def create_by_link(
    *, token: str, user_name: str, email: str, password: str, at: datetime
) -> Identity:
    """Make the first administrator by the set-up link.

    Raises:
        LinkSpent: the link does not work (any more), or there is an administrator already.
        DomainError: a field is wrong; `field` names it, and the link still works.
    """
    find_link(token=token, at=at)
    return create(user_name=user_name, email=email, password=password, at=at)


@transaction.atomic
def create(*, user_name: str, email: str, password: str, at: datetime) -> Identity:
    """Make the administrator of a tenant that has none: its Owner. Of two at once, one fails.

    Raises:
        LinkSpent: there is an administrator already, so nobody needs this.
        DomainError: a field is wrong; `field` names it.
    """
    row = _locked_setup(at=at)
    Invitation.objects.filter(pk=row.pk).update(used_at=at)
    person = actions.create_person(
        by=SYSTEM,
        user_name=user_name,
        first_name="",
        last_name="",
        email=email,
        levels=[],
        origin=Origin.SETUP,
        at=at,
    )
    ownership.appoint_first(first=person, at=at)
    passwords.store(identity=person, password=password, at=at)
    return person


def _locked_setup(*, at: datetime) -> Invitation:
    """The row of the set-up link, made where it is missing, locked until the transaction ends."""
    Invitation.objects.get_or_create(
        pk=SETUP_ID,
        defaults={"purpose": Purpose.FIRST_ADMINISTRATOR, "created_at": at, "expires_at": at},
    )
    row = Invitation.objects.select_for_update().get(pk=SETUP_ID)
    if queries.has_administrator():  # looked up only now: a rival may have just made one
        raise links.LinkSpent
    return row
