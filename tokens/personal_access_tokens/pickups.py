"""Tokens of an account that its owner may have made once: what a request was approved for.

Nothing secret exists until the owner comes for it, and then it is shown to them alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.identities.actions import lock
from accounts.lib.errors import DomainError
from accounts.models import Identity, ServiceAccount
from tokens.credentials.policies import check_not_risen, rights_of
from tokens.credentials.within import Asking, check_within
from tokens.personal_access_tokens import actions, policies
from tokens.personal_access_tokens.actions import Draft, Issued
from tokens.personal_access_tokens.lifetimes import Lifetime
from tokens.personal_access_tokens.models import TokenPickup, TokenPickupQuerySet

OPEN_FOR: Final = timedelta(days=7)
"""How long the owner may take to come for it."""


class NotYourToken(DomainError):
    """Somebody else's, or one that was claimed, withdrawn or has lapsed."""

    code = "not_your_token"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This token is not waiting for you any more: it was made, was withdrawn or has "
                "lapsed. Ask for a new one."
            )
        )


def offer(
    *, by: Actor, account: ServiceAccount, draft: Draft, lifetime: timedelta, at: datetime
) -> TokenPickup:
    """Let the owner of an account have a token made, once; in the transaction of the caller, who
    has asked whether that may be.

    Raises:
        NotYourToken: nobody owns the account.
    """
    if account.owner is None:
        raise NotYourToken
    pickup = TokenPickup.objects.create(
        identity_id=account.pk,
        owner=account.owner,
        name=draft.name,
        scopes=list(draft.scopes),
        carried=rights_of(account.identity),
        lifetime=lifetime,
        created_at=at,
        created_by=by.label[:200],
        expires_at=at + OPEN_FOR,
    )
    detail = {"owner": account.owner.user_name, "name": pickup.name, "scopes": pickup.scopes}
    record("personal_access_token.offered", by=by, subject=account, detail=detail, at=at)
    return pickup


def claim(
    *, by: Identity, pickup: TokenPickup, name: str, within: Asking | None, at: datetime
) -> Issued:
    """Make the token that waits for its owner, called as they like, and show it once; `within` as
    for one that nobody had to approve.

    Raises:
        BeyondToken: the access token by which a program claims it cannot do as much.
        NotYourToken: it was not offered to them, they are not the owner any more, or it is not
            open any more.
        RisenSince: the account may do more by now than was decided about.
        HolderNotActive, TooManyTokens, NameTaken, BadText, BadScopes
    """
    if pickup.owner_id != by.pk or not by.is_active:
        raise NotYourToken
    with transaction.atomic():
        # the account first, as whoever gives it another owner does
        rows = ServiceAccount.objects.existing().select_for_update(of=("self",))
        account = rows.filter(pk=pickup.identity_id).first()
        if account is None or account.owner_id != by.pk:
            raise NotYourToken
        holder = lock(pickup.identity)
        if not TokenPickup.objects.open_at(at).filter(pk=pickup.pk).update(claimed_at=at):
            raise NotYourToken
        check_not_risen(by, holder, pickup.carried)
        pickup.refresh_from_db(fields=["scopes"])
        check_within(within, by, holder, pickup.scopes)
        draft = Draft(name, pickup.scopes, Lifetime(at + pickup.lifetime))
        return actions.make(by=by, holder=holder, draft=draft, at=at)


def withdraw_all(*, by: Actor, accounts: Sequence[ServiceAccount], at: datetime) -> None:
    """End what waits for the owners of accounts that get other owners."""
    waiting = TokenPickup.objects.filter(identity__in=[account.pk for account in accounts])
    for pickup in waiting.unfinished().select_related("identity").order_by("pk"):
        _cancel(pickup, by=by, at=at)


def take_scopes(*, by: Actor, names: Collection[str], at: datetime) -> None:
    """Take scopes that are no more from what waits, in the transaction of who removes them: else
    it could not be claimed. What has no scope left is withdrawn."""
    waiting = TokenPickup.objects.unfinished().select_related("identity").order_by("pk")
    for pickup in waiting.select_for_update(of=("self",)):
        left = [name for name in pickup.scopes if name not in names]
        if left == pickup.scopes:
            continue
        if not left:
            _cancel(pickup, by=by, at=at)
            continue
        before, pickup.scopes = pickup.scopes, left
        pickup.save(update_fields=["scopes"])
        record(
            "personal_access_token.offer_edited",
            by=by,
            subject=policies.subject_of(pickup.identity),
            before={"scopes": before},
            after={"scopes": left},
            detail={"name": pickup.name},
            at=at,
        )


def _cancel(pickup: TokenPickup, *, by: Actor, at: datetime) -> None:
    TokenPickup.objects.filter(pk=pickup.pk).unfinished().update(cancelled_at=at)
    subject, detail = policies.subject_of(pickup.identity), {"name": pickup.name}
    action = "personal_access_token.offer_withdrawn"
    record(action, by=by, subject=subject, detail=detail, at=at)


def waiting_for(person: Identity, now: datetime) -> TokenPickupQuerySet:
    """The tokens that somebody can have made now, the most urgent first."""
    mine = TokenPickup.objects.open_at(now).filter(
        owner=person,
        identity__service_account__owner=person,
        identity__service_account__deleted_at=None,
    )
    return mine.select_related("identity__service_account").order_by("expires_at", "pk")
