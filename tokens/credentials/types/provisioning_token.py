"""Tokens of provisioning clients: one text that names the token and proves it.

Directories send the same token with every call, and cannot trade it for others.
"""

from __future__ import annotations

import re
import secrets
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.lib.one_time_secret import OneTimeSecret
from tokens.credentials.types import personal_access_token as texts

PROVISIONING_TOKEN: Final = "provisioning_token"  # noqa: S105  # a kind, not a secret
PREFIX: Final = "steward_scim_"
"""By it the scanners of repositories and chats know our secrets."""
TEXT: Final = re.compile(rf"{PREFIX}(?P<id>[0-9a-f]{{32}})_[0-9A-Za-z]{{49}}", re.ASCII)


class ProvisioningToken:
    """The type, as its family knows it."""

    label: str | Promise = _("Provisioning token")


def generate(token_id: UUID) -> OneTimeSecret:
    """A new token: prefix, its id, 256 random bits and a CRC-32 of what stands before it."""
    text = f"{PREFIX}{token_id.hex}_{texts.random_text(secrets.randbits(256))}"
    return OneTimeSecret(text + texts.checksum(text))


def id_in(text: str) -> UUID | None:
    """Which token a text claims to be; None where it has not the form of one."""
    found = TEXT.fullmatch(text)
    return UUID(found["id"]) if found else None
