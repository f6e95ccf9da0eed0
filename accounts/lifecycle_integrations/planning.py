"""What is to be done in an application, from who should be there and who is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.lifecycle_integrations.connectors.base import Attributes, Outside, Person
from accounts.lifecycle_integrations.states import LEAVING, Act, Leavers


@dataclass(frozen=True)
class Known:
    """An account that is linked to somebody."""

    outside_id: str
    label: str
    is_active: bool
    sent: Mapping[str, Any]


@dataclass(frozen=True)
class Move:
    """What is done to one account; `key` says whose."""

    act: Act
    key: str
    label: str
    outside_id: str = ""
    changes: dict[str, list[str]] = field(default_factory=dict)
    error: str = ""


@dataclass
class Plan:
    moves: list[Move] = field(default_factory=list)
    unchanged: int = 0
    gone: list[str] = field(default_factory=list)
    """Whose link is to be forgotten: they should have no account, and have none."""
    inactive: list[str] = field(default_factory=list)
    """Whose account somebody deactivated already, and who should have none."""
    missing: list[str] = field(default_factory=list)
    """Who should have an account, had one, and is not listed any more."""
    linked: int = 0
    """Accounts that are linked and active before."""
    unmanaged: int = 0
    """Accounts of the application that are nobody's here, and stay as they are."""

    @property
    def leaving(self) -> list[str]:
        return [move.key for move in self.moves if move.act in LEAVING]

    def numbers(self) -> dict[str, int]:
        counted = {act.value: 0 for act in Act}
        for move in self.moves:
            counted[move.act.value] += 1
        return counted | {"unchanged": self.unchanged, "unmanaged": self.unmanaged}

    def alarms(self, percent: int) -> list[str]:
        """Why a person has to look at it first; empty where all is within the threshold."""
        said = []
        lost = len(self.leaving)
        if lost * 100 > percent * self.linked:
            message = ngettext(
                "%(lost)d of %(all)d account would be deactivated or removed, more than "
                "%(percent)d %%.",
                "%(lost)d of %(all)d accounts would be deactivated or removed, more than "
                "%(percent)d %%.",
                self.linked,
            )
            said.append(message % {"lost": lost, "all": self.linked, "percent": percent})
        if len(self.missing) * 100 > percent * self.linked:
            message = _(
                "The application lists %(lost)d of its %(all)d accounts no more; they would be "
                "invited again."
            )
            said.append(message % {"lost": len(self.missing), "all": self.linked})
        return said


def plan(
    wanted: Mapping[str, Person],
    known: Mapping[str, Known],
    there: Iterable[Outside],
    *,
    adopt: bool,
    leavers: Leavers,
) -> Plan:
    """Compare who should have an account with who has one.

    `wanted` and `known` are by key. An account is found by its link, else by the key that it was
    given, else, with `adopt`, by its user name.
    """
    by_id = {each.id: each for each in there}
    linked_ids = {each.outside_id for each in known.values()}
    free = [each for each in by_id.values() if each.id not in linked_ids]
    by_key = {each.key: each for each in free if each.key}
    by_name = {each.user_name.casefold(): each for each in by_id.values()}
    made = Plan(linked=sum(each.is_active for each in known.values()))
    taken: set[str] = set()
    for key, person in wanted.items():
        link = known.get(key)
        found = by_id.get(link.outside_id) if link else None
        if link is not None and found is not None:
            _keep(made, person, link, found)
            continue
        if link is not None and link.is_active:
            made.missing.append(key)
        _join(made, person, by_key.get(key), by_name, linked_ids, adopt=adopt, taken=taken)
    for key, link in known.items():
        if key not in wanted:
            _leave(made, key, link, by_id.get(link.outside_id), leavers)
    made.unmanaged = len([each for each in free if each.id not in taken])
    return made


def _keep(made: Plan, person: Person, link: Known, found: Outside) -> None:
    changes = _differing(link.sent, person.attributes)
    name = person.attributes["user_name"]
    if found.user_name.casefold() != name.casefold():
        changes["user_name"] = [found.user_name[:200], name]
    if not found.is_active or not link.is_active:
        changes["active"] = ["no", "yes"]
    if changes:
        made.moves.append(Move(Act.UPDATE, person.key, name, link.outside_id, changes))
    else:
        made.unchanged += 1


def _join(
    made: Plan,
    person: Person,
    ours: Outside | None,
    by_name: Mapping[str, Outside],
    linked_ids: set[str],
    *,
    adopt: bool,
    taken: set[str],
) -> None:
    name = person.attributes["user_name"]
    namesake = by_name.get(name.casefold())
    if ours is None and namesake is not None:
        if not adopt or namesake.id in linked_ids or namesake.id in taken:
            error = _("The application has an account of this name already, which is not linked.")
            made.moves.append(Move(Act.REFUSE, person.key, name, error=error))
            return
        ours = namesake
    if ours is None:
        told = {part: ["", value] for part, value in person.attributes.items() if value}
        made.moves.append(Move(Act.INVITE, person.key, name, changes=told))
        return
    taken.add(ours.id)
    changes = {"account": ["", ours.user_name[:200]]}
    made.moves.append(Move(Act.UPDATE, person.key, name, ours.id, changes))


def _leave(made: Plan, key: str, link: Known, found: Outside | None, leavers: Leavers) -> None:
    if found is None and not link.is_active:
        made.gone.append(key)
    elif leavers == Leavers.REMOVE:
        made.moves.append(Move(Act.REMOVE, key, link.label, link.outside_id))
    elif found is None or found.is_active:
        # a listing that leaves somebody out is no proof that their account is gone
        made.moves.append(Move(Act.DEACTIVATE, key, link.label, link.outside_id))
    else:
        made.inactive.append(key)


def _differing(sent: Mapping[str, Any], wanted: Attributes) -> dict[str, list[str]]:
    return {
        name: [str(sent.get(name, "")), value]
        for name, value in wanted.items()
        if sent.get(name, "") != value
    }
