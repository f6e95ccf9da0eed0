from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.lib.one_time_secret import OneTimeSecret
from accounts.models import ServiceAccount
from accounts.service_accounts.actions import lock
from tokens.credentials import policies
from tokens.credentials.models import Credential, KeyOrigin, KeyPickup, Submission
from tokens.credentials.types import key_pair

KEEP_OLD_CHOICES = (
    timedelta(0),
    timedelta(hours=1),
    timedelta(hours=24),
    timedelta(days=7),
    timedelta(days=30),
)
"""How long a replaced key may go on; the first is PingOne's behaviour and the default."""
KEEP_OLD_MAX = KEEP_OLD_CHOICES[-1]
PICKUP_LIFETIME = timedelta(days=7)


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


def prepare(choice: KeyChoice) -> Prepared:
    """Make or read the key of `choice`.

    Raises:
        BadKey: an uploaded key is refused, or the algorithm is unknown.
    """
    match choice.origin:
        case KeyOrigin.BROWSER | KeyOrigin.UPLOADED:
            return Prepared(choice, key_pair.parse_public(choice.public_key), None)
        case KeyOrigin.OWNER:
            if choice.algorithm not in key_pair.ALGORITHMS:
                raise key_pair.BadKey(_("Choose one of the key algorithms in the list."))
            return Prepared(choice, None, None)
        case _:
            half, private = key_pair.generate(choice.algorithm)
            return Prepared(choice, half, private)


def submit_once(*, submission: uuid.UUID | None, account: ServiceAccount, at: datetime) -> None:
    """Use up the id of a form, inside the transaction that issues.

    Raises:
        AlreadySubmitted: it was used before, perhaps a moment ago by another request.
    """
    if submission is None:
        return
    try:
        with transaction.atomic():
            Submission.objects.create(id=submission, identity_id=account.pk, at=at)
    except IntegrityError as error:
        raise AlreadySubmitted(Submission.objects.get(pk=submission)) from error


def check_not_submitted(submission: uuid.UUID | None) -> None:
    """Refuse a repeated form before the costly part; `submit_once` is what decides.

    Raises:
        AlreadySubmitted: the form issued something before.
    """
    if submission and (found := Submission.objects.filter(pk=submission).first()):
        raise AlreadySubmitted(found)


def add_key(*, by: Actor, account: ServiceAccount, prepared: Prepared, at: datetime) -> Issued:
    """Store a prepared key, or offer it to the owner; inside the caller's transaction.

    Raises:
        DuplicateKey: this or another account has the same key.
    """
    choice = prepared.choice
    if prepared.half is None:
        pickup = _offer(by=by, account=account, choice=choice, keep_old_for=timedelta(0), at=at)
        return Issued(account, pickup=pickup)
    half = prepared.half
    if Credential.objects.filter(thumbprint=half.thumbprint).exists():
        raise DuplicateKey(
            message=_("This key is or was in use already. Make a new key pair for each account."),
            field="public_key",
        )
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
        expires_at=at + choice.lifetime if choice.lifetime else None,
        stored_at=at if choice.origin == KeyOrigin.UPLOADED else None,
    )
    try:
        with transaction.atomic():
            credential.save(force_insert=True)
    except IntegrityError as error:
        raise DuplicateKey(
            message=_("This account has a key with the same “kid”. Choose another “kid”."),
            field="public_key",
        ) from error
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


def _offer(
    *, by: Actor, account: ServiceAccount, choice: KeyChoice, keep_old_for: timedelta, at: datetime
) -> KeyPickup:
    owner = account.owner
    if owner is None or not owner.is_active:
        raise DomainError(
            message=_("Name an owner who can sign in: the key will be made for them."),
            field="owner",
        )
    KeyPickup.objects.filter(identity_id=account.pk).open_at(at).update(cancelled_at=at)
    pickup = KeyPickup.objects.create(
        identity_id=account.pk,
        owner=owner,
        algorithm=choice.algorithm,
        key_lifetime=choice.lifetime,
        keep_old_for=keep_old_for,
        created_at=at,
        created_by=by.label[:200],
        expires_at=at + PICKUP_LIFETIME,
    )
    record("key.offered", by=by, subject=account, detail={"owner": owner.user_name}, at=at)
    return pickup


