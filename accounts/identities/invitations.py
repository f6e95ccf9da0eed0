"""Single-use links: the first administrator's set-up link, and invitations to set a password."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.authorization.levels import ADMIN
from accounts.identities import actions, policies
from accounts.identities.models import Identity, Invitation, Origin, Purpose
from accounts.lib.errors import DomainError
from accounts.lib.one_time_secret import OneTimeSecret

SETUP_LINK_LIFETIME = timedelta(hours=1)
INVITATION_LIFETIME = timedelta(days=7)


class LinkSpent(DomainError):
    """The link was used, has expired, was replaced, or never existed; all said alike."""

    code = "link_spent"

    def __init__(self) -> None:
        super().__init__(
            message=_("This link no longer works. It may have been used, replaced or expired.")
        )


class BadPassword(DomainError):
    """The password is against the policy."""

    code = "bad_password"


def digest(token: str) -> bytes:
    """What is kept of a link's token, and what it is looked up by."""
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def invite(*, by: Actor, identity: Identity, at: datetime) -> Invitation:
    """Promise someone a link to set their password; `arm` makes the token when it is sent."""
    policies.check_may_manage(by)
    if not identity.is_active:
        raise DomainError(message=_("Enable this identity before you invite it."))
    if not identity.email:
        raise DomainError(message=_("Add an e-mail address first: the invitation goes there."))
    Invitation.objects.filter(identity=identity).open_at(at).update(used_at=at)
    invitation = Invitation.objects.create(
        purpose=Purpose.SET_PASSWORD,
        identity=identity,
        created_at=at,
        expires_at=at + INVITATION_LIFETIME,
    )
    record("identity.invited", by=by, subject=identity, at=at)
    return invitation


@transaction.atomic
def arm(*, invitation: Invitation, at: datetime) -> OneTimeSecret:
    """Make the token of an invitation; an earlier one stops working."""
    token = secrets.token_urlsafe(32)
    Invitation.objects.filter(pk=invitation.pk).update(token_hash=digest(token), sent_at=at)
    return OneTimeSecret(token)


@transaction.atomic
def offer_setup(*, at: datetime) -> OneTimeSecret:
    """Make the link by which the first administrator is made; any earlier one stops working."""
    Invitation.objects.filter(purpose=Purpose.FIRST_ADMINISTRATOR).open_at(at).update(used_at=at)
    invitation = Invitation.objects.create(
        purpose=Purpose.FIRST_ADMINISTRATOR,
        created_at=at,
        expires_at=at + SETUP_LINK_LIFETIME,
    )
    record("setup.link_made", by=SYSTEM, subject=invitation, at=at)
    return arm(invitation=invitation, at=at)


def find_open(*, token: str, purpose: Purpose, at: datetime) -> Invitation:
    """The open invitation with this token.

    Raises:
        LinkSpent: there is none, or its identity may not sign in.
    """
    found = (
        Invitation.objects.select_related("identity")
        .filter(token_hash=digest(token), purpose=purpose)
        .open_at(at)
        .first()
    )
    if found is None or (found.identity is not None and not found.identity.is_active):
        raise LinkSpent
    return found


def _spend(invitation: Invitation, at: datetime) -> None:
    spent = Invitation.objects.filter(pk=invitation.pk).open_at(at).update(used_at=at)
    if spent != 1:
        raise LinkSpent


@transaction.atomic
def register(*, token: str, password: str, at: datetime) -> Identity:
    """Set the password of an invited identity and use the link up."""
    invitation = find_open(token=token, purpose=Purpose.SET_PASSWORD, at=at)
    identity = invitation.identity
    if identity is None:
        raise LinkSpent
    set_password(identity=identity, password=password)
    _spend(invitation, at)
    record("identity.registered", by=identity, subject=identity, at=at)
    return identity


@transaction.atomic
def set_up(*, token: str, user_name: str, email: str, password: str, at: datetime) -> Identity:
    """Make the first administrator by the set-up link."""
    invitation = find_open(token=token, purpose=Purpose.FIRST_ADMINISTRATOR, at=at)
    _spend(invitation, at)
    return create_first_administrator(user_name=user_name, email=email, password=password, at=at)


@transaction.atomic
def create_first_administrator(
    *, user_name: str, email: str, password: str, at: datetime
) -> Identity:
    """Make the administrator of a tenant that has none.

    Raises:
        LinkSpent: there is an administrator already, so nobody needs this.
    """
    if Identity.objects.active().holding(ADMIN).exists():
        raise LinkSpent
    person = actions.create_person(
        by=SYSTEM,
        user_name=user_name,
        first_name="",
        last_name="",
        email=email,
        levels=[ADMIN],
        origin=Origin.SETUP,
        at=at,
    )
    set_password(identity=person, password=password)
    return person


def set_password(*, identity: Identity, password: str) -> None:
    """Store the hash of a password that passes the policy.

    Raises:
        BadPassword: with every rule that it breaks.
    """
    try:
        validate_password(password, identity)
    except ValidationError as error:
        raise BadPassword(message=" ".join(error.messages), field="password") from error
    identity.set_password(password)
    identity.save(update_fields=["password"])
