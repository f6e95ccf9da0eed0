"""What allauth asks of us about second factors: how their secrets are kept, and whose they are."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.utils.translation import gettext_lazy

from accounts.identities.models import Identity
from accounts.sealing import Sealed, open_sealed, seal

PRODUCT = "Steward"
PLACE: Final = "second_factor"

_whose: ContextVar[UUID | None] = ContextVar("steward_whose_second_factor", default=None)


@contextmanager
def secrets_of(identity: Identity) -> Iterator[None]:
    """Seal and open secrets of this identity inside the block; those of others do not open."""
    token = _whose.set(identity.pk)
    try:
        yield
    finally:
        _whose.reset(token)


def sealed(text: str) -> str:
    """The text sealed for the identity of the block, as text for a JSON field."""
    return as_text(seal(text.encode(), context=_context()))


def as_text(done: Sealed) -> str:
    return f"{done.key_id}.{base64.b64encode(done.blob).decode()}"


def opened(text: str) -> str:
    """What was sealed, for the same identity.

    Raises:
        SealBroken: it was changed, or is another identity's.
    """
    key_id, _dot, blob = text.partition(".")
    return open_sealed(Sealed(key_id, base64.b64decode(blob)), context=_context()).decode()


def _context() -> str:
    whose = _whose.get()
    if whose is None:
        raise RuntimeError("A secret of a second factor was asked for outside of `secrets_of`.")
    return context_of(whose)


def context_of(whose: UUID) -> str:
    return f"{PLACE}:{whose}"


class SealingAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("That was not accepted. Try again."),
    }

    def encrypt(self, text: str) -> str:
        return sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        return opened(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """From the settings: what a request calls our host must not decide whose passkeys fit."""
        return {"id": urlsplit(settings.STEWARD_PUBLIC_URL).hostname or "", "name": PRODUCT}

    def _get_user_identifier(self, user: Identity) -> str:
        return user.user_name
