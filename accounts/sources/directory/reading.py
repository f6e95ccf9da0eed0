"""The entries of a directory as rows of the account schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import sansldap
from django.utils.translation import gettext as _

from accounts.lib.csv_safety import plain_cell, safe_cell
from accounts.sources.connectors.base import AttributeDraft, BadConfig, Misfit
from accounts.sources.directory import values
from accounts.sources.directory.connection import Entry
from accounts.sources.directory.errors import DirectoryRefused

DN: Final = "dn"
IS_DISABLED: Final = "useraccountcontrol:disabled"
"""What can be mapped though no attribute of the directory is called so."""
ATTRIBUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*(;[A-Za-z0-9-]+)*", re.ASCII)
"""RFC 4512 section 2.5, but no numbers: most directories answer by the name, where the values
would not be found, and by its number the password of others could be asked for."""
DEEPEST_FILTER: Final = 20


class Column:
    """An attribute of the account schema, and where its values come from."""

    def __init__(self, draft: AttributeDraft, source: str) -> None:
        self.name = draft.name
        self.kind = draft.type
        self.is_multi_valued = draft.is_multi_valued
        self.source = source
        self.key = source.lower()

    def texts(self, entry: Entry) -> list[str]:
        """The values in an order of our own, since that of a directory means nothing.

        Raises:
            NotText: a value cannot be written as text.
            Partial: the directory gave only some of the values.
        """
        if self.key == DN:
            return [entry.dn]
        if self.key == IS_DISABLED:
            found = entry.attributes.get("useraccountcontrol", [])
            return [values.is_disabled(v.decode("ascii", "replace")) for v in found]
        found = entry.attributes.get(self.key, [])
        if not found and any(k.startswith(f"{self.key};range=") for k in entry.attributes):
            raise Partial
        return sorted({values.text_of(self.key, value, self.kind) for value in found})

    def shown(self, entry: Entry) -> str:
        try:
            return ", ".join(self.texts(entry))
        except (values.NotText, Partial):
            return ""


class Partial(Exception):
    """Active Directory hands out the first 1,500 values of an attribute, and says so."""


def columns_of(schema: Sequence[AttributeDraft], config: Mapping[str, Any]) -> list[Column]:
    """Where each attribute of the account schema comes from.

    Raises:
        DirectoryRefused: the mapping and the schema do not go together.
    """
    mapping = mapping_of(config)
    names = {draft.name for draft in schema}
    unknown = [name for name in mapping if name not in names]
    if unknown:
        raise DirectoryRefused("unknown_attribute", name=unknown[0])
    columns = [Column(draft, mapping.get(draft.name, draft.name)) for draft in schema]
    for column in columns:
        if not _is_attribute(column.key):
            raise DirectoryRefused("unmapped", name=column.name)
        if column.key.partition(";")[0] in values.SECRET:
            raise DirectoryRefused("secret_attribute", name=column.source)
    return columns


def mapping_of(config: Mapping[str, Any]) -> dict[str, str]:
    """Attributes of the directory by those of the account schema, where they differ.

    Raises:
        BadConfig: a line is not of the form.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(str(config["mapping"]).splitlines(), start=1):
        if not line.strip():
            continue
        ours, _sign, theirs = (part.strip() for part in line.rpartition("="))
        if not ours or not _is_attribute(theirs.lower()):
            message = _("Line %(number)d: write account attribute = directory attribute.")
            raise BadConfig(message % {"number": number}, field="mapping")
        if ours in found:
            message = _("Line %(number)d: “%(name)s” is mapped twice.")
            raise BadConfig(message % {"number": number, "name": ours}, field="mapping")
        if theirs.lower().partition(";")[0] in values.SECRET:
            message = _("“%(name)s” holds passwords, which Steward does not read.")
            raise BadConfig(message % {"name": theirs}, field="mapping")
        found[ours] = theirs
    return found


def filter_of(config: Mapping[str, Any]) -> sansldap.LDAPFilter:
    """The filter, taken apart here: a server gets it as a structure, never as a text.

    Raises:
        BadConfig: it is none.
    """
    text = str(config["filter"]).strip()
    depth = deepest = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    if deepest > DEEPEST_FILTER:
        message = _("The filter is nested more than %(limit)d levels deep.")
        raise BadConfig(message % {"limit": DEEPEST_FILTER}, field="filter")
    try:
        return sansldap.LDAPFilter.from_string(text)
    except ValueError as error:
        message = _("This is no LDAP filter: %(why)s. For example: (objectClass=person)")
        raise BadConfig(message % {"why": error}, field="filter") from error


def _is_attribute(key: str) -> bool:
    return key == IS_DISABLED or ATTRIBUTE.fullmatch(key) is not None


class DirectoryReading:
    """The entries as rows: as many for each as its attribute with the most values has."""

    def __init__(self, entries: Iterator[Entry], columns: Sequence[Column]) -> None:
        self.header: Sequence[str] = [column.name for column in columns]
        self.ignored: Sequence[str] = []
        self.total: int | None = None
        self.position = 0
        self._entries = entries
        self._columns = columns

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        for number, entry in enumerate(self._entries, start=1):
            self.position = number
            for row in self._rows(entry):
                yield number, row

    def as_read(self, cells: list[str]) -> list[str]:
        return [plain_cell(cell) for cell in cells]

    def _rows(self, entry: Entry) -> Iterator[list[str]]:
        found: list[list[str]] = []
        for column in self._columns:
            try:
                texts = column.texts(entry)
            except values.NotText:
                yield self._misfit(entry, column, "not_text")
                return
            except Partial:
                yield self._misfit(entry, column, "partial")
                return
            if len(texts) > 1 and not column.is_multi_valued:
                yield self._misfit(entry, column, "several")
                return
            found.append([safe_cell(text) for text in texts])
        for place in range(max(1, *map(len, found))):
            yield [
                self._cell(column, texts, place)
                for column, texts in zip(self._columns, found, strict=True)
            ]

    @staticmethod
    def _cell(column: Column, texts: list[str], place: int) -> str:
        """What is single stands in every row of the entry."""
        if not column.is_multi_valued:
            place = 0
        return texts[place] if place < len(texts) else ""

    def _misfit(self, entry: Entry, column: Column, reason: str) -> Misfit:
        shown = [safe_cell(each.shown(entry)) for each in self._columns]
        return Misfit(shown, reason=reason, column=column.name, names_account=True)
