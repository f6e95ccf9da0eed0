"""What scim2-server reads and writes: identities and groups, by the actions that pages use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Collate, Lower
from django.db.models.lookups import GreaterThan, LessThan
from scim2_models import (
    InvalidCursorException,
    NotFoundException,
    PreconditionFailedException,
    ResourceType,
    ResponseParameters,
    SearchRequest,
    TooManyException,
)
from scim2_server.memory import InMemoryStorage
from scim2_server.storage import ScimStorage, SearchPage

from accounts.lib.sql import is_postgres
from accounts.models import Identity
from tokens.doors.scim import filters, groups, users, versions
from tokens.doors.scim.errors import in_scim
from tokens.doors.scim.resources import GROUPS, USERS

MOST_IN_MEMORY: Final = 2_000
"""Resources that are read to be matched or sorted one by one."""

Resource = Any
"""A user or a group: the library types resources by their schemas."""


class Changed(PreconditionFailedException):
    """Somebody else was faster: the same request, tried again, may succeed."""


class DirectoryStorage(ScimStorage):
    """As one client sees it."""

    supports_cursors = True

    def __init__(self, client: Identity) -> None:
        self.client = client
        self.members_left = groups.MOST_CHANGES
        """Which this request, also one of many operations, may still add and remove."""

    @contextmanager
    def operation(self) -> Iterator[None]:
        with in_scim(), transaction.atomic():
            yield

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource:
        row = self._rows(resource_type).filter(pk=_id(resource_id)).first()
        if row is None:
            raise _not_found(resource_id)
        whole = not _leaves_out(response_parameters, resource_type)
        return self._resources(resource_type, [row], whole=whole)[0]

    def member_count(self, resource_id: str) -> int:
        """Of a group; none where there is no such group."""
        group = groups.rows(self.client).filter(pk=_id(resource_id)).first()
        return group.memberships.count() if group is not None else 0

    def outline(self, resource_type: ResourceType, resource_id: str) -> Resource:
        """Without members or groups."""
        row = self._rows(resource_type).filter(pk=_id(resource_id)).first()
        if row is None:
            raise _not_found(resource_id)
        return self._resources(resource_type, [row], whole=False)[0]

    def create(self, resource_type: ResourceType, resource: Resource) -> Resource:
        with in_scim(), transaction.atomic():
            if resource_type.id == GROUPS.id:
                self.members_left -= groups.lock_before(resource, None, self.members_left)
            of = users if resource_type.id == USERS.id else groups
            made = of.create(self.client, resource, versions.now())
            return self.get(resource_type, str(made.pk))

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource,
        *,
        expected_version: str | None = None,
    ) -> Resource:
        with in_scim(), transaction.atomic():
            row = self._locked(resource_type, resource.id, expected_version, resource)
            of: Any = users if resource_type.id == USERS.id else groups
            of.update(self.client, row, resource, versions.now())
            return self.get(resource_type, resource.id)

    def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        with in_scim(), transaction.atomic():
            row = self._locked(resource_type, resource_id, expected_version)
            of: Any = users if resource_type.id == USERS.id else groups
            of.delete(self.client, row, versions.now())

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        if len(resource_types) == 1:
            kind = resource_types[0]
            condition = self._condition(kind, search_request)
            order = Order.of(kind, search_request)
            if condition.exact and order is not None:
                rows = self._rows(kind).filter(condition.q)
                found, page = order.page(rows, search_request, position)
                whole = not _leaves_out(search_request, kind)
                page.resources = self._resources(kind, found, whole=whole)
                return page
        return self._in_memory(resource_types, search_request, position)

    def _in_memory(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], position: Any
    ) -> SearchPage:
        """Raises TooManyException: there are too many that could be meant."""
        candidates: list[Resource] = []
        for kind in resource_types:
            condition = self._condition(kind, search_request)
            left = MOST_IN_MEMORY - len(candidates)
            rows = self._rows(kind).filter(condition.q).order_by("pk")[: left + 1]
            if len(rows) > left:
                raise TooManyException(
                    detail=f"This search would read more than {MOST_IN_MEMORY} resources one by "
                    "one. Filter by id, userName, externalId, emails, active or meta.lastModified."
                )
            whole = _names(search_request, kind) or not _leaves_out(search_request, kind)
            candidates += self._resources(kind, list(rows), whole=whole)
        memory = InMemoryStorage()
        memory.resources = candidates
        return memory.search(resource_types, search_request, position=position)

    def _condition(
        self, kind: ResourceType, search_request: SearchRequest[Any]
    ) -> filters.Condition:
        if search_request.filter is None:
            return filters.Condition(Q(), exact=True)
        known = filters.OF_USERS if kind.id == USERS.id else filters.OF_GROUPS
        return filters.where(self.client, search_request.filter.ast, known)

    def _rows(self, kind: ResourceType) -> QuerySet[Any]:
        of: Any = users if kind.id == USERS.id else groups
        rows: QuerySet[Any] = of.rows(self.client)
        return rows

    def _resources(self, kind: ResourceType, rows: list[Any], *, whole: bool) -> list[Resource]:
        if kind.id == USERS.id:
            return users.page_of(self.client, rows, groups=whole)
        return groups.page_of(self.client, rows, members=whole)

    def _locked(
        self,
        kind: ResourceType,
        resource_id: str | None,
        expected_version: str | None,
        resource: Resource = None,
    ) -> Any:
        """The row, which nobody else changes until the transaction ends.

        Raises:
            NotFoundException: there is none.
            Changed: it has another version.
        """
        pk = _id(resource_id)
        changes = 0
        if kind.id == GROUPS.id:
            changes = groups.lock_before(resource, pk, self.members_left)
        of: Any = users if kind.id == USERS.id else groups
        row = of.locked(self.client, pk)
        if row is None:
            raise _not_found(resource_id)
        if expected_version is not None:
            stands = self._resources(kind, [row], whole=False)[0]
            if stands.meta.version != expected_version:
                raise Changed
        self.members_left -= changes
        return row


class Order:
    """A sort that the database does; ties are settled by id."""

    def __init__(self, expression: Any, attribute: str, *, descending: bool) -> None:
        self.expression, self.attribute, self.descending = expression, attribute, descending

    @classmethod
    def of(cls, kind: ResourceType, asked: SearchRequest[Any]) -> Order | None:
        """None where only memory can sort."""
        name = str(asked.sort_by or "id").rpartition(":")[2].lower()
        by_name = "user_name" if kind.id == USERS.id else "name"
        columns = {"id": F("pk"), "username" if kind.id == USERS.id else "displayname": by_name}
        if kind.id == USERS.id:
            columns |= {"meta.created": F("created_at"), "meta.lastmodified": F("changed_at")}
        if name not in columns:
            return None
        found = columns[name]
        if isinstance(found, str):
            # by code point, as the library sorts, whatever the language of the database
            found = Collate(Lower(found), "C" if is_postgres() else "BINARY")
        descending = asked.sort_order == SearchRequest.SortOrder.descending
        return cls(found, name, descending=descending and asked.sort_by is not None)

    def page(
        self, rows: QuerySet[Any], asked: SearchRequest[Any], position: Any
    ) -> tuple[list[Any], SearchPage]:
        total = rows.count()
        rows = rows.annotate(scim_key=self.expression)
        count = asked.count if asked.count is not None else total
        if asked.cursor is None:
            start = asked.start_index_0 or 0
            page = SearchPage(total, [])
            return list(self._ordered(rows)[start : start + count]), page
        if count == 0:
            return [], SearchPage(total, [])
        return self._by_cursor(rows, count, position, total)

    def _by_cursor(
        self, rows: QuerySet[Any], count: int, position: Any, total: int
    ) -> tuple[list[Any], SearchPage]:
        page = SearchPage(total, [])
        back = False
        if position is not None:
            back, key, pk = _read(position, self.attribute)
            rows = rows.filter(self._beyond(key, pk, back=back))
        found = list(self._ordered(rows, reverse=back)[: count + 1])
        more, found = len(found) > count, found[:count]
        if back:
            found.reverse()
        if found and (more or back):
            page.next = self._position("next", found[-1])
        if found and ((more and back) or (position is not None and not back)):
            page.previous = self._position("previous", found[0])
        return found, page

    def _ordered(self, rows: QuerySet[Any], *, reverse: bool = False) -> QuerySet[Any]:
        sign = "-" if self.descending != reverse else ""
        return rows.order_by(f"{sign}scim_key", f"{sign}pk")

    def _beyond(self, key: Any, pk: UUID, *, back: bool) -> Q:
        lookup = LessThan if self.descending != back else GreaterThan
        further = Q(pk__lt=pk) if self.descending != back else Q(pk__gt=pk)
        return Q(lookup(F("scim_key"), key)) | (Q(scim_key=key) & further)

    def _position(self, direction: str, row: Any) -> dict[str, str]:
        key = row.scim_key
        text = key.isoformat() if hasattr(key, "isoformat") else str(key)
        return {"d": direction, "k": text, "i": str(row.pk)}


def _read(position: Any, attribute: str) -> tuple[bool, Any, UUID]:
    try:
        back, key, pk = position["d"] == "previous", position["k"], UUID(position["i"])
        if attribute == "id":
            return back, UUID(key), pk
        if attribute.startswith("meta."):
            return back, datetime.fromisoformat(key), pk
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidCursorException from error
    return back, key, pk


def _id(resource_id: str | None) -> UUID:
    try:
        return UUID(str(resource_id))
    except ValueError as error:
        raise _not_found(resource_id) from error


def _not_found(resource_id: str | None) -> NotFoundException:
    return NotFoundException(detail=f"There is no resource of the id {str(resource_id)[:100]!r}.")


def _leaves_out(asked: ResponseParameters[Any] | None, kind: ResourceType) -> bool:
    """Whether the answer has no members, or no groups, so that they need not be read."""
    if asked is None:
        return False
    name = "groups" if kind.id == USERS.id else "members"
    excluded = {str(path).rpartition(":")[2].lower() for path in asked.excluded_attributes or []}
    if name in excluded:
        return True
    wanted = [str(path).rpartition(":")[2].lower() for path in asked.attributes or []]
    return bool(wanted) and not any(path.split(".")[0] == name for path in wanted)


def _names(asked: SearchRequest[Any], kind: ResourceType) -> bool:
    """Whether members, or groups, may be what is searched or sorted by."""
    name = "groups" if kind.id == USERS.id else "members"
    said = (asked.filter.ast if asked.filter is not None else "", asked.sort_by or "")
    return name in repr(said).lower()
