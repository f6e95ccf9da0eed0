"""The catalogues that Steward ships with: one TOML file a vendor, read strictly.

A member that is not known, missing or of another type is a mistake in the file, and so is one
that another file has already: nothing is passed over.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from accounts.authorization.permissions import Permission
from tokens.scopes.catalogue import (
    BadCatalogue,
    Bound,
    Catalogue,
    Endpoint,
    Implication,
    Mark,
    Preset,
    Publisher,
    Scope,
    Section,
)

FOLDER: Final = Path(__file__).parent / "catalogues"

Members = Mapping[str, type]

FILE: Final[Members] = {"key": str, "title": str, "bound": str, "sections": list}
FILE_MORE: Final[Members] = {"introduction": str, "everything": str, "presets": list}
SECTION: Final[Members] = {"title": str, "scopes": list}
SECTION_MORE: Final[Members] = {"introduction": str}
SCOPE: Final[Members] = {"scope": str, "purpose": str}
SCOPE_MORE: Final[Members] = {
    "reference": str,
    "description": str,
    "plain": str,
    "note": str,
    "parent": str,
    "implies": dict,
    "endpoints": list,
    "levels": list,
    "permissions": list,
    "marks": dict,
    "published": bool,
}
IMPLIES: Final[Members] = {"scope": str, "notified_on": date, "end_of_life": date}
ENDPOINT: Final[Members] = {"path": str}
ENDPOINT_MORE: Final[Members] = {"methods": list}
PRESET: Final[Members] = {"key": str, "title": str, "purpose": str, "scopes": list}

METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
LEVELS: Final = frozenset(
    {
        "USER",
        "ORG_ADMIN",
        "HELPDESK",
        "CERT_ADMIN",
        "REPORT_ADMIN",
        "ROLE_ADMIN",
        "ROLE_SUBADMIN",
        "SOURCE_ADMIN",
        "SOURCE_SUBADMIN",
        "POLICY_ADMIN",
        "SOD_POLICY_ADMIN",
        "SOD_CONTROL_ADMIN",
        "MULTIHOSTS_ADMIN",
        "APPROVAL_OWNER",
    }
)
"""What SailPoint's specification names on operations; we have a level for the most of them."""
KNOWN: Final = frozenset(Permission)


@cache
def installed() -> Catalogue:
    """The catalogue of all files that Steward ships with."""
    return load(sorted(FOLDER.glob("*.toml")))


def load(files: Iterable[Path]) -> Catalogue:
    """Read catalogues, in that order.

    Raises:
        BadCatalogue: they contradict themselves or each other, or say what is not understood.
    """
    sections: list[Section] = []
    presets: list[Preset] = []
    for file in files:
        try:
            document = tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadCatalogue(f"{file.name}: {error}") from error
        _check(document, file.name, FILE, FILE_MORE)
        publisher = _publisher(document, file.name)
        if publisher.key in {section.publisher.key for section in sections}:
            raise BadCatalogue(f"{file.name}: another file has the key {publisher.key}")
        sections += [_section(entry, publisher) for entry in document["sections"]]
        presets += [_preset(entry) for entry in document.get("presets", ())]
    return Catalogue(sections, presets)


def _check(entry: Any, where: str, members: Members, more: Members | None = None) -> None:
    """That an entry has all of the members, perhaps some of the others, and nothing else."""
    if not isinstance(entry, dict):
        raise BadCatalogue(f"{where}: {entry!r} is no table")
    known = {**members, **(more or {})}
    if unknown := sorted(set(entry) - set(known)):
        raise BadCatalogue(f"{where}: {unknown} is not known here")
    if missing := sorted(set(members) - set(entry)):
        raise BadCatalogue(f"{where}: {missing} is missing")
    for name, value in entry.items():
        if type(value) is not known[name]:
            raise BadCatalogue(f"{where}: {name} is no {known[name].__name__}")
        if value in ("", []):
            raise BadCatalogue(f"{where}: {name} is empty")


def _words(values: list[Any], where: str, known: frozenset[str] | None = None) -> tuple[str, ...]:
    for value in values:
        if not isinstance(value, str) or (known is not None and value not in known):
            raise BadCatalogue(f"{where}: {value!r} is not known here")
    if len(set(values)) != len(values):
        raise BadCatalogue(f"{where}: something stands twice")
    return tuple(values)


def _publisher(document: Mapping[str, Any], where: str) -> Publisher:
    if document["bound"] not in list(Bound):
        raise BadCatalogue(f"{where}: nothing is bound by {document['bound']!r}")
    return Publisher(
        key=document["key"],
        title=document["title"],
        bound=Bound(document["bound"]),
        introduction=document.get("introduction", ""),
        everything=document.get("everything", ""),
    )


def _section(entry: Any, publisher: Publisher) -> Section:
    _check(entry, publisher.key, SECTION, SECTION_MORE)
    scopes = tuple(_scope(scope, entry["title"]) for scope in entry["scopes"])
    return Section(entry["title"], entry.get("introduction", ""), scopes, publisher)


def _preset(entry: Any) -> Preset:
    _check(entry, "presets", PRESET)
    scopes = _words(entry["scopes"], entry["key"])
    return Preset(entry["key"], entry["title"], entry["purpose"], scopes)


def _scope(entry: Any, where: str) -> Scope:
    _check(entry, where, SCOPE, SCOPE_MORE)
    name = entry["scope"]
    marks = entry.get("marks", {})
    _words(list(marks), name, frozenset(Mark))
    _words(list(marks.values()), name)
    return Scope(
        name=name,
        purpose=entry["purpose"],
        reference=entry.get("reference", ""),
        description=entry.get("description", ""),
        plain=entry.get("plain", ""),
        note=entry.get("note", ""),
        parent=entry.get("parent"),
        implies=_implication(entry["implies"], name) if "implies" in entry else None,
        endpoints=tuple(_endpoint(endpoint, name) for endpoint in entry.get("endpoints", ())),
        levels=frozenset(_words(entry.get("levels", []), name, LEVELS)),
        permissions=frozenset(map(Permission, _words(entry.get("permissions", []), name, KNOWN))),
        marks={Mark(mark): reason for mark, reason in marks.items()},
        published=entry.get("published", True),
    )


def _endpoint(entry: Any, where: str) -> Endpoint:
    _check(entry, where, ENDPOINT, ENDPOINT_MORE)
    methods = frozenset(_words(entry.get("methods", []), where, METHODS))
    return Endpoint(entry["path"], methods)


def _implication(entry: Any, where: str) -> Implication:
    _check(entry, where, IMPLIES)
    return Implication(**entry)
