"""The integrations of the demo: what some of its service accounts are used by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from accounts.integrations import actions
from accounts.integrations.actions import IntegrationDraft
from accounts.integrations.models import Environment
from accounts.models import ServiceAccount
from console.management.demo.fleet import CURL, PYTHON
from console.management.demo.sources import Stage, When


@dataclass(frozen=True)
class Program:
    account: str
    name: str
    application: str
    owner: str
    contact: str
    scopes: tuple[str, ...]
    client: str
    address: str = ""
    environment: Environment = Environment.PRODUCTION


PROGRAMS: Final = (
    Program(
        "audit01",
        "Log archive",
        "Security archive",
        "otto",
        "security-team@example.com",
        ("fr:idm:*",),
        PYTHON,
        "198.51.100.14",
    ),
    Program(
        "nightly-user-report",
        "Report of identities by department",
        "Business reports",
        "otto",
        "#reports",
        ("fr:idm:*",),
        CURL,
    ),
    Program(
        "hr-onboarding",
        "Onboarding",
        "Personnel system",
        "mira",
        "hr-systems@example.com",
        ("fr:idm:*",),
        "hr-connector/4.2",
    ),
)


def fill(stage: Stage) -> None:
    with stage.at(When("ada", 18), 10) as (by, at):
        for program in PROGRAMS:
            draft = IntegrationDraft(
                program.name,
                program.application,
                program.environment,
                stage.people[program.owner],
                program.contact,
                program.scopes,
                program.client,
                program.address,
            )
            account = ServiceAccount.objects.existing().get(name=program.account)
            actions.declare(by=by, account=account, draft=draft, at=at)
