from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.audit.actors import Actor
from accounts.identities.models import Origin
from accounts.models import ServiceAccount
from accounts.service_accounts import actions as service_accounts
from accounts.service_accounts import policies
from accounts.service_accounts.actions import Details, NameTaken
from accounts.takeovers.hands import followers
from tokens.access_tokens import actions as access_tokens
from tokens.credentials import actions as credentials
from tokens.credentials import pickups
from tokens.credentials.actions import Issued, KeyChoice, Prepared
from tokens.credentials.models import Credential, KeyPickup
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.credentials.within import Asking, check_within
from tokens.personal_access_tokens import handover
from tokens.personal_access_tokens import pickups as token_pickups
from tokens.scopes.coverage import covers


def create(
    *,
    by: Actor,
    details: Details,
    key: KeyChoice | Prepared,
    within: Asking | None,
    at: datetime,
    submission: uuid.UUID | None = None,
    origin: Origin = Origin.CONSOLE,
) -> Issued:
    """Make a service account and its first key: both, or neither.

    Raises:
        AlreadySubmitted: the form made an account before.
        BeyondToken: the access token by which a program asks cannot do what the account may.
        NameTaken, BadKey, DuplicateKey, DomainError: `field` names what to mend.
    """
    policies.check_may_manage(by)
    credentials.check_not_submitted(submission)
    details.cleaned(by=by, account=None, at=at)
    prepared = credentials.prepare(key)
    try:
        with transaction.atomic():
            account = service_accounts.create(by=by, details=details, at=at, origin=origin)
            credentials.submit_once(submission=submission, identity_id=account.pk, at=at)
            return credentials.add_key(
                by=by, account=account, prepared=prepared, within=within, at=at
            )
    except NameTaken:
        # perhaps by this very form, sent twice at once: then that is what has to be said
        credentials.check_not_submitted(submission)
        raise


@transaction.atomic
def edit(
    *,
    by: Actor,
    account: ServiceAccount,
    details: Details,
    revision: int,
    revoke_tokens: bool,
    keep_old_tokens: bool = False,
    within: Asking | None = None,
    at: datetime,
) -> ServiceAccount:
    """Change an account as `service_accounts.edit` does, with what follows for keys and tokens.

    A new owner ends the offer of a key to the old one, and the personal access tokens whose
    secrets the old one knows, unless `keep_old_tokens`. Issued tokens keep the scopes that they
    have until they expire, unless `revoke_tokens`. `within` is the access token of a program that
    asks: what it lacks it gives no account, whose key it may have.

    Raises:
        BeyondToken: it would.
        EditConflict, AccountGone, NameTaken, DomainError: as there.
    """
    policies.check_may_manage(by)
    before = service_accounts.lock(account)
    new = [name for name in details.scopes if not covers(before.scopes, name, imply_esv=False)]
    check_within(within, by, before.identity, new)
    changed = service_accounts.edit(
        by=by, account=account, details=details, revision=revision, at=at
    )
    if changed.owner_id != before.owner_id:
        for follow in followers.values():
            follow(by=by, before=[before], keep=keep_old_tokens, at=at)
    if revoke_tokens:
        access_tokens.revoke_all(by=by, holder=changed, at=at)
    return changed


def follow_hands(*, by: Actor, before: Sequence[ServiceAccount], keep: bool, at: datetime) -> None:
    """What becomes of keys and tokens where accounts get another owner, in that transaction: an
    offer of a key to the old one ends, and so do the personal access tokens whose secrets the old
    one knows, unless `keep`."""
    ids = [account.pk for account in before]
    offers = KeyPickup.objects.filter(identity__in=ids).unfinished().values_list("identity_id")
    tokens = Credential.objects.filter(
        identity__in=ids, kind=PERSONAL_ACCESS_TOKEN, revoked_at=None
    ).values_list("identity_id")
    token_pickups.withdraw_all(by=by, accounts=before, at=at)
    offered = {identity_id for (identity_id,) in offers}
    holding = {identity_id for (identity_id,) in tokens}
    for account in before:
        if account.pk in offered:
            pickups.withdraw_all(by=by, account=account, at=at)
        # where they end, also one that is being made at this moment
        if not keep or account.pk in holding:
            handover.hand_over(by=by, before=account, keep=keep, at=at)


@transaction.atomic
def delete(
    *, by: Actor, account: ServiceAccount, at: datetime, revision: int | None = None
) -> None:
    """Delete an account as `service_accounts.delete` does, and end the offer of a key for it.

    Raises:
        EditConflict: somebody changed it since `revision` was read.
    """
    if revision is not None:
        current = service_accounts.lock(account)
        if current.revision != revision:
            raise service_accounts.EditConflict(current)
    service_accounts.delete(by=by, account=account, at=at)
    pickups.withdraw_all(by=by, account=account, at=at)
