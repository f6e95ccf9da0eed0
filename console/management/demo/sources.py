"""The sources of the demo: files that were imported, and the identities that came of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Final
from uuid import UUID

from accounts.imports import actions as imports
from accounts.jobs.run import run_job
from accounts.models import Identity, IdentityProfile, ImportRun, ServiceAccount, Source
from accounts.profiles import actions as profiles
from accounts.profiles.mappings import MappingDraft, set_mappings
from accounts.profiles.models import ProfileKind
from accounts.profiles.processing import actions as processing
from accounts.service_accounts import actions as service_accounts
from accounts.service_accounts.actions import Details
from accounts.sources import actions as sources
from accounts.sources import schema
from console.management.demo.clock import Clock

HEADER: Final = "id,name,e-mail,department,purpose"
FIRST: Final = (
    "SA-1001,backup-agent,platform@example.com,Platform,Nightly backups",
    "SA-1002,build-runner,platform@example.com,Platform,Builds and releases",
    "SA-1003,invoice-export,finance@example.com,Finance,Sends invoices to the bank",
    "SA-1004,payroll-sync,hr@example.com,HR,Payroll",
    "SA-1005,cloud-audit,security@example.com,Security,Collects audit logs",
    # of this name there is a service account that was made by hand
    "SA-1006,audit01,security@example.com,Security,Old audit account",
    # these two want to be one and the same
    "SA-1007,mail-relay,platform@example.com,Platform,Outgoing mail",
    "SA-1008,Mail-Relay,platform@example.com,Platform,Outgoing mail of the old site",
    # nobody can be written to about this one
    "SA-1009,badge-printer,,Facilities,Visitors' badges",
)
LATER: Final = (
    *FIRST,
    "SA-1010,data-loader,platform@example.com,Platform,Loads the warehouse",
    "SA-1011,chat-bridge,platform@example.com,Platform,Alerts to the chat",
)
CUT_OFF: Final = LATER[:4]
"""Yesterday's file ends in the middle: far more would go than the threshold allows."""
BATCH_HEADER: Final = "job,login,contact"
BATCH: Final = (
    "B-01,night-batch,ops@example.com",
    "B-02,month-end,ops@example.com",
    "B-03,archive,ops@example.com,moved to the new host",
    "B-04,,ops@example.com",
    "B-05,reindex,ops@example.com",
)
"""One row has too many columns, and one no name."""
BATCH_MENDED: Final = (*BATCH[:2], "B-03,archive,ops@example.com", "B-04,purge,ops@example.com")
MAPPED: Final = {
    "uid": "name",
    "email": "e-mail",
    "lastname": "name",
    "firstname": "department",
    "displayName": "name",
    "purpose": "purpose",
}
OWNED: Final = {"backup-agent": "mira", "build-runner": "mira", "invoice-export": "jonas"}
"""Who took charge of accounts that came from the file."""
IMPORTED: Final = (
    *("backup-agent", "build-runner", "invoice-export", "payroll-sync"),
    *("cloud-audit", "badge-printer", "data-loader", "chat-bridge"),
)
"""The service accounts that come of it, by name."""


@dataclass(frozen=True)
class When:
    """Who did something, and how many days ago."""

    by: str
    days_ago: float


@dataclass(frozen=True)
class Stage:
    """The people of the demo, and its clock."""

    people: dict[str, Identity]
    clock: Clock

    @contextmanager
    def at(self, when: When, hour: int) -> Iterator[tuple[Identity, datetime]]:
        with self.clock.at_work(when.by, when.days_ago, hour) as at:
            yield self.people[when.by], at


