"""One kind of thing that moves: what it consists of, how it is read here, how it is taken over."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypedDict, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.bundles.members import Member, Words
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.profiles.models import IdentityProfile
from accounts.sources.models import Source

Thing = dict[str, Any]
"""One thing as it stands in a bundle."""
Something = TypeVar("Something", Source, IdentityProfile)


class Owned(TypedDict):
    """What everything has that somebody answers for."""

    name: str
    description: str
    owner: Identity | None


@dataclass
class Run:
    """Things of a bundle on their way in."""

    by: Actor
    at: datetime
    problems: dict[str, str] = field(default_factory=dict)
    """Why a thing cannot be taken over, by its name; of one part."""
    notes: dict[str, list[str]] = field(default_factory=dict)
    """What is to be done here after it."""

    @contextmanager
    def taking(self, name: str) -> Iterator[None]:
        """Take over one thing, or nothing of it: what is refused is its problem."""
        try:
            with transaction.atomic():
                yield
        except DomainError as error:
            self.problems[name] = error.message

    def note(self, name: str, text: str) -> None:
        self.notes.setdefault(name, []).append(text)

    def owned(self, rows: QuerySet[Something], thing: Thing) -> tuple[Something | None, Owned]:
        """What stands here under the name of a thing, and what it has in common with all such."""
        found = rows.select_related("owner").filter(name=thing["name"]).first()
        return found, {
            "name": thing["name"],
            "description": thing["description"],
            "owner": self._owner(thing, found.owner if found else None),
        }

    def _owner(self, thing: Thing, current: Identity | None) -> Identity | None:
        """Who owns a thing from now on: whoever has the user name here.

        Where nobody has who can answer for it, the present owner stays, a new thing has none,
        and a note says so.
        """
        wanted = thing["owner"]
        if wanted is None:
            return None
        try:
            found = Identity.objects.get_by_natural_key(wanted)
        except Identity.DoesNotExist:
            found = None
        if found is not None and (found == current or (found.is_person and found.is_active)):
            return found
        said = _("“%(name)s” cannot own it here: %(who)s.")
        who = (
            _("%(owner)s stays its owner") % {"owner": current}
            if current
            else _("it gets no owner")
        )
        self.note(thing["name"], said % {"name": wanted, "who": who})
        return current


class Part(Protocol):
    """One kind of thing. Whoever adds one registers it in `parts`."""

    label: ClassVar[Words]
    """In the plural."""
    members: ClassVar[Mapping[str, Member]]
    """One of them is `name`, by which it is known in every environment."""
    most: ClassVar[int] = 1_000

    @abstractmethod
    def present(self) -> list[Thing]:
        """All that there are here, by name."""
        ...

    @abstractmethod
    def take(self, things: Sequence[Thing], run: Run) -> None:
        """Make what is not here, and change what differs, by the actions of the console.

        Nothing is removed. What cannot be taken goes to `run.problems`.
        """
        ...
