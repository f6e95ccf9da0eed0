"""What a thing in a bundle consists of: each member with its form, and no others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError
from accounts.profiles.transforms.values import shown

Words = str | Promise
ARROW: Final = " › "
MOST_NUMBER: Final = 2**31 - 1


class BadBundle(DomainError):
    """The text is no bundle that can be taken; the message says where, and why."""

    code = "bad_bundle"


class HoldsSecret(BadBundle):
    """A secret stands in it; no page repeats what was sent."""

    code = "bundle_holds_secret"


def refuse(path: str, message: str) -> NoReturn:
    raise BadBundle(f"{path}: {message}")


class Member(Protocol):
    """One member of a thing."""

    @property
    def label(self) -> Words: ...

    def check(self, value: Any, path: str) -> None:
        """
        Raises:
            BadBundle: the value is of another form.
        """
        ...

    def told(self, value: Any, label: str) -> Iterator[tuple[str, str]]:
        """The value for people, field by field; what is empty is left out."""
        ...


@dataclass(frozen=True)
class Text:
    label: Words
    most: int = 1_000
    """Characters; the action that takes it has the real bound."""
    optional: bool = False
    """Whether it may be null."""

    def check(self, value: Any, path: str) -> None:
        if value is None and self.optional:
            return
        if not isinstance(value, str) or len(value) > self.most:
            refuse(path, _("Write a text of at most %(most)d characters.") % {"most": self.most})

    def told(self, value: Any, label: str) -> Iterator[tuple[str, str]]:
        if value:
            yield label, value


@dataclass(frozen=True)
class Flag:
    label: Words

    def check(self, value: Any, path: str) -> None:
        if not isinstance(value, bool):
            refuse(path, _("Write true or false."))

    def told(self, value: Any, label: str) -> Iterator[tuple[str, str]]:
        yield label, _("Yes") if value else _("No")


@dataclass(frozen=True)
class Number:
    label: Words

    def check(self, value: Any, path: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_NUMBER:
            refuse(path, _("Write a whole number."))

    def told(self, value: Any, label: str) -> Iterator[tuple[str, str]]:
        yield label, str(value)


@dataclass(frozen=True)
class Names:
    """A list of texts of which none stands twice."""

    label: Words
    most: int = 100

    def check(self, value: Any, path: str) -> None:
        if (
            not isinstance(value, list)
            or len(value) > self.most
            or not all(isinstance(name, str) for name in value)
            or len(set(value)) < len(value)
        ):
            refuse(path, _("Write a list of names, each once."))

    def told(self, value: Any, label: str) -> Iterator[tuple[str, str]]:
        if value:
            yield label, ", ".join(value)


@dataclass(frozen=True)
class Free:
    """An object whose members are known to the action that takes it."""

    label: Words
    optional: bool = False

    def check(self, value: Any, path: str) -> None:
        if value is None and self.optional:
            return
        if not isinstance(value, dict):
            refuse(path, _("Write it in braces."))

    def told(self, value: Any, label: str) -> Iterator[tuple[str, str]]:
        for name in sorted(value or {}):
            inner = value[name]
            if inner in ("", None):
                continue
            text = inner if isinstance(inner, str) else json.dumps(inner, ensure_ascii=False)
            yield f"{label}{ARROW}{shown(name)}", text


@dataclass(frozen=True)
class Rows:
    """A list of things within a thing, each with a name of its own."""

    label: Words
    key: str
    members: Mapping[str, Member]
    most: int

    def check(self, value: Any, path: str) -> None:
        check_rows(value, path, key=self.key, members=self.members, most=self.most)

    def told(self, value: Any, label: str) -> Iterator[tuple[str, str]]:
        for row in value:
            place = f"{label}{ARROW}{row[self.key]}"
            yield place, _("Present")
            for name, member in self.members.items():
                if name != self.key:
                    yield from member.told(row[name], f"{place}{ARROW}{member.label}")
        if len(value) > 1:
            yield f"{label}{ARROW}{_('Order')}", ", ".join(row[self.key] for row in value)


def check_rows(
    value: Any, path: str, *, key: str, members: Mapping[str, Member], most: int
) -> None:
    """A list of things: each with all of these members and no others, and no name twice.

    Raises:
        BadBundle: with the place of the first thing that is wrong.
    """
    if not isinstance(value, list):
        refuse(path, _("Write a list."))
    if len(value) > most:
        refuse(path, _("There are more than %(most)d.") % {"most": most})
    seen: set[str] = set()
    for index, row in enumerate(value):
        check_row(row, f"{path}[{index}]", members)
        if row[key] in seen:
            refuse(f"{path}[{index}]", _("“%(name)s” stands twice.") % {"name": shown(row[key])})
        seen.add(row[key])


def check_row(row: Any, path: str, members: Mapping[str, Member]) -> None:
    """One thing, as `check_rows` has it."""
    if not isinstance(row, dict):
        refuse(path, _("Write it in braces."))
    if unknown := sorted(set(row) - set(members)):
        name = shown(unknown[0])
        refuse(path, _("There is no member “%(name)s” here.") % {"name": name})
    for name, member in members.items():
        if name not in row:
            refuse(path, _("The member “%(name)s” is missing.") % {"name": name})
        member.check(row[name], f"{path}.{name}")


def in_order(value: Any) -> Any:
    """A free value with its members sorted, so that the same one is always written alike."""
    if isinstance(value, Mapping):
        return {name: in_order(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [in_order(inner) for inner in value]
    return value
