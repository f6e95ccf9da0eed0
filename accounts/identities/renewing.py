"""Invitations that nobody sent by hand are sent again by themselves, a few times."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.identities import notices, policies
from accounts.identities.invitations import INVITATION_LIFETIME
from accounts.identities.models import Identity, Invitation, Purpose

MOST_RENEWALS: Final = 2
"""After that many that expired, the last one stays: three weeks of mails are enough."""
AT_ONCE: Final = 500


def withdraw_misdirected(changed: QuerySet[Identity], *, at: datetime) -> None:
    """Stop links that went to a mailbox which is not the identity's any more.

    Those that are sent by themselves go out anew, to the new address.
    """
    out = Invitation.objects.filter(identity__in=changed.values("pk")).open_at(at)
    astray = out.exclude(email=F("identity__email"))
    astray.exclude(renew_at=None).update(used_at=at, next_try_at=None, renew_at=at)
    astray.update(used_at=at, next_try_at=None)


@transaction.atomic
def renew_due(*, at: datetime) -> int:
    """Invite those again whose time has come; answers how many were looked at.

    Identities are locked before their links, as everybody does; whoever is busy with one of
    them is not waited for: it is due the next time still.
    """
    due = list(Invitation.objects.filter(renew_at__lte=at).order_by("renew_at", "pk")[:AT_ONCE])
    locked = {
        identity.pk: identity
        for identity in Identity.objects.existing()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("service_account")
        .filter(pk__in=[old.identity_id for old in due])
        .order_by("pk")
    }
    new = []
    for old in due:
        identity = locked.get(old.identity_id) if old.identity_id else None
        if identity is not None and _is_taken(old, at) and _may_follow(identity, at):
            new.append(_next(old, identity, at))
    Invitation.objects.bulk_create(new, batch_size=AT_ONCE)
    for invitation in new:
        assert invitation.identity is not None
        detail = {"email": invitation.email, "renewals": invitation.renewals}
        record("identity.invited", by=SYSTEM, subject=invitation.identity, detail=detail, at=at)
    if new:
        notices.mail_due()
    return len(due)


def _is_taken(old: Invitation, at: datetime) -> bool:
    """Of two workers that see the same one, the first."""
    return bool(Invitation.objects.filter(pk=old.pk, renew_at__lte=at).update(renew_at=None))


def _may_follow(identity: Identity, at: datetime) -> bool:
    may_sign_in = policies.may_sign_in(identity, at=at)
    return may_sign_in and not identity.is_registered and bool(identity.email)


def _next(old: Invitation, identity: Identity, at: datetime) -> Invitation:
    renewals = old.renewals + (1 if old.expires_at <= at else 0)
    expires_at = at + INVITATION_LIFETIME
    return Invitation(
        purpose=Purpose.SET_PASSWORD,
        identity=identity,
        created_at=at,
        expires_at=expires_at,
        next_try_at=at,
        email=identity.email,
        automatic=True,
        renewals=renewals,
        renew_at=expires_at if renewals < MOST_RENEWALS else None,
    )
