from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.lib.errors import DomainError
from accounts.lib.one_time_secret import OneTimeSecret
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts.actions import AccountGone, lock
from tokens.access_tokens import actions as access_tokens
from tokens.credentials import pickups, policies
from tokens.credentials.models import Credential, KeyOrigin, KeyPickup, Submission
from tokens.credentials.types import key_pair
from tokens.credentials.within import Asking, check_key_within

KEEP_OLD_CHOICES = (
    timedelta(0),
    timedelta(hours=1),
    timedelta(hours=24),
    timedelta(days=7),
    timedelta(days=30),
)
"""How long a replaced key may go on; the first is PingOne's behaviour and the default."""
KEEP_OLD_MAX = KEEP_OLD_CHOICES[-1]


class AlreadySubmitted(DomainError):
    """The same form came a second time; the first time issued the key, which is gone now."""

    code = "already_submitted"

    def __init__(self, submission: Submission) -> None:
        super().__init__(
            message=_(
                "This form was sent before, and its key was shown then. "
                "Nothing new was made. If the key was lost, regenerate it."
            )
        )
        self.account_id = submission.identity_id


class DuplicateKey(DomainError):
    """The public key is in use already."""

    code = "duplicate_key"


@dataclass(frozen=True)
class KeyChoice:
    """Where the key of an account comes from."""

    origin: KeyOrigin
    algorithm: str = key_pair.ALGORITHMS[0]
    public_key: str = ""
    """For `BROWSER` and `UPLOADED`: JWK, JWK set or PEM."""
    lifetime: timedelta | None = None
    """After which the key expires; None for never."""


@dataclass(frozen=True)
class Prepared:
    """A key that is ready to be stored; made before the transaction, since RSA takes seconds."""

    choice: KeyChoice
    half: key_pair.PublicHalf | None
    private: OneTimeSecret | None


@dataclass(frozen=True)
class Issued:
    """What came of a request for a key: a credential, or an offer to the owner."""

    account: ServiceAccount
    credential: Credential | None = None
    private: OneTimeSecret | None = None
    pickup: KeyPickup | None = None


def prepare(choice: KeyChoice | Prepared) -> Prepared:
    """Make or read the key of `choice`; one that is prepared already is returned as it is.

    Raises:
        BadKey: an uploaded key is refused, or the algorithm is unknown.
    """
    if isinstance(choice, Prepared):
        return choice
    match choice.origin:
        case KeyOrigin.BROWSER | KeyOrigin.UPLOADED:
            return Prepared(choice, key_pair.parse_public(choice.public_key), None)
        case KeyOrigin.OWNER:
            if choice.algorithm not in key_pair.ALGORITHMS:
                raise key_pair.UnknownAlgorithm
            return Prepared(choice, None, None)
        case _:
            half, private = key_pair.generate(choice.algorithm)
            return Prepared(choice, half, private)


def submit_once(*, submission: uuid.UUID | None, identity_id: uuid.UUID, at: datetime) -> None:
    """Use up the id of a form, inside the transaction that issues.

    Raises:
        AlreadySubmitted: it was used before, perhaps a moment ago by another request.
    """
    if submission is None:
        return
    try:
        with transaction.atomic():
            Submission.objects.create(id=submission, identity_id=identity_id, at=at)
    except IntegrityError as error:
        raise AlreadySubmitted(Submission.objects.get(pk=submission)) from error


def check_not_submitted(submission: uuid.UUID | None) -> None:
    """Refuse a repeated form before the costly part; `submit_once` is what decides.

    Raises:
        AlreadySubmitted: the form issued something before.
    """
    if submission and (found := Submission.objects.filter(pk=submission).first()):
        raise AlreadySubmitted(found)


