"""The OpenAPI documents that the doors offer, by namespace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from accounts.lib.registry import Registry

Document = dict[str, Any]
"""An OpenAPI 3.1 document, as JSON says it."""


@dataclass(frozen=True)
class Namespace:
    """The calls of one dialect. `document` answers what a version of it has."""

    title: str
    versions: tuple[str, ...]
    """The usual one first."""
    document: Callable[[str], Document]


namespaces: Final[Registry[Namespace]] = Registry("API namespace")
