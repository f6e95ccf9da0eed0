"""What browsers send, read: JSON of envelopes, and nothing that is not of their form."""

from __future__ import annotations

import json
from typing import Any, Final
from uuid import UUID

from accounts.vault.local.envelopes import NewKey, NotCiphertext, Wrap, read_new_key, read_wraps
from accounts.vault.models import SecretName

MOST_CHARACTERS: Final = 1_000_000


def wraps_of_vaults(text: str) -> list[tuple[UUID, Wrap]]:
    """Keys of several vaults, each with the id of its vault; none where nothing was sent.

    Raises:
        NotCiphertext
    """
    said = _read(text, "[]")
    wraps = read_wraps(said)
    try:
        return [
            (UUID(str(each.get("vault"))), wrap) for each, wrap in zip(said, wraps, strict=True)
        ]
    except ValueError:
        raise NotCiphertext from None


def wraps(text: str) -> list[Wrap]:
    """Raises NotCiphertext."""
    return read_wraps(_read(text, "[]"))


def sealed(text: str) -> dict[SecretName, list[str]]:
    """Ciphertexts by the name of what they hold.

    Raises:
        NotCiphertext
    """
    said = _read(text, "{}")
    if not isinstance(said, dict):
        raise NotCiphertext
    found: dict[SecretName, list[str]] = {}
    for name, envelopes in said.items():
        listed = isinstance(envelopes, list) and all(isinstance(each, str) for each in envelopes)
        if name not in SecretName.values or not listed:
            raise NotCiphertext
        found[SecretName(name)] = envelopes
    return found


def new_key(text: str) -> NewKey | None:
    """Raises NotCiphertext."""
    return read_new_key(_read(text, "null"))


def _read(text: str, empty: str) -> Any:
    if len(text) > MOST_CHARACTERS:
        raise NotCiphertext
    try:
        return json.loads(text or empty)
    except (ValueError, RecursionError):
        raise NotCiphertext from None
