"""Accounts of sources, read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse

from accounts.models import IdentityAccount, IdentityProfile, Source, SourceAccount
from tokens.doors.sailpoint.calls import Call, as_id, stamp
from tokens.doors.sailpoint.collections import Collection, listed
from tokens.doors.sailpoint.errors import Refused, answer, not_found
from tokens.doors.sailpoint.fields import NOTHING, Asked, Column, Derived, Kind, either
from tokens.doors.sailpoint.sources import CONNECTORS, connectors_by

ORIGIN: Final = "AGGREGATED"
MOST_LINKS: Final = 1000
"""Accounts of the identities that one filter names."""

_LINKS: Final = IdentityAccount.objects.filter(identity__deleted_at=None)
_LINKED: Final = _LINKS.filter(
    source_id=OuterRef("source_id"), native_identity=OuterRef("native_identity")
)


def _of_identities(values: Sequence[str]) -> Q:
    """The accounts that belong to identities; asked from their side, where there is an index."""
    wanted = [pk for pk in map(as_id, values) if pk]
    links = _LINKS.filter(identity__in=wanted).values_list("source_id", "native_identity")
    each = [Q(source_id=source, native_identity=native) for source, native in links[:MOST_LINKS]]
    return reduce(or_, each, NOTHING)


def _of_names(values: Sequence[str]) -> Q:
    """The accounts that belong to identities of these names."""
    named = _LINKED.filter(identity__display_name__in=values)
    return Q(Exists(named))


_AUTHORITATIVE: Final = Exists(
    IdentityProfile.objects.existing().filter(source=OuterRef("source_id"))
)

ACCOUNTS: Final = Collection(
    order=("id",),
    fields={
        "id": Column("id", "eq in", Kind.NUMBER),
        "identityId": Asked(_of_identities, "eq in"),
        "name": Column("name", "eq in sw"),
        "nativeIdentity": Column("native_identity", "eq in sw"),
        "sourceId": Column("source_id", "eq in", Kind.ID),
        "uncorrelated": either(~Exists(_LINKED)),
        "identity.name": Asked(_of_names, "eq in"),
        "identity.correlated": either(Exists(_LINKED)),
        "source.displayableName": Column("source__name", "eq in"),
        "source.authoritative": either(_AUTHORITATIVE),
        "source.connectionType": Derived(connectors_by("connectionType", "source__connector")),
        "origin": Derived({ORIGIN: ~NOTHING}),
        "manuallyCorrelated": either(NOTHING),
        "hasEntitlements": either(NOTHING),
        "created": Column("created_at", "eq gt ge lt le", Kind.TIME),
        "modified": Column("changed_at", "eq gt ge lt le", Kind.TIME),
    },
    sorters={
        "id": "id",
        "name": "name_key",
        "nativeIdentity": "native_identity",
        "sourceId": "source_id",
        "source.displayableName": "source__name",
        "created": "created_at",
        "modified": "changed_at",
    },
    parameters=frozenset({"detailLevel"}),
)


def list_(call: Call) -> HttpResponse:
    """`detailLevel` SLIM leaves the attributes out."""
    level = call.request.GET.get("detailLevel", "FULL")
    if level not in ("FULL", "SLIM"):
        raise Refused("detailLevel must be SLIM or FULL.")
    is_slim = level == "SLIM"
    return listed(call, _readable(call), ACCOUNTS, lambda rows: documents(rows, slim=is_slim))


def get(call: Call, account_id: str) -> HttpResponse:
    is_number = account_id.isascii() and account_id.isdigit() and len(account_id) < 19
    found = _readable(call).filter(pk=int(account_id)).first() if is_number else None
    if found is None:
        raise not_found("account")
    return answer(documents([found])[0])


def _readable(call: Call) -> QuerySet[SourceAccount]:
    return SourceAccount.objects.filter(source__in=Source.objects.looked_up_by(call.by))


def documents(rows: Sequence[SourceAccount], *, slim: bool = False) -> list[dict[str, Any]]:
    """Accounts in the vendor's words, with three statements for what they lack themselves."""
    sources = Source.objects.in_bulk({row.source_id for row in rows})
    profiles = IdentityProfile.objects.existing().filter(source__in=sources)
    authoritative = set(profiles.values_list("source_id", flat=True))
    links = _LINKS.filter(
        source__in=sources, native_identity__in=[row.native_identity for row in rows]
    )
    holders = {(link.source_id, link.native_identity): link.identity_id for link in links}
    return [
        _document(row, sources[row.source_id], holders.get((row.source_id, row.native_identity)))
        | {"authoritative": row.source_id in authoritative}
        | ({} if slim else {"attributes": dict(row.attributes)})
        for row in rows
    ]


def _document(row: SourceAccount, source: Source, holder: object | None) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "created": stamp(row.created_at),
        "modified": stamp(row.changed_at),
        "sourceId": str(source.pk),
        "sourceName": source.name,
        "identityId": str(holder) if holder else None,
        "attributes": None,
        "disabled": False,
        "locked": False,
        "nativeIdentity": row.native_identity,
        "systemAccount": False,
        "uncorrelated": holder is None,
        "manuallyCorrelated": False,
        "hasEntitlements": False,
        "isMachine": False,
        "connectionType": CONNECTORS[source.connector]["connectionType"],
        "origin": ORIGIN,
    }
