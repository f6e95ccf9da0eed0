"""Which attributes the entries of a directory have, and what its schema says of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import sansldap
from sansldap.schema import AttributeTypeDescription

from accounts.sources.connectors.base import AttributeDraft, Type
from accounts.sources.directory import values
from accounts.sources.directory.connection import Directory, Search
from accounts.sources.directory.errors import DirectoryRefused

LOOKED_AT: Final = 100
"""Entries; an attribute that none of them has is not found."""
LONGEST_DEFINITION: Final = 4000

TYPES: Final = {
    "1.3.6.1.4.1.1466.115.121.1.7": Type.BOOLEAN,
    "1.3.6.1.4.1.1466.115.121.1.24": Type.DATE,
    "1.3.6.1.4.1.1466.115.121.1.27": Type.LONG,
    "1.2.840.113556.1.4.906": Type.LONG,
}
"""By syntax: RFC 4517 section 3.3, and Large Integer of Active Directory; others are text."""
ENTITLEMENTS: Final = frozenset({"memberof"})
ANYTHING: Final = sansldap.FilterPresent("objectClass")


def discover(directory: Directory, search: Search) -> list[AttributeDraft]:
    """The attributes that the first entries have, by name; passwords are not among them.

    Only names are asked for: among the values that nobody knows yet are secrets.

    Raises:
        DirectoryRefused: the entries cannot be read.
    """
    everything = replace(search, attributes=("*", "+"))
    found = {
        name.partition(";")[0]
        for entry in directory.first(everything, LOOKED_AT, names_only=True)
        for name in entry.attributes
    }
    definitions = _definitions(directory)
    drafts = [
        _draft(definitions.get(name, AttributeDraft(name, is_multi_valued=True)))
        for name in found - values.SECRET
    ]
    return sorted(drafts, key=lambda draft: draft.name.lower())


def _draft(draft: AttributeDraft) -> AttributeDraft:
    name = draft.name.lower()
    kind = Type.DATE if name in values.FILE_TIMES else draft.type
    if name in values.BINARY | values.GUIDS | values.SIDS:
        kind = Type.STRING
    return replace(
        draft,
        type=kind,
        is_entitlement=name in ENTITLEMENTS,
    )


def _definitions(directory: Directory) -> dict[str, AttributeDraft]:
    """What the schema of the directory says, by each name in lower case; empty if it hides it."""
    try:
        places = _texts(directory, "", "subschemaSubentry")
        texts = _texts(directory, places[0], "attributeTypes") if places else []
    except DirectoryRefused:
        return {}
    return {name: draft for text in texts for name, draft in _parsed(text).items()}


def _texts(directory: Directory, base: str, name: str) -> list[str]:
    """The values of an attribute of the entry `base`."""
    search = Search(base, sansldap.SearchScope.BASE, ANYTHING, (name,), page_size=1)
    return [
        value.decode(errors="replace")
        for entry in directory.first(search, 1)
        for value in entry.attributes.get(name.lower(), [])
    ]


def _parsed(text: str) -> dict[str, AttributeDraft]:
    """One definition of RFC 4512 section 4.1.2; what cannot be read is as if it were not there."""
    if len(text) > LONGEST_DEFINITION:
        return {}
    try:
        read = AttributeTypeDescription.from_string(text)
    except ValueError:
        return {}
    return {
        name.lower(): AttributeDraft(
            name,
            description=(read.description or "")[:200],
            type=TYPES.get(read.syntax or "", Type.STRING),
            is_multi_valued=not read.single_value,
        )
        for name in read.names
    }
