from __future__ import annotations

from typing import Protocol

from django.utils.functional import Promise


class CredentialType(Protocol):
    """What every kind of credential tells of itself."""

    @property
    def label(self) -> str | Promise: ...
