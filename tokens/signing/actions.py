from __future__ import annotations

import json
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.db import transaction

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.sealing import seal
from tokens.credentials.types.key_pair import public_half
from tokens.signing import keys
from tokens.signing.models import SigningKey

PUBLISHED_BEFORE_USE = timedelta(minutes=15)
"""So that whoever caches the JWK set has the new key before the first token signed with it."""
PUBLISHED_AFTER_USE = timedelta(hours=1)
"""Longer than any token that the old key signed may live."""


def _make(*, active_from: datetime, at: datetime) -> SigningKey:
    private = ec.generate_private_key(ec.SECP256R1())
    half = public_half(private.public_key())
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    sealed = seal(der, context=keys.sealing_context(half.key_id))
    public = json.loads(half.jwk) | {"use": "sig", "alg": keys.ALGORITHM}
    return SigningKey.objects.create(
        key_id=half.key_id,
        algorithm=keys.ALGORITHM,
        public=json.dumps(public, sort_keys=True),
        sealed_private=sealed.blob,
        sealing_key_id=sealed.key_id,
        created_at=at,
        active_from=active_from,
    )


@transaction.atomic
def ensure_key(*, at: datetime) -> None:
    """Make the first signing key. Two processes at once may make two; both are good."""
    if SigningKey.objects.filter(retired_at=None, active_from__lte=at).exists():
        return
    made = _make(active_from=at, at=at)
    record("signing_key.made", by=SYSTEM, subject=made, at=at)
    transaction.on_commit(keys.forget)


@transaction.atomic
def rotate(*, by: Actor, at: datetime) -> SigningKey:
    """Publish a new key that signs from a quarter of an hour on; older ones retire after it."""
    check_may(by, Permission.TENANT_MANAGE)
    made = _make(active_from=at + PUBLISHED_BEFORE_USE, at=at)
    SigningKey.objects.filter(retired_at=None).exclude(pk=made.pk).update(
        retired_at=made.active_from + PUBLISHED_AFTER_USE
    )
    record("signing_key.rotated", by=by, subject=made, at=at)
    transaction.on_commit(keys.forget)
    return made
