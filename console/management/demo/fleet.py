"""The service accounts of the demo: each shows something that real tenants have."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from tokens.credentials.models import KeyOrigin

CURL: Final = "curl/8.14.1"
PYTHON: Final = "python-requests/2.32.5"
FRODO: Final = "@rockcarver/frodo-lib/4.0.0"
TERRAFORM: Final = "Terraform/1.13.4"
RSA_2048: Final = "RSA-2048"
"""Not offered by the form, but what holders still upload."""


@dataclass(frozen=True)
class Client:
    """A program that uses an account: from where, how often, with which of its scopes."""

    address: str
    name: str
    tokens_a_day: int
    calls_a_day: int = 0
    scopes: tuple[str, ...] = ()
    """All of the account's, unless told."""
    keeps_old_key: bool = False
    """It still uses the key that was replaced."""


@dataclass(frozen=True)
class Plan:
    """One account: what it is, and what happened to it."""

    name: str
    description: str
    scopes: tuple[str, ...]
    owner: str | None
    age_days: int
    origin: KeyOrigin = KeyOrigin.STEWARD
    algorithm: str = "P-256"
    key_lifetime: timedelta | None = None
    clients: tuple[Client, ...] = ()
    used_until_days_ago: int = 0
    """When the last use was, in days."""
    is_stored: bool = True
    """Somebody ticked that they have the private key."""
    ends_days_ago: int | None = None
    disabled_days_ago: int | None = None
    deleted_days_ago: int | None = None
    regenerated: tuple[int, timedelta] | None = None
    """How many days ago, and how long the old key goes on."""
    refusals: tuple[str, ...] = field(default=())
    """Why its requests were refused of late."""


ALL_OF_BOTH: Final = ("fr:am:*", "fr:idm:*")
WRONG_KEY: Final = "The signature fits none of the account's usable keys."
LATE_CLOCK: Final = "exp has passed."
REPLAY: Final = "The assertion was used before, or the account or key was stopped just now."


@dataclass(frozen=True)
class Edit:
    """A later change of an account."""

    name: str
    days_ago: int
    by: str
    scopes: tuple[str, ...] | None = None
    owner: str | None = None
    description: str | None = None


EDITS: Final = (
    Edit("nightly-user-report", 20, "ada", scopes=("fr:idm:*",)),
    Edit("hr-onboarding", 36, "ingrid", owner="mira"),
    Edit("ws-federation", 9, "ada", description="Used by the Microsoft 365 application."),
)

