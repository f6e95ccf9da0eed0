"""Invitations to set a password, as links that are mailed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.audit.models import Outcome
from accounts.audit.plain import one_line
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.identities import actions, links, notices, passwords, policies
from accounts.identities.models import Identity, Invitation, Purpose
from accounts.lib.errors import DomainError
from accounts.lib.one_time_secret import OneTimeSecret

INVITATION_LIFETIME = timedelta(days=7)
RESET_LIFETIME = timedelta(days=1)
"""Of a link for somebody who has a password already."""
MOST_TRIES = 8
"""Of one mail, 2, 4, 8, ... minutes apart: some eight hours, then it is given up and shown."""


class CannotInvite(DomainError):
    """There is nobody who could follow the link, or no address to send it to."""

    code = "cannot_invite"


def check_can_be_invited(identity: Identity, *, at: datetime) -> None:
    """
    Raises:
        CannotInvite: with what is in the way.
    """
    if not identity.is_active:
        raise CannotInvite(message=_("Enable this identity before you invite it."))
    if policies.has_ended(identity, at=at):
        raise CannotInvite(
            message=_("This service account has ended. Move its end date before you invite it.")
        )
    if not policies.may_sign_in(identity, at=at):
        raise CannotInvite(message=_("An identity of this kind does not sign in."))
    if not identity.email:
        raise CannotInvite(message=_("Add an e-mail address first: the invitation goes there."))


@transaction.atomic
def invite(*, by: Actor, identity: Identity, at: datetime) -> Invitation:
    """Mail the link to set a password, or a new one. An earlier link dies.

    The mail of a service account goes to its address, which somebody reads who may use it.

    Raises:
        CannotInvite: it may not sign in, or has no e-mail address.
        IdentityGone: there is nobody to invite.
    """
    identity = actions.lock(identity)  # of two at once, the later one's link is to live
    is_reset = identity.is_registered
    needed = Permission.IDENTITY_RESET if is_reset else Permission.IDENTITY_INVITE
    policies.check_may_act_on(by, identity, needed)
    return send_link(by=by, identity=identity, at=at)


def send_link(*, by: Actor, identity: Identity, at: datetime) -> Invitation:
    """For the actions that mean it, with the identity locked: `invite` without its question.

    Raises:
        CannotInvite: it may not sign in, or has no e-mail address.
    """
    check_can_be_invited(identity, at=at)
    is_reset = identity.is_registered
    links.revoke(identity=identity, at=at)
    invitation = Invitation.objects.create(
        purpose=Purpose.SET_PASSWORD,
        identity=identity,
        created_at=at,
        expires_at=at + (RESET_LIFETIME if is_reset else INVITATION_LIFETIME),
        next_try_at=at,
        email=identity.email,
    )
    action = "identity.password_link_requested" if is_reset else "identity.invited"
    record(action, by=by, subject=identity, detail={"email": identity.email}, at=at)
    notices.mail(invitation)
    return invitation


@transaction.atomic
def retry(*, by: Actor, invitation: Invitation, at: datetime) -> None:
    """Try once more to mail what did not go out; the link is the same invitation's.

    Raises:
        CannotInvite: it was sent, used, replaced or has expired: send another one.
        IdentityGone: there is nobody to invite.
    """
    check_may(by, Permission.IDENTITY_INVITE)
    if invitation.identity is None:
        raise CannotInvite(message=_("This link goes to nobody by mail."))
    identity = actions.lock(invitation.identity)
    needed = Permission.IDENTITY_RESET if identity.is_registered else Permission.IDENTITY_INVITE
    policies.check_may_act_on(by, identity, needed)
    check_can_be_invited(identity, at=at)
    waiting = Invitation.objects.filter(pk=invitation.pk, sent_at=None).open_at(at)
    if not waiting.update(next_try_at=at, tries=0):
        raise CannotInvite(message=_("This link is no longer waiting. Send another one."))
    record("identity.invitation_retried", by=by, subject=identity, at=at)
    notices.mail(invitation)


@dataclass(frozen=True)
class Mailing:
    """What goes into the mail of an invitation."""

    invitation: Invitation
    identity: Identity
    token: OneTimeSecret


@transaction.atomic
def take_for_mailing(invitation_id: uuid.UUID, *, at: datetime) -> Mailing | None:
    """Make the token for a mail that is due, so that it exists nowhere but in that mail.

    None where nothing is due: it was sent, used or replaced, another worker has it, or there is
    nobody to send it to any more, which is noted. Should
    the mail not be sent after all, it is due again a little later, with another token.
    """
    invitation = (
        Invitation.objects.to_be_mailed(at)
        .select_for_update(of=("self",))
        .select_related("identity")
        .filter(pk=invitation_id)
        .first()
    )
    if invitation is None or invitation.identity is None:
        return None
    try:
        check_can_be_invited(invitation.identity, at=at)
    except CannotInvite as error:
        Invitation.objects.filter(pk=invitation.pk).update(
            next_try_at=None, failure=one_line(error.message, 200)
        )
        return None
    invitation.tries += 1
    invitation.next_try_at = at + timedelta(minutes=2**invitation.tries)
    invitation.email = invitation.identity.email
    invitation.save(update_fields=["tries", "next_try_at", "email"])
    return Mailing(invitation, invitation.identity, links.arm(invitation=invitation))


@transaction.atomic
def note_sent(invitation: Invitation, *, at: datetime) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=at, next_try_at=None, failure="")
    record("identity.invitation_sent", by=SYSTEM, subject=invitation.identity, at=at)


@transaction.atomic
def note_not_sent(
    invitation: Invitation, *, reason: str, at: datetime, for_good: bool = False
) -> None:
    """Keep why a mail did not go out; after the last try, or `for_good`, it is given up."""
    given_up = for_good or invitation.tries >= MOST_TRIES
    Invitation.objects.filter(pk=invitation.pk).update(
        failure=one_line(reason, 200), next_try_at=None if given_up else F("next_try_at")
    )
    if given_up or invitation.tries == 1:
        record(
            "identity.invitation_not_sent",
            by=SYSTEM,
            subject=invitation.identity,
            outcome=Outcome.FAILED,
            reason=reason,
            detail={"given_up": given_up},
            at=at,
        )


@transaction.atomic
def register(*, token: str, password: str, at: datetime) -> Identity:
    """Set the password of somebody who was invited and use the link up.

    Raises:
        LinkSpent: the link does not work (any more).
        BadPassword: with every rule that it breaks; the link still works then.
    """
    invitation = links.find_open(token=token, purpose=Purpose.SET_PASSWORD, at=at)
    if invitation.identity is None:
        raise links.LinkSpent
    try:
        # before its links, as everybody takes them
        identity = actions.lock(invitation.identity)
    except actions.IdentityGone as error:
        raise links.LinkSpent from error
    if not policies.may_sign_in(identity, at=at):
        raise links.LinkSpent
    links.spend(invitation, at)
    was_registered = identity.is_registered
    passwords.store(identity=identity, password=password, at=at)
    if was_registered:
        record("identity.password_changed", by=identity, subject=identity, at=at)
        notices.tell(identity, notices.PASSWORD_CHANGED, at=at)
    else:
        record("identity.registered", by=identity, subject=identity, at=at)
    return identity