def add_key(
    *,
    by: Actor,
    account: ServiceAccount,
    prepared: Prepared,
    within: Asking | None,
    at: datetime,
) -> Issued:
    """Store a prepared key, or offer it to the owner; inside the caller's transaction.

    `within` is the access token of a program that asks: only by one that can do as much as the
    account comes anybody by its key, other than the owner who is to download it.

    Raises:
        BeyondToken: it cannot.
        DuplicateKey: this or another account has, or had, the same key.
        NoOwnerToAsk: the owner is to download it, and there is none who could.
    """
    choice = prepared.choice
    if prepared.half is None:
        offered = pickups.Offer(choice.algorithm, choice.lifetime, keep_old_for=timedelta(0))
        return Issued(account, pickup=pickups.offer(by=by, account=account, offer=offered, at=at))
    check_key_within(within, by, account)
    half, credential = prepared.half, _stored(by, account, prepared, at)
    record(
        "key.issued",
        by=by,
        subject=account,
        detail={
            "kid": half.key_id,
            "algorithm": half.algorithm,
            "thumbprint": half.thumbprint,
            "origin": choice.origin,
            "expires_at": credential.expires_at.isoformat() if credential.expires_at else None,
        },
        at=at,
    )
    return Issued(account, credential=credential, private=prepared.private)


def _stored(by: Actor, account: ServiceAccount, prepared: Prepared, at: datetime) -> Credential:
    """The key as a row."""
    choice, half = prepared.choice, prepared.half
    assert half is not None
    credential = Credential(
        identity_id=account.pk,
        kind=key_pair.KEY_PAIR,
        key_id=half.key_id,
        algorithm=half.algorithm,
        public=half.jwk,
        thumbprint=half.thumbprint,
        origin=choice.origin,
        created_at=at,
        created_by=by.label[:200],
        made_by_id=by.pk if isinstance(by, Identity) else None,
        expires_at=at + choice.lifetime if choice.lifetime else None,
        stored_at=at if choice.origin in (KeyOrigin.UPLOADED, KeyOrigin.COMMAND) else None,
    )
    _check_new(credential)
    try:
        with transaction.atomic():
            credential.save(force_insert=True)
    except IntegrityError:
        _check_new(credential)  # says which; it was stored between the look and the write
        raise
    return credential


def _check_new(credential: Credential) -> None:
    """Raises DuplicateKey if the key, or its `kid` on this account, is or was in use."""
    keys = Credential.objects.filter(kind=key_pair.KEY_PAIR)
    if keys.filter(thumbprint=credential.thumbprint).exists():
        raise DuplicateKey(
            message=_("This key is or was in use already. Make a new key pair for each account."),
            field="public_key",
        )
    if keys.filter(identity_id=credential.identity_id, key_id=credential.key_id).exists():
        raise DuplicateKey(
            message=_("This account has a key with the same “kid”. Choose another “kid”."),
            field="public_key",
        )


def regenerate(
    *,
    by: Actor,
    account: ServiceAccount,
    choice: KeyChoice | Prepared,
    keep_old_for: timedelta,
    revoke_tokens: bool,
    within: Asking | None,
    at: datetime,
    submission: uuid.UUID | None = None,
) -> Issued:
    """Replace the account's keys by a new one.

    The old keys stop at once, or after `keep_old_for`; an offer to the owner leaves them alone
    until the owner takes it. Tokens issued before live until they expire, unless
    `revoke_tokens` (PingOne's behaviour, and its remedy), which ends them now.

    Raises:
        AboveOneself: the account may do more than the actor.
        BeyondToken: or than the access token by which a program asks.
        AlreadySubmitted, DuplicateKey, BadKey, AccountGone, AccountNotActive, NoOwnerToAsk
    """
    policies.check_may_issue(by)
    check_keep_old(keep_old_for)
    check_not_submitted(submission)
    _check_takes_keys(account, at)
    prepared = prepare(choice)
    with transaction.atomic():
        current = lock(account)
        policies.check_may_issue_for(by, current)
        policies.check_account_takes_keys(current, at)
        submit_once(submission=submission, identity_id=current.pk, at=at)
        if prepared.half is None:
            plan = prepared.choice
            offered = pickups.Offer(plan.algorithm, plan.lifetime, keep_old_for)
            pickup = pickups.offer(by=by, account=current, offer=offered, at=at)
            issued = Issued(current, pickup=pickup)
        else:
            pickups.withdraw_all(by=by, account=current, at=at)
            issued = _replace(
                by=by,
                account=current,
                prepared=prepared,
                keep_old_for=keep_old_for,
                within=within,
                at=at,
            )
        if revoke_tokens:
            access_tokens.revoke_all(by=by, holder=current, at=at)
        return issued


