from __future__ import annotations

from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.identities.models import Identity
from accounts.sources.models import (
    RemovedAccount,
    Source,
    SourceAccount,
    SourceQuerySet,
)
from accounts.sources.shape import name_key

SEARCH_INSIDE_UP_TO: Final = 20_000
"""Accounts of a source in which a search looks for the text anywhere; in larger ones an index
finds those whose Account Name or Account ID begins with it."""


def for_list(person: Identity) -> SourceQuerySet:
    """Sources as a list shows them; order by ("name", "id")."""
    return Source.objects.visible_to(person).select_related("owner")


def searches_inside(source: Source) -> bool:
    """Whether `search` finds a text anywhere in a name, not only at its beginning."""
    return source.account_count <= SEARCH_INSIDE_UP_TO


def search(source: Source, text: str = "") -> QuerySet[SourceAccount]:
    """Accounts by name or ID; page through them by ("name_key", "id") or by "native_identity"."""
    found = SourceAccount.objects.filter(source=source)
    text = text.strip()
    if not text:
        return found
    if searches_inside(source):
        return found.filter(
            Q(name_key__contains=name_key(text)) | Q(native_identity__icontains=text)
        )
    return found.filter(_begins("name_key", name_key(text)) | _begins("native_identity", text))


def _begins(field: str, text: str) -> Q:
    if connection.vendor == "postgresql":
        return Q(**{f"{field}__startswith": text})
    # SQLite's LIKE ignores case, and so the index; both compare byte by byte here
    return Q(**{f"{field}__gte": text, f"{field}__lt": text + "\U0010ffff"})


def removed(source: Source) -> QuerySet[RemovedAccount]:
    """Accounts that can be brought back; page by ("-removed_at", "id")."""
    return RemovedAccount.objects.filter(source=source)
