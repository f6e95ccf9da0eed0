"""The forms in which browsers send ciphertext. What has another form is refused: so no plain text
is kept by mistake, in a local vault.

The threat model of local vaults.

Each trusted session (see `accounts.trusted_sessions`) has an ECDH key on P-256 whose private half
cannot be exported from its browser. A local vault has a random AES-256-GCM key, made in a browser.
It comes here wrapped for one recipient at a time, a trusted session or a recovery key: an ephemeral
ECDH key, HKDF-SHA-256 whose info names vault, version, recipient and person, then AES-GCM.
Passwords, authenticator keys, backup codes, notes and custom fields are padded, then AES-GCM under
the vault key; vault, account, field, serial number and key version are the associated data, so
that none opens in the place of another, nor an old one as a newer.

Against an honest but curious server, and a stolen database: neither has a key. The label,
application, username and collection of an account are not encrypted, nor is who shares it.

The public key of a recipient comes from the server. So people compare 24 digits of it in both
browsers before one wraps for the other. Whoever wraps endorses the public key with an HMAC under
the vault key; where a vault key is replaced, the new one is wrapped for endorsed recipients alone.

Not against a server that ships other JavaScript, which could read what the page reads, nor against
whoever controls the browser of somebody who has the key. Removing a session or a member takes
nothing back that was read before: the next write uses a new vault key, which the removed one never
gets, and what was written before should be replaced in its application. A member has the key of
the whole vault; which of its accounts they are handed is decided by the server.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.vault.models import SecretName

BLOCK: Final = 64
"""Bytes; plain text is padded to a multiple, so that its length says little."""
TAG: Final = 16
MOST_BLOCKS: Final = {
    SecretName.PASSWORD: 65,
    SecretName.NOTES: 640,
    SecretName.FIELDS: 1_600,
    SecretName.AUTHENTICATOR: 40,
    SecretName.BACKUP_CODE: 8,
}
SECRET: Final = re.compile(r"stw-lv1\.([1-9][0-9]{0,5})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]+)")
WRAPPED: Final = re.compile(r"stw-lk1\.[A-Za-z0-9_-]{87}\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{64}")
LINK: Final = re.compile(r"stw-ll1\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{64}")
ENDORSEMENT: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class NotCiphertext(DomainError):
    """Not in the form in which a browser sends what it has encrypted; nothing of it is repeated."""

    code = "not_ciphertext"

    def __init__(self) -> None:
        super().__init__(
            _("Only what your browser has encrypted is kept in a local vault. Load the page again.")
        )


@dataclass(frozen=True)
class Wrap:
    """A vault key for one recipient, as a browser sends it."""

    recipient: UUID
    is_recovery: bool
    envelope: str
    endorsement: str


@dataclass(frozen=True)
class NewKey:
    """The next key of a vault: for whom it is wrapped, and the one before under it."""

    version: int
    wraps: list[Wrap]
    link: str


def check_secret(name: SecretName, envelope: object) -> int:
    """The key version that a ciphertext is under.

    Raises:
        NotCiphertext
    """
    found = SECRET.fullmatch(envelope) if isinstance(envelope, str) else None
    if found is None:
        raise NotCiphertext
    text = found[3]
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise NotCiphertext from None
    blocks, rest = divmod(len(raw) - TAG, BLOCK)
    if rest or not 1 <= blocks <= MOST_BLOCKS[name]:
        raise NotCiphertext
    return int(found[1])


def read_wraps(said: object, *, most: int = 1_000) -> list[Wrap]:
    """Raises NotCiphertext."""
    if not isinstance(said, list) or len(said) > most:
        raise NotCiphertext
    return [_wrap(each) for each in said]


def read_new_key(said: object) -> NewKey | None:
    """None where a browser sends none. Raises NotCiphertext."""
    if said is None:
        return None
    if not isinstance(said, dict):
        raise NotCiphertext
    version, link = said.get("version"), said.get("link")
    if type(version) is not int or not isinstance(link, str) or not LINK.fullmatch(link):
        raise NotCiphertext
    return NewKey(version, read_wraps(said.get("wraps")), link)


def _wrap(said: Any) -> Wrap:
    if not isinstance(said, Mapping):
        raise NotCiphertext
    envelope, endorsement = said.get("envelope"), said.get("endorsement")
    if not isinstance(envelope, str) or not WRAPPED.fullmatch(envelope):
        raise NotCiphertext
    if not isinstance(endorsement, str) or not ENDORSEMENT.fullmatch(endorsement):
        raise NotCiphertext
    try:
        recipient = UUID(str(said.get("recipient")))
    except ValueError:
        raise NotCiphertext from None
    return Wrap(recipient, said.get("kind") == "recovery", envelope, endorsement)
