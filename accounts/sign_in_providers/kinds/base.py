"""What every kind of provider can do: send somebody there, and judge what they bring back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from django.utils.functional import Promise

from accounts.lib.errors import DomainError

LEEWAY: Final = timedelta(seconds=60)
"""How far a provider's clock may be off."""


class NotProved(DomainError):
    """What the provider sent is not believed. The text is for administrators and the audit log: it
    holds none of what was sent."""

    code = "not_proved"


class BadProvider(DomainError):
    """A setting of a provider that cannot be used; `field` names it."""

    code = "bad_provider"


@dataclass(frozen=True)
class Setting:
    """One setting of a kind, as its form shows it."""

    name: str
    label: str | Promise
    help_text: str | Promise = ""
    default: str = ""
    required: bool = True
    multiline: bool = False
    max_length: int = 500


@dataclass(frozen=True)
class Facts:
    """What a kind may know of a provider: plain values, and its secret."""

    id: str
    revision: int
    issuer: str
    config: Mapping[str, Any]
    secret: str
    redirect_uri: str
    """Where the provider sends people back to."""
    metadata_uri: str
    """How Steward is called there, where the kind has such a name."""


@dataclass(frozen=True)
class Attempt:
    """What is kept in somebody's session from the way out to the way back."""

    state: str
    nonce: str
    verifier: str
    started_at: datetime
    afresh: bool
    """Whether the provider was asked to let them prove themselves again."""


@dataclass(frozen=True)
class Proof:
    """What a provider has proved of somebody."""

    subject: str
    proof_id: str
    """By which a second use of the same answer is known."""
    expires_at: datetime
    label: str = ""
    email: str = ""
    email_is_verified: bool = False
    second_factor: bool = False
    """Whether the provider says that it asked for more than one factor."""
    authenticated_at: datetime | None = None


class Kind(Protocol):
    label: str | Promise
    answers_by_form: bool
    """Whether people bring the answer as a form that the provider has them send."""
    issuer_label: str | Promise
    issuer_help: str | Promise
    secret_label: str | Promise | None
    """None where there is no secret."""
    secret_help: str | Promise
    settings: tuple[Setting, ...]

    def check(self, issuer: str, config: Mapping[str, Any]) -> None:
        """Look at settings without asking the provider.

        Raises:
            BadProvider
        """

    def look_at(self, facts: Facts) -> list[tuple[str, str]]:
        """Ask the provider itself; answers what it says of itself, as labels and values.

        Raises:
            NotProved, CannotReach
        """

    def address(self, facts: Facts, attempt: Attempt) -> str:
        """Where to send somebody.

        Raises:
            NotProved, CannotReach
        """

    def prove(
        self, facts: Facts, attempt: Attempt, answer: Mapping[str, str], *, at: datetime
    ) -> Proof:
        """Judge what came back. That it belongs to the attempt by its state is known already.

        Raises:
            NotProved, CannotReach
        """
