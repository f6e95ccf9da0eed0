"""What membership of a group gives besides the roles that it carries; parts register themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from accounts.audit.actors import Actor
from accounts.groups.models import Group
from accounts.lib.registry import Registry


@dataclass(frozen=True)
class Gift:
    """Something that groups give their members."""

    gives: Callable[[Group], bool]
    """Whether a group gives any of it."""
    take_back: Callable[[Actor, Group, datetime], None]
    """Ends it, with events, before a group that is locked is deleted; refuses by a DomainError."""


gifts: Final[Registry[Gift]] = Registry("gift of a group")


def gives_besides(group: Group) -> bool:
    return any(gift.gives(group) for gift in gifts.values())


def take_back(by: Actor, group: Group, at: datetime) -> None:
    for gift in gifts.values():
        gift.take_back(by, group, at)
