"""Filters as conditions of the database; what is no such condition is told by None.

A filter that is only partly one still narrows what is read: `where` answers a condition that lets
through at least what the filter does, and whether it lets through nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from scim2_models.path import (
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
    ValuePath,
)

from accounts.identities.models import typed_alike
from accounts.lib.names import skeleton
from accounts.models import Identity
from tokens.doors.scim.models import ExternalId

ORDER: Final = {
    CompareOperator.eq: "",
    CompareOperator.gt: "__gt",
    CompareOperator.ge: "__gte",
    CompareOperator.lt: "__lt",
    CompareOperator.le: "__lte",
}


@dataclass(frozen=True)
class Condition:
    """Of the database; `exact` where it lets through just what the filter does."""

    q: Q
    exact: bool


ANY: Final = Condition(Q(), exact=False)
Translate = Callable[[Identity, CompareOperator, Any], Condition | None]


def where(client: Identity, node: FilterNode, known: Mapping[str, Translate]) -> Condition:
    match node:
        case LogicalExpr(op=op, terms=terms):
            parts = [where(client, term, known) for term in terms]
            return _all(parts) if op == LogicalOperator.and_ else _any(parts)
        case Comparison(attr_path=path, op=op, value=value):
            translate = known.get(_plain(str(path)))
            found = translate(client, op, value) if translate is not None else None
            return found or ANY
        case ValuePath(attr_path=path, val_filter=within):
            return _within(client, str(path), within, known)
    return ANY


def _all(parts: Sequence[Condition]) -> Condition:
    joined = Q()
    for part in parts:
        joined &= part.q
    return Condition(joined, all(part.exact for part in parts))


def _any(parts: Sequence[Condition]) -> Condition:
    if any(not part.q for part in parts):
        return ANY
    either = parts[0].q
    for part in parts[1:]:
        either |= part.q
    return Condition(either, all(part.exact for part in parts))


def _within(
    client: Identity, path: str, node: FilterNode, known: Mapping[str, Translate]
) -> Condition:
    """`emails[type eq "work" and value eq "…"]`: narrowed by what can be, matched in memory."""
    terms = node.terms if isinstance(node, LogicalExpr) else (node,)
    if isinstance(node, LogicalExpr) and node.op != LogicalOperator.and_:
        return ANY
    joined = Q()
    for term in terms:
        if isinstance(term, Comparison):
            translate = known.get(f"{_plain(path)}.{term.attr_path}".lower())
            found = translate(client, term.op, term.value) if translate is not None else None
            joined &= found.q if found is not None else Q()
    return Condition(joined, exact=False)


def _plain(path: str) -> str:
    """Attribute names are told apart without regard to case; the schema may stand before them."""
    lowered = path.lower()
    for schema in ("user", "group"):
        lowered = lowered.removeprefix(f"urn:ietf:params:scim:schemas:core:2.0:{schema}:")
    return lowered


def _user_name(_client: Identity, op: CompareOperator, value: Any) -> Condition | None:
    """By the key that is indexed; look-alikes share it, so what is found is matched once more."""
    if op != CompareOperator.eq or not isinstance(value, str):
        return None
    return Condition(Q(user_name_key=skeleton(typed_alike(value))), exact=False)


def _id(_client: Identity, op: CompareOperator, value: Any) -> Condition | None:
    if op != CompareOperator.eq or not isinstance(value, str):
        return None
    try:
        pk = UUID(value)
    except ValueError:
        return Condition(Q(pk__in=()), exact=True)
    return Condition(Q(pk=pk), exact=str(pk) == value)


def _external_id(what: str) -> Translate:
    def translate(client: Identity, op: CompareOperator, value: Any) -> Condition | None:
        if op != CompareOperator.eq or not isinstance(value, str):
            return None
        named = ExternalId.objects.filter(client=client, value=value).exclude(**{what: None})
        return Condition(Q(pk__in=named.values(what)), exact=False)

    return translate


def _email(_client: Identity, op: CompareOperator, value: Any) -> Condition | None:
    if op != CompareOperator.eq or not isinstance(value, str):
        return None
    return Condition(Q(email__iexact=value), exact=False)


def _active(_client: Identity, op: CompareOperator, value: Any) -> Condition | None:
    if op != CompareOperator.eq or not isinstance(value, bool):
        return None
    return Condition(Q(disabled_at__isnull=value), exact=True)


def _time(column: str) -> Translate:
    def translate(_client: Identity, op: CompareOperator, value: Any) -> Condition | None:
        at = value if isinstance(value, datetime) else _moment(value)
        if at is None or op not in ORDER:
            return None
        return Condition(Q(**{f"{column}{ORDER[op]}": at}), exact=True)

    return translate


def _moment(value: Any) -> datetime | None:
    try:
        at = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _group_name(_client: Identity, op: CompareOperator, value: Any) -> Condition | None:
    if op != CompareOperator.eq or not isinstance(value, str):
        return None
    return Condition(Q(name_key=skeleton(value)), exact=False)


def _member(_client: Identity, op: CompareOperator, value: Any) -> Condition | None:
    if op != CompareOperator.eq or not isinstance(value, str):
        return None
    try:
        return Condition(Q(memberships__identity=UUID(value)), exact=False)
    except ValueError:
        return Condition(Q(pk__in=()), exact=True)


OF_USERS: Final[Mapping[str, Translate]] = {
    "username": _user_name,
    "id": _id,
    "externalid": _external_id("identity"),
    "emails": _email,
    "emails.value": _email,
    "active": _active,
    "meta.created": _time("created_at"),
    "meta.lastmodified": _time("changed_at"),
}
OF_GROUPS: Final[Mapping[str, Translate]] = {
    "displayname": _group_name,
    "id": _id,
    "externalid": _external_id("group"),
    "members": _member,
    "members.value": _member,
    "meta.created": _time("created_at"),
}