FLEET: Final = (
    Plan(
        "audit01",
        "Copies the access and activity logs to the security team's archive every hour.",
        ALL_OF_BOTH,
        "otto",
        290,
        algorithm="RSA-3072",
        clients=(
            Client("198.51.100.14", PYTHON, 24, 160),
            Client("198.51.100.15", PYTHON, 24, 150, ("fr:idm:*",)),
        ),
    ),
    Plan(
        "hr-onboarding",
        "Creates the accounts of new colleagues from the personnel system.",
        ("fr:idm:*",),
        "pavel",
        280,
        clients=(Client("198.51.100.31", "hr-connector/4.2", 96, 420),),
        regenerated=(80, timedelta(days=7)),
    ),
    Plan(
        "nightly-user-report",
        "Counts identities by department for the monthly report.",
        ALL_OF_BOTH,
        "otto",
        200,
        clients=(Client("198.51.100.14", CURL, 1, 12, ("fr:idm:*",)),),
    ),
    Plan(
        "certificate-watch",
        "Warns four weeks before a server certificate runs out.",
        ("fr:idc:certificate:read",),
        "jonas",
        84,
        key_lifetime=timedelta(days=90),
        clients=(Client("203.0.113.8", "cert-watch/1.3", 4, 4),),
    ),
    Plan(
        "esv-pipeline",
        "Sets environment secrets and variables from the delivery pipeline.",
        ("fr:idc:esv:read", "fr:idc:esv:restart", "fr:idc:esv:update"),
        "jonas",
        190,
        algorithm="Ed25519",
        clients=(
            Client("203.0.113.40", TERRAFORM, 9, 60),
            Client("203.0.113.41", FRODO, 2, 15, keeps_old_key=True),
        ),
        regenerated=(2, timedelta(days=7)),
        refusals=(WRONG_KEY, WRONG_KEY, WRONG_KEY),
    ),
    Plan(
        "promotion-bot",
        "Promoted configuration at night. Stopped until the new release process is agreed.",
        ("fr:idc:promotion:*",),
        "mira",
        170,
        clients=(Client("203.0.113.40", FRODO, 1, 8),),
        used_until_days_ago=13,
        disabled_days_ago=12,
    ),
    Plan(
        "telemetry-export",
        "Streams log events to the observability platform.",
        ("fr:idc:telemetry:*",),
        "otto",
        150,
        origin=KeyOrigin.UPLOADED,
        algorithm=RSA_2048,
        clients=(Client("203.0.113.77", "otel-collector/0.139", 96, 96),),
        refusals=(LATE_CLOCK,),
    ),
    Plan(
        "cookie-domain-setup",
        "Made for the launch of the shop; nobody is sure whether it is needed any more.",
        ("fr:idc:cookie-domain:*", "fr:idc:custom-domain:*"),
        None,
        205,
        is_stored=False,
    ),
    Plan(
        "release-notes",
        "Posts a message when a new release reaches the environment.",
        ("fr:idc:release:*",),
        None,
        240,
        clients=(Client("203.0.113.12", CURL, 2, 2),),
        used_until_days_ago=118,
    ),
    Plan(
        "partner-migration",
        "Moved the users of the old partner portal. Ended with the project.",
        ALL_OF_BOTH,
        "mira",
        140,
        clients=(Client("203.0.113.90", PYTHON, 12, 900),),
        used_until_days_ago=21,
        ends_days_ago=20,
    ),
    Plan(
        "sso-cookie-rotation",
        "Changes the name of the session cookie after an incident.",
        ("fr:idc:sso-cookie:*",),
        "pavel",
        220,
        clients=(Client("203.0.113.12", CURL, 1, 1),),
        used_until_days_ago=48,
    ),
    Plan(
        "csp-report",
        "Checks the content security policy of the sign-in pages.",
        ("fr:idc:content-security-policy:*",),
        "mira",
        63,
        key_lifetime=timedelta(days=60),
        clients=(Client("203.0.113.8", PYTHON, 1, 3),),
        used_until_days_ago=3,
        refusals=("iss is no service account that has a usable key.",),
    ),
    Plan(
        "proxy-connect-check",
        "Reads the rules of Proxy Connect for the weekly review.",
        ("fr:idc:proxy-connect:read",),
        "jonas",
        33,
        origin=KeyOrigin.BROWSER,
        clients=(Client("203.0.113.8", CURL, 1, 6),),
    ),
    Plan(
        "governance-campaigns",
        "Starts the quarterly certification campaigns.",
        ("fr:iga:*",),
        "otto",
        1,
        origin=KeyOrigin.OWNER,
    ),
    Plan(
        "dataset-cleanup",
        "Deletes the data of test runs. Not connected yet.",
        ("fr:idc:dataset:*",),
        "jonas",
        2,
        algorithm="Ed25519",
        is_stored=False,
    ),
    Plan(
        "ws-federation",
        "Used by the Microsoft 365 application of the admin console.",
        ("fr:idc:ws:admin",),
        "otto",
        120,
        clients=(Client("203.0.113.55", "m365-bridge/2.0", 6, 18),),
        refusals=(REPLAY, LATE_CLOCK),
    ),
    Plan(
        "load-test-2025",
        "Throw-away account of a load test.",
        ALL_OF_BOTH,
        "jonas",
        100,
        clients=(Client("203.0.113.200", "k6/1.4", 3, 40),),
        used_until_days_ago=70,
        deleted_days_ago=66,
    ),
)
"""All that were ever made."""
STANDING: Final = tuple(plan for plan in FLEET if plan.deleted_days_ago is None)
"""Those that pages show; the others live on in the audit log alone."""
