"""The groups, roles and requests of the demo, an API of the tenant's own, and who manages whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from accounts.groups import actions as groups
from accounts.groups import built_in, memberships
from accounts.groups.actions import GroupDraft
from accounts.identities import managing
from accounts.jobs import actions as jobs
from accounts.letters import queue
from accounts.models import AccessRequest, Group, Job, RequestLetter, Role, ServiceAccount
from accounts.requests import actions as requests
from accounts.requests import queries
from accounts.requests.states import State, Verdict
from accounts.roles import actions as roles
from accounts.roles.actions import RoleDraft
from console.management.demo.sources import Stage, When, work
from tokens.apis import actions as apis
from tokens.apis.actions import ApiDraft, ScopeDraft

MANAGERS: Final = {
    "otto": "mira",
    "jonas": "mira",
    "mira": "ingrid",
    "hana": "ingrid",
    "silvio": "ingrid",
}
"""Who decides about whose requests; what Mallory asks for waits for any administrator."""

PAYROLL: Final = ApiDraft(
    "Payroll",
    "https://payroll.example.com/api",
    "Payslips and salaries. It asks here whether a token is good, and what it may do.",
)
EVERYTHING: Final = ScopeDraft("Everything in Payroll.", "payroll:*", restricted=True)
BELOW: Final = (
    ScopeDraft("Read payslips and the dates on which they were paid.", "payroll:payslips:read"),
    ScopeDraft("Read and change bank accounts that salaries are paid to.", "payroll:accounts"),
)

READER: Final = RoleDraft(
    "Payroll reader", "Reads payslips, and changes nothing.", ["payroll:payslips:read"]
)
SECRETS: Final = RoleDraft(
    "Reader of secrets and variables",
    "Sees which secrets and variables an environment has, not what is in them.",
    ["fr:idc:esv:read"],
)
LOG: Final = RoleDraft("Log reader", "Reads the audit log.", permissions=["audit.view"])


@dataclass(frozen=True)
class Team:
    """A group: its draft, the names of its roles and members, and how long these stay."""

    draft: GroupDraft
    roles: tuple[str, ...]
    manager: str
    members: tuple[str, ...] = ()
    parent: str = ""
    days_left: int | None = None


TEAMS: Final = (
    Team(
        GroupDraft("Finance", "Programs of the finance department.", may_be_requested=True),
        (READER.name,),
        "mira",
        ("invoice-export",),
    ),
    Team(
        GroupDraft("Month-end closing", "Runs in the last days of a month."),
        (),
        "jonas",
        ("payroll-sync",),
        parent="Finance",
    ),
    Team(
        GroupDraft("Delivery pipeline", "Builds, releases and what watches them."),
        (SECRETS.name,),
        "jonas",
        ("build-runner", "esv-pipeline"),
    ),
    Team(
        GroupDraft("Security review", "Looks at the log while the yearly review goes on."),
        (LOG.name,),
        "ingrid",
        ("hana",),
        days_left=21,
    ),
)


@dataclass(frozen=True)
class Asked:
    """A request, and what became of it."""

    kind: str
    when: When
    reason: str
    details: Mapping[str, Any] = field(default_factory=dict)
    decided: When | None = None
    verdict: Verdict = Verdict.APPROVE
    comment: str = ""
    is_withdrawn: bool = False


REQUESTS: Final = (
    Asked(
        "group_membership",
        When("otto", 18),
        "The report also counts the tickets of each department, which it reads there.",
        {"account": "nightly-user-report", "group": built_in.GROUP},
        decided=When("mira", 17),
        comment="As agreed with the service desk.",
    ),
    Asked(
        "more_scopes",
        When("jonas", 12),
        "The weekly review is to name certificates that run out before the next one.",
        {"account": "proxy-connect-check", "scopes": ["fr:idc:certificate:read"]},
        decided=When("mira", 12),
    ),
    Asked(
        "more_scopes",
        When("otto", 7),
        "So that the collector can restart what it finds hanging.",
        {"account": "telemetry-export", "scopes": ["fr:idc:esv:restart"]},
        decided=When("mira", 6),
        verdict=Verdict.REJECT,
        comment="Collecting logs and restarting services stay apart. Ask the pipeline's team.",
    ),
    Asked(
        "new_service_account",
        When("jonas", 5),
        "For the trial of the new dashboard.",
        {"name": "dashboard-trial", "purpose": "Shows the state of all environments on one page."},
        is_withdrawn=True,
    ),
    Asked(
        "group_membership",
        When("jonas", 2),
        "Month-end figures go to the dashboard of the board from December on.",
        {"account": "proxy-connect-check", "group": "Finance"},
    ),
    Asked(
        "new_service_account",
        When("otto", 1),
        "The archive moves to the new storage in January; audit01 must not write there.",
        {
            "name": "archive-writer",
            "purpose": "Writes the monthly archive of the access logs to cold storage.",
            "scopes": ["fr:idc:telemetry:*"],
        },
    ),
    Asked(
        "new_service_account",
        When("mallory", 1),
        "Travel expenses are typed by hand from one system into another today.",
        {"name": "expense-bridge", "purpose": "Brings approved travel expenses to Finance."},
    ),
)


def fill(stage: Stage) -> None:
    """In the order in which a tenant would do it."""
    _set_managers(stage, When("ada", 26))
    _add_api(stage, When("ingrid", 24))
    _add_teams(stage, When("ada", 22))
    for asked in REQUESTS:
        _ask(stage, asked)
    _leave_only_what_waits(stage)


def _set_managers(stage: Stage, when: When) -> None:
    with stage.at(when, 10) as (by, at):
        for name, manager in MANAGERS.items():
            managing.set_manager(
                by=by, identity=stage.people[name], manager=stage.people[manager], at=at
            )
            stage.people[name].refresh_from_db()


def _add_api(stage: Stage, when: When) -> None:
    with stage.at(when, 11) as (by, at):
        api = apis.create(by=by, draft=PAYROLL, at=at)
        parent = apis.create_scope(by=by, api=api, draft=EVERYTHING, at=at)
        for draft in BELOW:
            below = ScopeDraft(draft.description, draft.name, parent)
            apis.create_scope(by=by, api=api, draft=below, at=at)


def _add_teams(stage: Stage, when: When) -> None:
    with stage.at(when, 14) as (by, at):
        made: dict[str, Role] = {
            draft.name: roles.create(by=by, draft=draft, at=at) for draft in (READER, SECRETS, LOG)
        }
        for team in TEAMS:
            _add_team(stage, team, [made[name] for name in team.roles], when)


def _add_team(stage: Stage, team: Team, carried: Sequence[Role], when: When) -> None:
    with stage.at(when, 15) as (by, at):
        draft = GroupDraft(
            team.draft.name,
            team.draft.description,
            stage.people[team.manager],
            Group.objects.get(name=team.parent) if team.parent else None,
            team.draft.may_be_requested,
            [role.pk for role in carried],
        )
        group = groups.create(by=by, draft=draft, at=at)
        until = stage.clock.now + timedelta(days=team.days_left) if team.days_left else None
        for name in team.members:
            member = stage.people.get(name) or _account(name).identity
            memberships.add(by=by, group=group, identity=member, until=until, at=at)


def _ask(stage: Stage, asked: Asked) -> None:
    with stage.at(asked.when, 10) as (by, at):
        details = {
            name: IDS[name](value) if name in IDS else value
            for name, value in asked.details.items()
        }
        request = requests.ask(by=by, kind=asked.kind, details=details, reason=asked.reason, at=at)
        if asked.is_withdrawn:
            requests.withdraw(by=by, request=request, at=at + timedelta(hours=2))
    if asked.decided is not None:
        _decide(stage, asked, request, asked.decided)


IDS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "account": lambda name: str(_account(name).pk),
    "group": lambda name: str(Group.objects.get(name=name).pk),
}
"""Of what requests name by its id."""


def _decide(stage: Stage, asked: Asked, request: AccessRequest, when: When) -> None:
    with stage.at(when, 16) as (by, at):
        _lines, digest = queries.seen(request)
        requests.decide(
            by=by,
            request=request,
            verdict=asked.verdict,
            comment=asked.comment,
            digest=digest,
            at=at,
        )
        for job in Job.objects.unfinished().filter(subject_id=str(request.pk)):
            work(job.pk, at)


def _leave_only_what_waits(stage: Stage) -> None:
    """Mail and jobs of long ago are done; who decides now is told when the worker starts."""
    for letter in RequestLetter.objects.exclude(request__state=State.WAITING):
        queue.note_sent(letter, at=letter.written_at)
    jobs.tell(Job.objects.all(), at=stage.clock.now)


def _account(name: str) -> ServiceAccount:
    return ServiceAccount.objects.existing().select_related("identity").get(name=name)