def regenerate(
    *,
    by: Actor,
    account: ServiceAccount,
    choice: KeyChoice,
    keep_old_for: timedelta,
    revoke_tokens: bool,
    at: datetime,
    submission: uuid.UUID | None = None,
) -> Issued:
    """Replace the account's keys by a new one.

    The old keys stop at once, or after `keep_old_for`; an offer to the owner leaves them alone
    until the owner takes it. Tokens issued before live until they expire, unless
    `revoke_tokens` (PingOne's behaviour, and its remedy).

    Raises:
        AlreadySubmitted, DuplicateKey, BadKey, AccountGone, AccountNotActive
    """
    policies.check_may_issue(by)
    check_keep_old(keep_old_for)
    check_not_submitted(submission)
    prepared = prepare(choice)
    with transaction.atomic():
        current = lock(account)
        policies.check_account_takes_keys(current, at)
        submit_once(submission=submission, account=current, at=at)
        if prepared.half is None:
            pickup = _offer(by=by, account=current, choice=choice, keep_old_for=keep_old_for, at=at)
            return Issued(current, pickup=pickup)
        return _replace(
            by=by,
            account=current,
            prepared=prepared,
            keep_old_for=keep_old_for,
            revoke_tokens=revoke_tokens,
            at=at,
        )


def check_keep_old(keep_old_for: timedelta) -> None:
    if not timedelta(0) <= keep_old_for <= KEEP_OLD_MAX:
        raise DomainError(
            message=_("The old key may stay valid for 30 days at most."), field="keep_old_for"
        )


def _replace(
    *,
    by: Actor,
    account: ServiceAccount,
    prepared: Prepared,
    keep_old_for: timedelta,
    revoke_tokens: bool,
    at: datetime,
) -> Issued:
    from tokens.access_tokens import actions as access_tokens

    end = at + keep_old_for
    old = Credential.objects.filter(identity_id=account.pk, kind=key_pair.KEY_PAIR).usable_at(at)
    replaced = list(old.values_list("key_id", flat=True))
    sooner = old.filter(retires_at=None) | old.filter(retires_at__gt=end)
    sooner.update(retires_at=end)
    issued = add_key(by=by, account=account, prepared=prepared, at=at)
    record(
        "key.replaced",
        by=by,
        subject=account,
        detail={"kids": replaced, "valid_until": end.isoformat()},
        at=at,
    )
    if revoke_tokens:
        access_tokens.revoke_all(by=by, account=account, at=at)
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
    """Note that the holder says they have the private key."""
    count = Credential.objects.filter(pk=credential.pk, stored_at=None).update(stored_at=at)
    if count:
        account = ServiceAccount.objects.get(pk=credential.identity_id)
        record("key.stored", by=by, subject=account, detail={"kid": credential.key_id}, at=at)


def claim(*, by: Identity, pickup: KeyPickup, at: datetime) -> Issued:
    """Make the key that was offered to the owner, for them, once.

    Raises:
        NotYourPickup: it was not offered to them, or is not open any more.
    """
    policies.check_may_claim(by, pickup)
    if not KeyPickup.objects.open_at(at).filter(pk=pickup.pk).exists():
        raise policies.NotYourPickup
    choice = KeyChoice(
        origin=KeyOrigin.STEWARD, algorithm=pickup.algorithm, lifetime=pickup.key_lifetime
    )
    half, private = key_pair.generate(choice.algorithm)
    owners = KeyChoice(KeyOrigin.OWNER, choice.algorithm, lifetime=choice.lifetime)
    with transaction.atomic():
        current = lock(ServiceAccount(pk=pickup.identity_id))
        policies.check_account_takes_keys(current, at)
        spent = KeyPickup.objects.open_at(at).filter(pk=pickup.pk).update(claimed_at=at)
        if spent != 1:
            raise policies.NotYourPickup
        return _replace(
            by=by,
            account=current,
            prepared=Prepared(owners, half, private),
            keep_old_for=pickup.keep_old_for,
            revoke_tokens=False,
            at=at,
        )
