"""Forgotten passwords: who asks gets a link by mail, and nobody learns whether they exist."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.audit import record
from accounts.audit.actors import UnknownActor
from accounts.audit.models import Outcome
from accounts.identities import actions, links, notices, passwords, policies
from accounts.identities.models import Identity, Invitation, Purpose
from accounts.sign_in_providers import sso_only

LIFETIME = timedelta(minutes=30)
"""Of the link. Short, because anybody can cause it; ASVS 6.4.1 allows an hour."""
MOST_IN_AN_HOUR = 3
"""Mails for one identity; whoever asks more often fills no mailbox and ends no link."""


@transaction.atomic
def ask(*, typed: str, at: datetime) -> Invitation | None:
    """Mail a link to whoever `typed` names, if that is one identity that has a password.

    None where no mail goes out; the caller must answer the person alike, and as quickly: so it
    is called by a worker. An e-mail address will do where only one identity has it.
    """
    found = _named(typed)
    refused = _why_not(found, at)
    identity = None if refused or found is None else actions.lock(found)
    if identity is not None and not _may_have_another(identity, at):
        refused, identity = "asked too often", None
    record(
        "identity.password_reset_asked",
        # what names nobody may be their password, typed by mistake: the log keeps it not
        by=UnknownActor(label=found.user_name) if found else UnknownActor(),
        subject=found,
        outcome=Outcome.REFUSED if refused else Outcome.DONE,
        reason=refused,
        at=at,
    )
    if identity is None:
        return None
    forget(identity, at=at)
    invitation = Invitation.objects.create(
        purpose=Purpose.RESET_PASSWORD,
        identity=identity,
        created_at=at,
        expires_at=at + LIFETIME,
        next_try_at=at,
    )
    notices.mail(invitation)
    return invitation


def forget(identity: Identity, *, at: datetime) -> None:
    """Make the links stop working that somebody asked for: they remember, or asked again."""
    asked = Invitation.objects.filter(identity=identity, purpose=Purpose.RESET_PASSWORD)
    asked.open_at(at).update(used_at=at)


@transaction.atomic
def finish(*, token: str, password: str, at: datetime) -> Identity:
    """Set another password by the link; all sessions end. A second factor is still asked for.

    Raises:
        LinkSpent: the link does not work (any more).
        BadPassword: with every rule that it breaks; the link still works then.
    """
    invitation = find_open(token=token, at=at)
    assert invitation.identity is not None
    try:
        identity = actions.lock(invitation.identity)  # before its links, as everybody takes them
    except actions.IdentityGone as error:
        raise links.LinkSpent from error
    if not _may_reset(identity, at):
        raise links.LinkSpent
    links.spend(invitation, at)
    passwords.store(identity=identity, password=password, at=at)
    record("identity.password_reset", by=identity, subject=identity, at=at)
    notices.tell(identity, notices.PASSWORD_CHANGED, at=at)
    return identity


def find_open(*, token: str, at: datetime) -> Invitation:
    """The open link with this token, of somebody who may use it.

    Raises:
        LinkSpent: there is none.
    """
    invitation = links.find_open(token=token, purpose=Purpose.RESET_PASSWORD, at=at)
    if invitation.identity is None or not _may_reset(invitation.identity, at):
        raise links.LinkSpent
    return invitation


def _may_reset(identity: Identity, at: datetime) -> bool:
    """Whoever never had a password has nothing to reset: inviting is an administrator's act. Nor
    has one whose password does not count."""
    if not identity.is_registered or not sso_only.current().lets_in(identity):
        return False
    return policies.may_sign_in(identity, at=at)


def _named(typed: str) -> Identity | None:
    name = typed.strip()
    try:
        return Identity.objects.get_by_natural_key(name)
    except Identity.DoesNotExist:
        pass
    if "@" not in name or "\0" in name:
        return None
    having = Identity.objects.active().filter(email__iexact=name)
    several = [found for found in having[:50] if found.is_registered][:2]
    return several[0] if len(several) == 1 else None


def _why_not(found: Identity | None, at: datetime) -> str:
    if found is None:
        return "no such identity"
    if not _may_reset(found, at):
        return "has no password, or may not sign in"
    if not found.email:
        return "has no e-mail address"
    return ""


def _may_have_another(identity: Identity, at: datetime) -> bool:
    asked = Invitation.objects.filter(identity=identity, purpose=Purpose.RESET_PASSWORD)
    return asked.filter(created_at__gt=at - timedelta(hours=1)).count() < MOST_IN_AN_HOUR
