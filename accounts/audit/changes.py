"""What an edit changed, as events keep it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def differing(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of what is told of a thing, that which differs: as it was, and as it is."""
    names = [name for name in after if after[name] != before[name]]
    return {name: before[name] for name in names}, {name: after[name] for name in names}
