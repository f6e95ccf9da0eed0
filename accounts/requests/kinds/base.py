from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.functional import Promise

from accounts.lib.registry import Registry
from accounts.requests.states import Rule

if TYPE_CHECKING:
    from accounts.audit.actors import Actor
    from accounts.identities.models import Identity
    from accounts.requests.models import AccessRequest

Details = Mapping[str, Any]


@dataclass(frozen=True)
class Wish:
    """What is asked for, as its kind understands it."""

    details: dict[str, Any]
    """To keep: plain JSON, ids as text."""
    requested_for: Identity | None
    """Who gets it; None where it does not exist yet."""
    stands_in: Identity | None = None
    """Who decides where the requester has no manager, say the manager of a group."""
    also: Identity | None = None
    """Who is asked beside the requester's manager."""
    rule: Rule = Rule.ALL
    alone: bool = False
    """Whether only one such request of a person may wait for the same account: the second would
    undo or outdo the first."""
    asks_administrators: bool = False
    """Whether an administrator has to say yes as well: it is above who asks."""


@dataclass(frozen=True)
class Shown:
    """One line of what an approver reads."""

    label: str
    value: str
    href: tuple[str, str] | None = None
    """What it is in the audit log's words, and its id: pages find the address by them."""
    at: datetime | None = None
    """Where the value is a time, for pages to write it out."""


@dataclass(frozen=True)
class Detail:
    """One member of the details of a request, for programs that have no form to fill in."""

    name: str
    description: str | Promise
    required: bool = False
    is_list: bool = False


class Kind(Protocol):
    """One kind of request: who may ask, what an approver sees, and what is done in the end."""

    label: str | Promise
    description: str | Promise
    """What one gets, for the catalogue."""
    takes: Sequence[Detail]
    """What `understand` reads."""
    stands_in: str | Promise = ""
    """Who decides where the requester has no manager, in a sentence; empty: an administrator."""
    who_else: str | Promise = ""
    """Who is asked beside the requester's manager, in a sentence; empty: nobody."""

    @abstractmethod
    def understand(self, by: Identity, details: Details) -> Wish:
        """What is meant, checked against who asks.

        Raises:
            DomainError: it cannot be asked for; `field` names what to mend.
        """
        ...

    @abstractmethod
    def shown(self, details: Details) -> list[Shown]:
        """What it comes to now, in words. What is shown is what a decision is bound to."""
        ...

    @abstractmethod
    def carry_out(self, request: AccessRequest, *, by: Actor, at: datetime) -> dict[str, Any]:
        """Do it, in the transaction of the caller; answers what came of it, as plain JSON.

        Raises:
            DomainError: it cannot be done any more; the message says why.
        """
        ...

    def outcome(self, request: AccessRequest) -> list[Shown]:
        """What came of a request that was carried out, for its page; with what is left to do."""
        return []

    def next_step(self, request: AccessRequest) -> str:
        """What is left to do for whoever asked, once it is carried out, for the mail."""
        return ""


kinds: Registry[Kind] = Registry("request kind")


def kind_choices() -> list[tuple[str, str | Promise]]:
    return [(name, kind.label) for name, kind in kinds.items()]
