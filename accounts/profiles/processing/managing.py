"""Sets the managers that the mappings of a profile name, once all of its identities are there.

Whoever came in the same run can be a manager, too. What is set already costs a look, page by page.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.audit.bulk import Lines, record_all
from accounts.audit.plain import plain
from accounts.identities import bulk as identities
from accounts.identities.models import Identity
from accounts.jobs.run import Run
from accounts.lib.sql import execute
from accounts.profiles import managed_by
from accounts.profiles.attributes import MANAGER
from accounts.profiles.managed_by import Manager
from accounts.profiles.models import IdentityAccount, IdentityProfile
from accounts.profiles.processing.compare import PROBLEMS
from accounts.profiles.processing.models import AccountProblem, Processing
from accounts.profiles.processing.states import MANAGED, Problem
from accounts.sources.models import SourceAccount

PAGE: Final = 2_000
"""Identities that are looked at in one transaction."""
LOOKS: Final = 20
"""How often circles are looked for; of managers who are made for it each look finds another one.
Then whoever is near them keeps the manager that they have, until the next time."""

Parents = dict[UUID, UUID | None]
"""The manager of each."""


@dataclass(frozen=True, slots=True)
class _Row:
    native_identity: str
    identity: UUID
    user_name: str
    value: str
    now: UUID | None
    """The manager that it has."""
    chosen: bool
    """Whether a colleague chose that one."""


def settle(run: Run, processing: Processing, hold: Callable[[], object]) -> None:
    """Let each identity of the profile have the manager that its mapped value names.

    A value that names nobody, or several, leaves the manager as it is; so does one that would
    make people managers of themselves, and one of somebody whose manager is set by hand. They
    become exceptions. No value: no manager.

    `hold` is called at the begin of each transaction, to make sure that the plan still fits.
    Safe to begin again.

    Raises:
        Cancelled, LostJob: see `Run.progress`.
    """
    profile = processing.profile
    if not managed_by.are_mapped(profile):
        return
    run.phase(_("Setting the managers"), total=processing.accounts)
    named = managed_by.named(profile, _values(profile))
    settling = _Settling(
        profile=profile,
        plan=processing.plan or 0,
        named=named,
        circular=_closing_circles(profile, named, run.clock()),
        by=run.actor,
    )
    AccountProblem.objects.filter(plan=settling.plan, kind__in=MANAGED).delete()
    done, after = 0, ""
    while True:
        with transaction.atomic():
            hold()
            page = settling.settle(after, run.clock())
            run.hold()
        if not page:
            return
        done, after = done + len(page), page[-1].native_identity
        run.progress(done, max(done, processing.accounts))


def keep_problems(profile: IdentityProfile, plan: int | None) -> None:
    """Let a new plan go on telling what is known of managers: it looks at none itself."""
    marks = ", ".join(["%s"] * len(MANAGED))
    columns = "kind, native_identity, account_name, identity_id, attribute, path, cause, user_name"
    execute(
        f"INSERT INTO {PROBLEMS} (plan, profile_id, {columns}, key) "  # noqa: S608
        f"SELECT %s, profile_id, {columns}, key FROM {PROBLEMS} o WHERE o.plan = %s "
        f"AND o.kind IN ({marks}) AND NOT EXISTS (SELECT 1 FROM {PROBLEMS} n WHERE n.plan = %s "
        "AND n.native_identity = o.native_identity)",
        [plan, profile.problems, *(kind.value for kind in MANAGED), plan],
    )


@dataclass(frozen=True)
class _Settling:
    """What is known of all managers, while the identities are gone through."""

    profile: IdentityProfile
    plan: int
    named: Mapping[str, Manager]
    circular: frozenset[UUID]
    by: Actor

    def settle(self, after: str, at: datetime) -> list[_Row]:
        """Look at the next page of identities and set what differs; answers the page."""
        page = list(_rows(self.profile, after))
        there = _lock([row.identity for row in page if self._differs(row)])
        # of the locked ones: a level that was given meanwhile counts
        by_hand = managed_by.by_hand([row.identity for row in page if self._asks(row)], at=at)
        problems = [(row, problem) for row in page if (problem := self._problem(row, by_hand))]
        self._tell(problems)
        wrong = {row.identity for row, _problem in problems}
        changing = [
            row
            for row in page
            if row.identity in there and row.identity not in wrong and self._differs(row)
        ]
        if changing:
            self._set(changing, at)
        return page

    def _problem(self, row: _Row, by_hand: Collection[UUID]) -> Problem | None:
        if row.identity in by_hand:
            return Problem.MANAGER_BY_HAND
        if row.identity in self.circular:
            return Problem.OWN_MANAGER
        return Problem.MANAGER if row.value and row.value not in self.named else None

    def _asks(self, row: _Row) -> bool:
        """Whether it counts what this identity may do: it is to get another manager, or has one
        of a mapping, which may have chosen before it could do more than anybody."""
        return self._differs(row) or (row.now is not None and not row.chosen)

    def _differs(self, row: _Row) -> bool:
        if row.value and row.value not in self.named:
            return False
        return self._new(row) != row.now

    def _new(self, row: _Row) -> UUID | None:
        return self.named[row.value].id if row.value else None

    def _set(self, rows: Sequence[_Row], at: datetime) -> None:
        """By two statements, and one event each."""
        identities.set_managers({row.identity: self._new(row) for row in rows}, at=at)
        before = Identity.objects.get_queryset().filter(pk__in={row.now for row in rows if row.now})
        names = dict(before.values_list("pk", "user_name"))
        told = [(str(row.identity), row.user_name, self._detail(row, names)) for row in rows]
        marks = ", ".join(["(%s, %s, %s)"] * len(told))
        lines = Lines(
            subject_id="v.column1",
            subject_label="v.column2",
            detail="v.column3",
            rows=f"FROM (VALUES {marks}) v",
            parameters=[cell for line in told for cell in line],
        )
        record_all("identity.manager_set", by=self.by, subject_type="identity", lines=lines, at=at)

    def _detail(self, row: _Row, names: Mapping[UUID, str]) -> str:
        new = self.named[row.value].user_name if row.value else None
        old = names.get(row.now) if row.now else None
        detail = {"before": {"manager": old}, "after": {"manager": new}}
        return json.dumps(plain(detail | {"profile": str(self.profile.pk)}), ensure_ascii=False)

    def _tell(self, problems: Sequence[tuple[_Row, Problem]]) -> None:
        """Beside those of the plan: an account that is in error already is told once."""
        natives = [row.native_identity for row, _problem in problems]
        told = AccountProblem.objects.filter(plan=self.plan, native_identity__in=natives)
        known = set(told.values_list("native_identity", flat=True))
        accounts = SourceAccount.objects.filter(
            source=self.profile.source_id, native_identity__in=natives
        )
        names = dict(accounts.values_list("native_identity", "name"))
        AccountProblem.objects.bulk_create(
            AccountProblem(
                plan=self.plan,
                profile=self.profile,
                kind=problem,
                native_identity=row.native_identity,
                account_name=names[row.native_identity],
                identity_id=row.identity,
                attribute=MANAGER,
                cause=row.value[:500],
                user_name=row.user_name,
            )
            for row, problem in problems
            if row.native_identity not in known and row.native_identity in names
        )


def _lock(who: Sequence[UUID]) -> set[UUID]:
    """Those of them that are still there."""
    if not who:
        return set()
    there = Identity.objects.existing().filter(pk__in=who).select_for_update()
    return set(there.order_by("pk").values_list("pk", flat=True))


def _led(profile: IdentityProfile) -> QuerySet[Any]:
    """The accounts by which the profile has identities, with the mapped value of each."""
    links = IdentityAccount.objects.filter(
        source=profile.source_id, leads=True, identity__deleted_at=None
    )
    return links.annotate(value=KeyTextTransform(MANAGER, "identity__attributes"))


def _values(profile: IdentityProfile) -> Iterator[str]:
    found = _led(profile).filter(identity__attributes__has_key=MANAGER)
    values = found.order_by().values_list("value", flat=True).distinct()
    return (value for value in values.iterator(chunk_size=10_000) if value)


def _rows(profile: IdentityProfile, after: str) -> Iterator[_Row]:
    rows = _led(profile).filter(native_identity__gt=after).order_by("native_identity")
    cells = rows.values_list(
        "native_identity",
        "identity_id",
        "identity__user_name",
        "value",
        "identity__manager_id",
        "identity__manager_by_hand",
    )
    for native, identity, user_name, value, now, chosen in cells[:PAGE]:
        yield _Row(native, identity, user_name, value or "", now, chosen)


def _closing_circles(
    profile: IdentityProfile, named: Mapping[str, Manager], at: datetime
) -> frozenset[UUID]:
    """Identities whose new manager would be, over others, managed by them.

    Only who manages somebody can be part of a circle, so only those are looked at. Each has one
    manager at most, so all circles are found by following each once.
    """
    now = _managing(named)
    new = now | {
        identity: named[value].id if value else None
        for identity, value in _values_of(profile, list(now))
        if not value or value in named
    }
    for some in _portions([identity for identity in now if new[identity] != now[identity]]):
        new |= {identity: now[identity] for identity in managed_by.by_hand(some, at=at)}
    return closing(now, new)


def closing(now: Parents, new: Parents) -> frozenset[UUID]:
    """Whose new manager closes a circle, where `now` is and `new` would be."""
    new = dict(new)
    refused: set[UUID] = set()
    for looked in range(LOOKS + 1):
        on_circles = {identity for circle in _circles(new) for identity in circle}
        if looked == LOOKS:
            on_circles = _leading_to(on_circles, new)
        closed = {identity for identity in on_circles if new[identity] != now[identity]}
        refused |= closed
        # what stays as it is may be part of another circle
        new |= {identity: now[identity] for identity in closed}
        if not closed:
            break
    return frozenset(refused)


def _leading_to(those: set[UUID], parents: Parents) -> set[UUID]:
    """Them, and everybody who is managed by them, over however many. Where all of these stay as
    they are, nothing of what is new is part of a circle."""
    managed: dict[UUID, list[UUID]] = defaultdict(list)
    for identity, manager in parents.items():
        if manager is not None:
            managed[manager].append(identity)
    found, to_do = set(those), list(those)
    while to_do:
        further = [each for each in managed[to_do.pop()] if each not in found]
        found.update(further)
        to_do += further
    return found


def _managing(named: Mapping[str, Manager]) -> Parents:
    """Everybody who manages somebody, or will, with their own manager of now."""
    having = Identity.objects.existing().exclude(manager=None)
    who = {manager.id for manager in named.values()}
    who |= set(having.order_by().values_list("manager_id", flat=True).distinct())
    found: Parents = {}
    for some in _portions(list(who)):
        rows = Identity.objects.existing().filter(pk__in=some)
        found |= dict(rows.values_list("pk", "manager_id"))
    return found


def _values_of(profile: IdentityProfile, who: Sequence[UUID]) -> Iterator[tuple[UUID, str]]:
    for some in _portions(who):
        rows = _led(profile).filter(identity__in=some).values_list("identity_id", "value")
        yield from ((identity, value or "") for identity, value in rows)


def _portions(who: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (who[start : start + PAGE] for start in range(0, len(who), PAGE))


def _circles(parents: Mapping[UUID, UUID | None]) -> Iterator[list[UUID]]:
    seen_from: dict[UUID, UUID] = {}
    """The one from which each was first come to."""
    for start in parents:
        path: list[UUID] = []
        here: UUID | None = start
        while here is not None and here in parents and here not in seen_from:
            seen_from[here] = start
            path.append(here)
            here = parents[here]
        if here is not None and seen_from.get(here) == start:
            yield path[path.index(here) :]
