"""Evaluates the accounts of a profile and writes down what becomes of each.

Of many accounts, the second half is evaluated by a second process.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from accounts.jobs.run import Run
from accounts.lib.new_ids import new_ids
from accounts.lib.second_process import SecondProcess
from accounts.lib.sql import insert_many, is_postgres
from accounts.profiles.attributes import PURPOSE
from accounts.profiles.evaluate import CompiledProfile
from accounts.profiles.lifecycle_states.settling import States, states_for
from accounts.profiles.models import IdentityProfile
from accounts.profiles.processing import scan
from accounts.profiles.processing.compare import PLANNED, PROBLEMS
from accounts.profiles.processing.lines import COLUMNS, PROBLEM_COLUMNS, Lines
from accounts.profiles.specs import compiled
from accounts.profiles.world import Database

LINES_AT_ONCE = 25_000
HALVED_AFTER: Final = 3 * scan.STEP
"""Accounts that one process evaluates before it looks for help."""
HALVED_FROM: Final = 150_000
"""Accounts that may be left, from which a second process pays for its start."""
LISTENING_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Evaluation:
    """The accounts of a profile that one plan is about."""

    plan: int
    profile: IdentityProfile
    compiled: CompiledProfile
    everything: bool
    """Whether all accounts have to be evaluated, or only those that changed."""
    at: datetime

    def of(self, accounts: scan.Accounts, lines: Lines) -> Generator[int]:
        """Evaluate these accounts; yields how many are done, and waits after each time."""
        done = 0
        for step in accounts:
            lines.states.turn_to(step.known)
            for account in step.accounts:
                identity = scan.uuid_of(account.identity_id)
                known = step.known.get(identity) if identity else None
                lines.add(account, known, step.others.get(identity, {}) if identity else {})
            done += len(step.accounts)
            if len(lines.planned) + len(lines.problems) >= LINES_AT_ONCE:
                _hand_over(lines)
            yield done
        _hand_over(lines)

    def accounts(self, after: str = "") -> scan.Accounts:
        return scan.Accounts(
            self.profile.source,
            everything=self.everything,
            other_sources=self.compiled.other_sources,
            with_descriptions=self.profile.is_for_service_accounts
            and any(step.attribute == PURPOSE for step in self.compiled.steps),
            after=after,
        )

    def lines(self) -> Lines:
        return Lines(
            plan=self.plan,
            profile=self.profile,
            compiled=self.compiled,
            subject=self.compiled.subject(self.at, Database()),
            ids=new_ids(self.at),
            now=self.at,
            states=states_for(
                self.profile, frozenset(step.attribute for step in self.compiled.steps)
            ),
        )

    @property
    def can_be_halved(self) -> bool:
        """Whether each account counts for itself; new unique values must know of one another."""
        return is_postgres() and not any(step.keeps for step in self.compiled.steps)

    def middle(self, after: str, left: int) -> str:
        """The account after which a second process begins; empty where it would not pay."""
        return scan.middle(self.profile.source, after, left) if left >= HALVED_FROM else ""


def evaluate(run: Run, evaluation: Evaluation) -> tuple[int, States]:
    """Write the lines of a plan; answers how many accounts were evaluated, and their states.

    Raises:
        Cancelled, LostJob: see `Run.progress`.
        Died: the second process was killed.
    """
    total = evaluation.profile.source.account_count
    accounts, lines = evaluation.accounts(), evaluation.lines()
    done = 0
    second: SecondProcess | None = None
    with ExitStack() as ending:
        for done in evaluation.of(accounts, lines):
            if second is None and done >= HALVED_AFTER and evaluation.can_be_halved:
                accounts.until = evaluation.middle(accounts.after, total - done)
                if accounts.until:
                    second = ending.enter_context(_other_half(evaluation, accounts.until))
            if second is not None:
                second.listen()
            so_far = done + (second.done if second else 0)
            run.progress(so_far, max(so_far, total))
        while second is not None and not second.has_ended:
            second.listen(LISTENING_SECONDS)
            run.progress(done + second.done, max(done + second.done, total))
    if second is not None:
        done += second.done
        lines.states.add(second.result)
    return done, lines.states


def _other_half(evaluation: Evaluation, after: str) -> SecondProcess:
    return SecondProcess(
        f"{__name__}.{evaluate_after.__name__}",
        {
            "plan": evaluation.plan,
            "profile": evaluation.profile.pk,
            "everything": evaluation.everything,
            "at": evaluation.at,
            "after": after,
        },
    )


def evaluate_after(
    *, plan: int, profile: UUID, everything: bool, at: datetime, after: str
) -> Generator[int, None, dict[str, int]]:
    """What the second process does: the accounts after this one.

    Where the profile or the accounts changed since, the plan is not kept, whatever this writes.
    """
    found = IdentityProfile.objects.select_related("source").get(pk=profile)
    evaluation = Evaluation(plan, found, compiled(found), everything, at)
    lines = evaluation.lines()
    yield from evaluation.of(evaluation.accounts(after), lines)
    return dict(lines.states.unknown)


def _hand_over(lines: Lines) -> None:
    if lines.planned:
        insert_many(PLANNED, COLUMNS, lines.planned)
        lines.planned.clear()
    if lines.problems:
        insert_many(PROBLEMS, PROBLEM_COLUMNS, lines.problems)
        lines.problems.clear()
