"""What the tenant is called, to clients that know it by SailPoint's words."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from tokens.access_tokens.claims import issuer

POD: Final = "steward"


def tenant_id() -> str:
    """Of this installation, as long as its public address stays."""
    return str(uuid5(NAMESPACE_URL, issuer()))


def tenant_name() -> str:
    """The host by which the tenant is known."""
    return urlsplit(issuer()).hostname or "steward"