def fill(stage: Stage) -> None:
    """Two sources with their imports, an identity profile, and what it made."""
    accounts = _source(stage, When("ada", 28), "Service Accounts", HEADER)
    _bring(stage, When("ada", 28), accounts, "service-accounts.csv", HEADER, FIRST)
    profile = _profile(stage, When("ada", 27), accounts)
    _apply(stage, When("ada", 27), profile)
    _bring(stage, When("ingrid", 10), accounts, "service-accounts-2.csv", HEADER, LATER)
    _apply(stage, When("ingrid", 9), profile)
    _hand_over(stage, When("ada", 8))
    _plan(stage, When("ingrid", 1), accounts, "service-accounts-3.csv", HEADER, CUT_OFF)

    batch = _source(stage, When("ingrid", 20), "Batch systems", BATCH_HEADER)
    _bring(stage, When("ingrid", 20), batch, "batch.csv", BATCH_HEADER, BATCH)
    _bring(stage, When("ingrid", 19), batch, "batch-mended.csv", BATCH_HEADER, BATCH_MENDED)


def _source(stage: Stage, when: When, name: str, header: str) -> Source:
    """A delimited file with these columns: the first two are Account ID and Account Name."""
    with stage.at(when, 8) as (by, at):
        details = sources.Details(name=name, owner=by)
        source = sources.create(by=by, connector="delimited_file", details=details, at=at)
        schema.upload(by=by, source=source, content=header.encode(), at=at)
    source.refresh_from_db()
    return source


def _plan(
    stage: Stage, when: When, source: Source, file_name: str, header: str, lines: Sequence[str]
) -> ImportRun:
    with stage.at(when, 9) as (by, at):
        run = imports.upload(
            by=by,
            source=source,
            file_name=file_name,
            chunks=["\n".join([header, *lines, ""]).encode()],
            at=at,
        )
        work(run.job_id, at)
    run.refresh_from_db()
    return run


def _bring(
    stage: Stage, when: When, source: Source, file_name: str, header: str, lines: Sequence[str]
) -> None:
    run = _plan(stage, when, source, file_name, header, lines)
    with stage.at(when, 9) as (by, at):
        confirmed_at = at + timedelta(minutes=4)
        imports.confirm(by=by, import_run=run, at=confirmed_at)
        run.refresh_from_db()
        work(run.job_id, confirmed_at)


def _profile(stage: Stage, when: When, source: Source) -> IdentityProfile:
    with stage.at(when, 10) as (by, at):
        profile = profiles.create(
            by=by,
            source=source,
            kind=ProfileKind.SERVICE,
            details=profiles.Details(name=source.name, owner=by),
            at=at,
        )
        drafts = [MappingDraft(name, source_attribute=column) for name, column in MAPPED.items()]
        return set_mappings(by=by, profile=profile, drafts=drafts, revision=profile.revision, at=at)


def _apply(stage: Stage, when: When, profile: IdentityProfile) -> None:
    with stage.at(when, 11) as (by, at):
        planned = processing.plan(by=by, profile=profile, at=at)
        work(planned.job_id, at)
        planned.refresh_from_db()
        confirmed_at = at + timedelta(minutes=2)
        processing.confirm(by=by, processing=planned, at=confirmed_at, sure=True)
        planned.refresh_from_db()
        work(planned.job_id, confirmed_at)


def _hand_over(stage: Stage, when: When) -> None:
    """Some of the new accounts get somebody who answers for them."""
    with stage.at(when, 10) as (by, at):
        for name, owner in OWNED.items():
            account = ServiceAccount.objects.select_related("identity").get(name=name)
            service_accounts.edit(
                by=by,
                account=account,
                details=Details(
                    name=account.name,
                    description=account.description,
                    owner=stage.people[owner],
                    scopes=account.scopes,
                    ends_at=account.ends_at,
                ),
                revision=account.revision,
                at=at,
            )


def work(job_id: UUID | None, at: datetime) -> None:
    """Do a job as a worker would have done it then."""
    assert job_id is not None
    run_job(job_id, _clock_from(at))


def _clock_from(at: datetime) -> Callable[[], datetime]:
    """A clock that goes on by a fifth of a second whenever somebody looks at it."""
    ticks = count(1)
    return lambda: at + next(ticks) * timedelta(milliseconds=200)
