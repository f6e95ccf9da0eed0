"""The signing keys of this process: opened once, looked up again every minute."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key
from django.db.models import Q
from django.utils import timezone
from jwt.algorithms import ECAlgorithm

from accounts.sealing import Sealed, open_sealed
from tokens.signing.models import SigningKey

ALGORITHM = "ES256"
"""P-256 signs and verifies fastest of what every JOSE library knows (RFC 7518 section 3.4)."""
REFRESH_SECONDS = 60
"""How long a process may not know of a new key; `rotate` publishes it well before."""

KEY_ID = re.compile(r"[A-Za-z0-9_-]{43}")
"""A thumbprint (RFC 7638); nothing else is looked for in the database."""


@dataclass(frozen=True)
class Signer:
    key_id: str
    private: ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class _Ring:
    signers: tuple[tuple[datetime, Signer], ...]
    verifiers: dict[str, ec.EllipticCurvePublicKey]
    jwks: dict[str, Any]
    read_at: float


_lock = threading.Lock()
_ring: _Ring | None = None


def sealing_context(key_id: str) -> str:
    return f"tokens_signingkey:{key_id}:sealed_private"


def _read(now: datetime) -> _Ring:
    signers: list[tuple[datetime, Signer]] = []
    verifiers: dict[str, ec.EllipticCurvePublicKey] = {}
    jwks: list[dict[str, Any]] = []
    published = SigningKey.objects.filter(Q(retired_at=None) | Q(retired_at__gt=now))
    for row in published.order_by("-active_from", "key_id"):
        sealed = Sealed(row.sealing_key_id, bytes(row.sealed_private))
        der = open_sealed(sealed, context=sealing_context(row.key_id))
        private = load_der_private_key(der, password=None)
        public_jwk = json.loads(row.public)
        public = ECAlgorithm.from_jwk(public_jwk)
        if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(
            public, ec.EllipticCurvePublicKey
        ):
            raise TypeError(f"Signing key {row.key_id} is not on an elliptic curve.")
        signers.append((row.active_from, Signer(row.key_id, private)))
        verifiers[row.key_id] = public
        jwks.append(public_jwk)
    return _Ring(tuple(signers), verifiers, {"keys": jwks}, time.monotonic())


def _current() -> _Ring:
    global _ring
    ring = _ring
    if ring is None or time.monotonic() - ring.read_at > REFRESH_SECONDS:
        with _lock:
            if _ring is None or _ring is ring:
                _ring = _read(timezone.now())
            ring = _ring
    return ring


def _reread() -> _Ring:
    """The keys as they stand in the database now, whatever other threads have read."""
    global _ring
    with _lock:
        _ring = ring = _read(timezone.now())
    return ring


def forget() -> None:
    """Read the keys again at the next look, after one was made or retired."""
    global _ring
    _ring = None


def signer(now: datetime, *, fresh: bool = False) -> Signer | None:
    """The newest key that signs already; None where there is none. `fresh` reads them again."""
    ring = _reread() if fresh else _current()
    return next((found for active_from, found in ring.signers if active_from <= now), None)


def verifier(key_id: str) -> ec.EllipticCurvePublicKey | None:
    """The public key of that id while it is published. An unknown one is looked up again."""
    found = _current().verifiers.get(key_id)
    if found is None and KEY_ID.fullmatch(key_id) and SigningKey.objects.filter(pk=key_id).exists():
        found = _reread().verifiers.get(key_id)
    return found


def published() -> dict[str, Any]:
    """The public keys as a JWK set (RFC 7517 section 5)."""
    return _current().jwks