def check_keep_old(keep_old_for: timedelta) -> None:
    if not timedelta(0) <= keep_old_for <= KEEP_OLD_MAX:
        raise DomainError(
            message=_("The old key may stay valid for 30 days at most."), field="keep_old_for"
        )


def _check_takes_keys(account: ServiceAccount, at: datetime) -> None:
    """Look before the costly part; the look under the lock is what decides."""
    found = ServiceAccount.objects.existing().filter(pk=account.pk).first()
    if found is None:
        raise AccountGone
    policies.check_account_takes_keys(found, at)


def _replace(
    *,
    by: Actor,
    account: ServiceAccount,
    prepared: Prepared,
    keep_old_for: timedelta,
    within: Asking | None,
    at: datetime,
) -> Issued:
    end = at + keep_old_for
    old = Credential.objects.filter(identity_id=account.pk, kind=key_pair.KEY_PAIR).usable_at(at)
    replaced = list(old.order_by("created_at", "pk").values_list("key_id", flat=True))
    sooner = old.filter(retires_at=None) | old.filter(retires_at__gt=end)
    sooner.update(retires_at=end)
    issued = add_key(by=by, account=account, prepared=prepared, within=within, at=at)
    record(
        "key.replaced",
        by=by,
        subject=account,
        detail={"kids": replaced, "valid_until": end.isoformat()},
        at=at,
    )
    return issued


@transaction.atomic
def revoke(*, by: Actor, credential: Credential, at: datetime) -> None:
    """Stop a credential for good, and the tokens issued with it. Twice is harmless."""
    policies.check_may_issue(by)
    count = Credential.objects.filter(pk=credential.pk, revoked_at=None).update(
        revoked_at=at, revoked_by=by.label[:200]
    )
    credential.refresh_from_db()
    if count:
        account = ServiceAccount.objects.get(pk=credential.identity_id)
        record("key.revoked", by=by, subject=account, detail={"kid": credential.key_id}, at=at)


@transaction.atomic
def confirm_stored(*, by: Actor, credential: Credential, at: datetime) -> None:
    """Note that the holder says they have the private key. Twice is harmless.

    Raises:
        NotAllowed: they are not among those to whom the key can have been shown.
    """
    account = ServiceAccount.objects.get(pk=credential.identity_id)
    policies.check_may_confirm_stored(by, account, credential)
    count = Credential.objects.filter(pk=credential.pk, stored_at=None).update(stored_at=at)
    if count:
        record("key.stored", by=by, subject=account, detail={"kid": credential.key_id}, at=at)


def claim(*, by: Identity, pickup: KeyPickup, within: Asking | None, at: datetime) -> Issued:
    """Make the key that was offered to the owner, for them, once.

    The old keys go on for as long as the offer says, counted from now.

    Raises:
        NotYourPickup: it was not offered to them, they are not the owner any more, or it is
            not open any more.
        RisenSince: the account may do more by now than was decided about.
        BeyondToken: the access token by which a program claims it cannot do as much.
        AccountGone, AccountNotActive: the account takes no keys.
    """
    policies.check_may_claim(by, pickup)
    if not KeyPickup.objects.open_at(at).filter(pk=pickup.pk).exists():
        raise policies.NotYourPickup
    _check_takes_keys(ServiceAccount(pk=pickup.identity_id), at)
    half, private = key_pair.generate(pickup.algorithm)
    choice = KeyChoice(KeyOrigin.OWNER, pickup.algorithm, lifetime=pickup.key_lifetime)
    with transaction.atomic():
        current = lock(ServiceAccount(pk=pickup.identity_id))
        policies.check_account_takes_keys(current, at)
        if current.owner_id != by.pk:
            raise policies.NotYourPickup
        policies.check_key_not_risen(by, current, pickup)
        pickups.spend(pickup=pickup, at=at)
        return _replace(
            by=by,
            account=current,
            prepared=Prepared(choice, half, private),
            keep_old_for=pickup.keep_old_for,
            within=within,
            at=at,
        )
