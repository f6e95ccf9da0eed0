"""Offers of a key to an account's owner: made, withdrawn, told by mail, used up."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.lib.errors import DomainError
from accounts.lib.registry import Registry
from accounts.models import ServiceAccount
from tokens.credentials import policies
from tokens.credentials.models import KeyPickup

LIFETIME = timedelta(days=7)
"""How long the owner may take to come for the key."""
RETRY_FIRST = timedelta(minutes=1)
RETRY_LONGEST = timedelta(hours=6)
"""Between two attempts to send the mail; each wait is twice the one before."""

announcers: Registry[Callable[[uuid.UUID], None]] = Registry("pickup announcer")
"""Who tells the owner; the console registers its mail here. Called after the commit."""


class NoOwnerToAsk(DomainError):
    """Nobody could be told of the key, or sign in to get it."""

    code = "no_owner_to_ask"


@dataclass(frozen=True)
class Offer:
    """What the owner will get."""

    algorithm: str
    key_lifetime: timedelta | None
    keep_old_for: timedelta


def offer(*, by: Actor, account: ServiceAccount, offer: Offer, at: datetime) -> KeyPickup:
    """Let the owner have a key made, once; in the transaction and under the lock of the caller.

    An earlier offer for the account ends.

    Raises:
        NoOwnerToAsk: there is no owner who can get mail and sign in.
    """
    owner = account.owner
    if owner is None or not owner.is_active:
        message = _("Name an owner who can sign in: the key will be made for them.")
        raise NoOwnerToAsk(message, field="owner")
    if not owner.email:
        message = _("%(owner)s has no e-mail address. Add one, or choose another way.")
        raise NoOwnerToAsk(message % {"owner": owner.display_name}, field="owner")
    withdraw_all(by=by, account=account, at=at)
    pickup = KeyPickup.objects.create(
        identity_id=account.pk,
        owner=owner,
        algorithm=offer.algorithm,
        key_lifetime=offer.key_lifetime,
        keep_old_for=offer.keep_old_for,
        carried=policies.rights_of(account.identity),
        scopes=policies.scopes_of(account),
        created_at=at,
        created_by=by.label[:200],
        expires_at=at + LIFETIME,
    )
    record("key.offered", by=by, subject=account, detail={"owner": owner.user_name}, at=at)
    for name in announcers.keys():  # noqa: SIM118  # a registry is no mapping
        # a failure must not look as if the offer had failed; the mail is tried again later
        transaction.on_commit(partial(announcers.get(name), pickup.pk), robust=True)
    return pickup


def withdraw_all(*, by: Actor, account: ServiceAccount, at: datetime) -> None:
    """End every offer for an account, also one that has lapsed."""
    unfinished = KeyPickup.objects.filter(identity_id=account.pk).unfinished()
    if unfinished.update(cancelled_at=at):
        record("key.offer_withdrawn", by=by, subject=account, at=at)


@transaction.atomic
def withdraw(*, by: Actor, pickup: KeyPickup, at: datetime) -> bool:
    """Take an offer back; false if it was claimed or withdrawn before."""
    policies.check_may_issue(by)
    count = KeyPickup.objects.filter(pk=pickup.pk).unfinished().update(cancelled_at=at)
    if count:
        account = ServiceAccount.objects.get(pk=pickup.identity_id)
        record("key.offer_withdrawn", by=by, subject=account, at=at)
    return bool(count)


def spend(*, pickup: KeyPickup, at: datetime) -> None:
    """Use an offer up, in the transaction that makes the key.

    Raises:
        NotYourPickup: somebody was quicker, or it was withdrawn or has lapsed.
    """
    if KeyPickup.objects.open_at(at).filter(pk=pickup.pk).update(claimed_at=at) != 1:
        raise policies.NotYourPickup


def start_mail(*, pickup: KeyPickup, at: datetime) -> bool:
    """Take on one attempt to send the mail; false if it was sent, or somebody else is at it."""
    mine = KeyPickup.objects.open_at(at).filter(
        pk=pickup.pk, sent_at=None, mail_attempts=pickup.mail_attempts
    )
    return bool(mine.update(mail_attempts=pickup.mail_attempts + 1, mail_tried_at=at))


@transaction.atomic
def note_mail_sent(*, pickup: KeyPickup, at: datetime) -> None:
    KeyPickup.objects.filter(pk=pickup.pk, sent_at=None).update(sent_at=at)
    account = ServiceAccount.objects.get(pk=pickup.identity_id)
    record(
        "key.offer_mailed",
        by=SYSTEM,
        subject=account,
        detail={"owner": pickup.owner.user_name},
        at=at,
    )


def next_attempt_at(pickup: KeyPickup) -> datetime:
    """When the mail is due to be tried again."""
    if pickup.mail_tried_at is None:
        return pickup.created_at + RETRY_FIRST
    doublings = min(max(pickup.mail_attempts - 1, 0), 16)
    wait: timedelta = min(RETRY_FIRST * 2**doublings, RETRY_LONGEST)
    return pickup.mail_tried_at + wait
