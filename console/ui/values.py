"""Values of accounts and identities as text."""

from __future__ import annotations

from typing import Any


def text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(text(each) for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
