"""Tokens that nearly are access tokens, signed with Steward's own key where a test says so."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.utils import timezone
from joserfc.jwk import ECKey

from tests.access_tokens.reading import read
from tests.oauth.holder import LEFT_OUT, Holder, sign
from tokens.signing import current


def our_key() -> dict[str, Any]:
    """The private JWK that signs now."""
    signer = current.signer(timezone.now())
    pem = signer.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return dict(ECKey.import_key(pem).as_dict(private=True))


def forged(
    holder: Holder, *, jwk: dict[str, Any] | None = None, header: Any = None, **changed: Any
) -> str:
    """A token like one that `holder` got, but for what is changed."""
    token = read(holder.token())
    claims = {k: v for k, v in (dict(token.claims) | changed).items() if v is not LEFT_OUT}
    head = {k: v for k, v in (dict(token.header) | (header or {})).items() if v is not LEFT_OUT}
    return sign(claims, jwk or our_key(), header=head)
