"""User levels and permissions in words."""

from __future__ import annotations

from collections.abc import Collection

from accounts.authorization.levels import LEVELS, USER
from accounts.authorization.permissions import IN_WORDS, Permission


def labels_of(levels: Collection[str]) -> list[str]:
    """Labels of the levels that somebody holds, in the order of the table."""
    held = [str(level.label) for level in LEVELS.values() if level.code in levels]
    return held or [str(LEVELS[USER].label)]


def may_do(permissions: Collection[Permission]) -> list[str]:
    """What permissions allow, in words, in the order of the table."""
    return [str(IN_WORDS[permission]) for permission in Permission if permission in permissions]
