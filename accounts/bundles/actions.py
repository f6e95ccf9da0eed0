"""Export, plan and import. A plan is an import that is taken back: so it says what would happen."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.bundles.format import Bundle, as_text
from accounts.bundles.parts import parts
from accounts.bundles.parts.base import Run
from accounts.bundles.plan import BundlePlan, Fate, make_plan
from accounts.lib.errors import DomainError
from accounts.lib.sql import is_postgres, rows
from accounts.profiles.locking import lock_library
from accounts.sources.models import Source

NEEDED: Final = (
    Permission.TENANT_MANAGE,
    Permission.SOURCE_MANAGE_ALL,
    Permission.PROFILE_MANAGE,
)
"""Whoever moves configuration may change all of it; each action asks again."""
ONE_AT_A_TIME: Final = 0x5354_4257
"""Key of the lock of PostgreSQL under which bundles come in one after the other."""


class PlanChanged(DomainError):
    """Something changed since the plan was seen; nothing was imported."""

    code = "plan_changed"

    def __init__(self, plan: BundlePlan) -> None:
        super().__init__(
            _("The configuration changed since this plan was made. This is the plan now.")
        )
        self.plan = plan


class HasProblems(DomainError):
    """Something in the bundle cannot be taken over, so nothing was."""

    code = "bundle_has_problems"

    def __init__(self, plan: BundlePlan) -> None:
        first = plan.of(Fate.PROBLEM)[0]
        said = _("Nothing was imported. “%(name)s”: %(problem)s")
        super().__init__(said % {"name": first.name, "problem": first.problem})
        self.plan = plan


class _Undone(Exception):
    """Takes a try back."""


def check_may_move(by: Actor) -> None:
    for permission in NEEDED:
        check_may(by, permission)


@transaction.atomic
def export(*, by: Actor, at: datetime) -> str:
    """The configuration that is here, as a bundle.

    Raises:
        BadBundle: a secret stands somewhere in it, and where.
    """
    check_may_move(by)
    bundle = _present()
    text = as_text(bundle)
    counts = {key: len(things) for key, things in bundle.items()}
    record("configuration.exported", by=by, detail=counts, at=at)
    return text


def plan(*, by: Actor, bundle: Bundle, at: datetime) -> BundlePlan:
    """What importing the bundle now would do; it changes nothing."""
    check_may_move(by)
    try:
        with transaction.atomic():
            found = _take(by, bundle, at)
            raise _Undone
    except _Undone:
        return found


@transaction.atomic
def import_(*, by: Actor, bundle: Bundle, at: datetime, digest: str | None = None) -> BundlePlan:
    """Take over all of the bundle, or nothing; answers what was done. Twice is harmless.

    `digest` is that of the plan that was seen.

    Raises:
        PlanChanged: the plan is another one by now; the error carries it.
        HasProblems: something cannot be taken over.
    """
    check_may_move(by)
    done = _take(by, bundle, at)
    if digest is not None and done.digest != digest:
        raise PlanChanged(done)
    if done.has_problems:
        raise HasProblems(done)
    if done.differences:
        detail = {
            "plan": done.digest,
            "created": done.count(Fate.CREATED),
            "changed": done.count(Fate.CHANGED),
        }
        record("configuration.imported", by=by, detail=detail, at=at)
    return done


def _present() -> dict[str, list[dict[str, object]]]:
    return {key: part.present() for key, part in parts.items()}


def _take(by: Actor, bundle: Bundle, at: datetime) -> BundlePlan:
    """Take the bundle over and look at what came of it.

    What others change meanwhile shows in that, so the digest of the plan differs.
    """
    if is_postgres():
        rows("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    # all that it may touch, in the order of `accounts.profiles.locking`: transforms come in after
    # sources, and mark profiles whose sources are locked later only
    lock_library()
    list(Source.objects.existing().select_for_update(of=("self",)).order_by("pk"))
    before = _present()
    problems: dict[tuple[str, str], str] = {}
    notes: dict[tuple[str, str], list[str]] = {}
    for key, part in parts.items():
        run = Run(by, at)
        part.take(bundle[key], run)
        problems |= {(key, name): problem for name, problem in run.problems.items()}
        notes |= {(key, name): told for name, told in run.notes.items()}
    after = _present()
    for key, things in bundle.items():
        there = {thing["name"] for thing in after[key]}
        for thing in things:
            if thing["name"] not in there:
                said = _(
                    "Write the name as Steward keeps it: without spaces at its ends, on a line."
                )
                problems.setdefault((key, thing["name"]), said)
    return make_plan(bundle, before, after, problems, notes)
