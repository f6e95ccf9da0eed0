"""What programs send: which texts no database takes, wherever they stand in a JSON value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def is_storable(value: Any) -> bool:
    """Whether every text within a JSON value is Unicode, and no database takes offence at it."""
    return all(is_storable_text(text) for text in _texts(value))


def is_storable_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _texts(value: Any) -> Iterator[str]:
    """Every text within a JSON value, names of members included."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
