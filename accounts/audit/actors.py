"""Who may stand as the actor of an event: an identity, the system itself, or nobody known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class ActorKind(StrEnum):
    PERSON = "person"
    SERVICE = "service"
    AGENT = "agent"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


class Actor(Protocol):
    """What the audit log needs to know of whoever acts."""

    @property
    def actor_id(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def actor_kind(self) -> str: ...


@dataclass(frozen=True)
class SystemActor:
    """Steward itself: schedules and commands that no person answers for."""

    label: str = "System"
    actor_id: str = "system"
    actor_kind: str = ActorKind.SYSTEM


@dataclass(frozen=True)
class UnknownActor:
    """Someone who has not proved who they are; `label` is what they claimed."""

    label: str = "Not signed in"
    actor_id: str = ""
    actor_kind: str = ActorKind.ANONYMOUS


SYSTEM = SystemActor()
