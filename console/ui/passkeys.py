"""What every page with passkeys needs: whether they work here, and whether an answer is of here."""

from __future__ import annotations

import json
import struct
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from fido2.cose import CoseKey
from fido2.utils import websafe_decode

from accounts.models import Identity

LONGEST = 20_000
"""Characters of an answer; with an attestation it has some two thousand."""


MALFORMED = (
    ArithmeticError,
    AttributeError,
    InvalidSignature,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValidationError,
    ValueError,
    struct.error,
)
"""What parsers of JSON, CBOR, keys and signatures raise at bytes that a stranger made up."""


class CredentialField(forms.JSONField):
    """What the browser answers for a passkey: a JSON object, filled in by `passkey.js`."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> dict[str, Any]:
        if isinstance(value, str) and len(value) > LONGEST:
            raise ValidationError("", code="invalid")
        try:
            found = super().clean(value)
        except RecursionError as error:
            raise ValidationError("", code="invalid") from error
        if not isinstance(found, dict):
            raise ValidationError("", code="invalid")
        return found


def work_here() -> bool:
    """Browsers know passkeys of names only, and only over https or on the same machine."""
    public = urlsplit(settings.STEWARD_PUBLIC_URL)
    host = public.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return public.scheme == "https" or host == "localhost"
    return False


def registered(credential: dict[str, Any]) -> bool:
    """Whether this answers the question of this session for a new passkey, put by our pages."""
    try:
        auth.parse_registration_response(credential)
        if not _is_from_here(credential):
            return False
        made = auth.complete_registration(credential)
        return bool(made.is_user_verified()) and _can_be_checked(made.credential_data.public_key)
    except MALFORMED:
        return False


def _can_be_checked(key: CoseKey) -> bool:
    """Whether the public key is one: else its owner could never sign in with it."""
    try:
        key.verify(b"message", b"signature")
    except InvalidSignature:
        return True
    return False


def proved(credential: dict[str, Any], identity: Identity | None = None) -> Authenticator | None:
    """The passkey that answers the question of this session; of `identity`, or of anybody."""
    try:
        auth.parse_authentication_response(credential)
        if not _is_from_here(credential):
            return None
        owner = identity or auth.extract_user_from_response(credential)
        return auth.complete_authentication(owner, credential)
    except MALFORMED:
        return None
    finally:
        auth.clear_state()  # a question is answered once, rightly or wrongly


def _is_from_here(credential: dict[str, Any]) -> bool:
    """The page that asked was ours; a page of a subdomain could ask for the same passkeys."""
    client_data = json.loads(websafe_decode(credential["response"]["clientDataJSON"]))
    public = urlsplit(settings.STEWARD_PUBLIC_URL)
    return bool(client_data["origin"] == f"{public.scheme}://{public.netloc}")
