"""Reads the accounts of a source with the identities that they have, in steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Q

from accounts.identities.models import Identity
from accounts.lib.sql import as_text, id_parameter, rows
from accounts.profiles.attributes import PURPOSE
from accounts.profiles.models import IdentityAccount
from accounts.profiles.transforms.base import Account
from accounts.service_accounts.models import ServiceAccount
from accounts.sources.models import Source, SourceAccount

BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)

STEP = 10_000
"""Accounts that are read at a time."""


class Known(NamedTuple):
    """What is known of the identity of an account."""

    id: UUID
    user_name: str
    first_name: str
    last_name: str
    display_name: str
    email: str
    attributes: dict[str, Any]
    disabled_at: datetime | None
    deleted_at: datetime | None


class Scanned(NamedTuple):
    """An account, and what its link to an identity says; as the database answers it."""

    native_identity: str
    name: str
    digest: str
    attributes: str
    """JSON."""
    identity_id: UUID | str | None
    linked_digest: str | None
    vanished_at: datetime | str | None


class Current:
    """The account at hand, in the form in which transforms read it."""

    __slots__ = ("attributes", "name", "native_identity")

    def __init__(self) -> None:
        self.native_identity = ""
        self.name = ""
        self.attributes: Mapping[str, Any] = {}

    @property
    def created_at(self) -> datetime:
        """By it, accounts of one source are sorted; of this one, an identity has a single one."""
        return BEGINNING


class Step(NamedTuple):
    accounts: Sequence[Scanned]
    known: Mapping[UUID, Known]
    others: Mapping[UUID, Mapping[str, Sequence[Account]]]
    """Accounts on other sources by identity, then by the name and the id of the source."""


class Accounts:
    """The accounts that may have something new, or all that an identity follows, in steps.

    An account without an identity counts always, one that another account of its identity leads
    never. `after` is the one that was read last; `until` may be set while they are read.
    `with_descriptions` takes the purpose of service accounts from their descriptions: what was
    typed there before it was mapped is then seen to change.
    """

    def __init__(
        self,
        source: Source,
        *,
        everything: bool,
        other_sources: frozenset[str],
        with_descriptions: bool = False,
        after: str = "",
        until: str = "",
    ) -> None:
        self.after = after
        self.until = until
        """The last account that counts; empty: all that follow."""
        self._source = source
        self._everything = everything
        self._others = sources_named(other_sources)
        self._with_descriptions = with_descriptions

    def __iter__(self) -> Iterator[Step]:
        while found := self._next():
            self.after = found[-1].native_identity
            ids = [known for account in found if (known := uuid_of(account.identity_id))]
            others = their_accounts(ids, self._others) if self._others and ids else {}
            known_now = _known(ids)
            if self._with_descriptions:
                _take_descriptions(known_now)
            yield Step(found, known_now, others)

    def _next(self) -> list[Scanned]:
        changed = "" if self._everything else " AND l.digest <> a.digest"
        until = " AND a.native_identity <= %s" if self.until else ""
        found = rows(
            f"SELECT a.native_identity, a.name, {as_text('a.digest')}, {as_text('a.attributes')}, "  # noqa: S608
            f"l.identity_id, {as_text('l.digest')}, l.vanished_at FROM accounts_sourceaccount a "
            "LEFT JOIN accounts_identityaccount l "
            "ON l.source_id = a.source_id AND l.native_identity = a.native_identity "
            f"WHERE a.source_id = %s AND a.native_identity > %s{until} AND (l.id IS NULL "
            f"OR l.vanished_at IS NOT NULL OR (l.leads{changed})) "
            "ORDER BY a.native_identity LIMIT %s",
            [
                *(id_parameter(self._source.pk), self.after),
                *([self.until] if self.until else []),
                STEP,
            ],
        )
        return [Scanned(*row) for row in found]


def middle(source: Source, after: str, count: int) -> str:
    """The account in the middle of about so many that follow; empty if none does."""
    found = rows(
        "SELECT native_identity FROM accounts_sourceaccount WHERE source_id = %s "
        "AND native_identity > %s ORDER BY native_identity LIMIT 1 OFFSET %s",
        [id_parameter(source.pk), after, count // 2],
    )
    return str(found[0][0]) if found else ""


def uuid_of(value: UUID | str | None) -> UUID | None:
    """An id as the database answers it."""
    return UUID(value) if isinstance(value, str) else value


def _known(ids: Sequence[UUID]) -> dict[UUID, Known]:
    if not ids:
        return {}
    found = Identity.objects.get_queryset().filter(pk__in=ids).values_list(*Known._fields)
    return {row[0]: Known(*row) for row in found}


def _take_descriptions(known: Mapping[UUID, Known]) -> None:
    rows = ServiceAccount.objects.filter(pk__in=known).values_list("pk", "description")
    for pk, description in rows:
        attributes = known[pk].attributes
        attributes.pop(PURPOSE, None)
        if description:
            attributes[PURPOSE] = description


def sources_named(names: frozenset[str]) -> dict[UUID, str]:
    if not names:
        return {}
    ids = []
    for name in names:
        try:
            ids.append(UUID(name))
        except ValueError:
            continue
    found = Source.objects.existing().filter(Q(name__in=names) | Q(pk__in=ids))
    return dict(found.values_list("pk", "name"))


def their_accounts(
    ids: Sequence[UUID], sources: Mapping[UUID, str]
) -> dict[UUID, dict[str, list[Account]]]:
    """The accounts that identities have on other sources."""
    links = IdentityAccount.objects.filter(
        identity__in=ids, source__in=list(sources), vanished_at=None
    ).values_list("source_id", "native_identity", "identity_id")
    owners = {(source, native): identity for source, native, identity in links}
    found: dict[UUID, dict[str, list[Account]]] = {}
    for source in {source for source, _native in owners}:
        natives = [native for of, native in owners if of == source]
        for account in SourceAccount.objects.filter(source=source, native_identity__in=natives):
            identity = owners[source, account.native_identity]
            by_source = found.setdefault(identity, {})
            for name in (str(source), sources[source]):
                by_source.setdefault(name, []).append(account)
    return found
