"""What a life-cycle connector is: how the accounts of one kind of application are kept."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from django.utils.functional import Promise

from accounts.lib.errors import DomainError
from accounts.lib.web import Policy

Attributes = dict[str, str]
"""What is told of somebody, by name: `user_name`, `first_name`, `last_name`, `display_name`,
`email`."""


@dataclass(frozen=True)
class Access:
    """How an application is reached."""

    url: str
    auth: str
    username: str
    secret: str = field(repr=False)
    policy: Policy


@dataclass(frozen=True)
class Person:
    """Somebody as their account should be; `key` is theirs for ever."""

    key: str
    attributes: Attributes


@dataclass(frozen=True)
class Outside:
    """An account as the application has it; `key` is the one that we gave it, if it kept it."""

    id: str
    user_name: str
    key: str = ""
    is_active: bool = True


class Refused(DomainError):
    """The application does not do as it is asked, for this account."""

    code = "application_refused"


class NotThere(Refused):
    """It has no such account."""


class Taken(Refused):
    """It has an account of that name already."""


class Stopped(DomainError):
    """Nothing can be done with the application at all.

    `again_after` says when it may go better; None, that somebody has to mend something.
    """

    code = "application_stopped"

    def __init__(self, message: str, *, again_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.again_after = again_after


class Connector(Protocol):
    """The accounts of one kind of application.

    Each of the methods raises `Stopped` where the application is no use, and `Refused` where it
    is about this one account. All of them may be called twice with the same end.
    """

    label: str | Promise
    help_text: str | Promise

    @abstractmethod
    def check(self, access: Access) -> str:
        """Connect, and say what was found in one sentence."""

    @abstractmethod
    def accounts(self, access: Access, tell: Callable[[int], None]) -> Iterator[Outside]:
        """Every account that there is; `tell` is called with how many were read so far."""

    @abstractmethod
    def find(self, access: Access, person: Person) -> Outside | None:
        """The account with this key, or else of this user name."""

    @abstractmethod
    def invite(self, access: Access, person: Person) -> str:
        """Make an account, and answer its id."""

    @abstractmethod
    def update(self, access: Access, outside_id: str, person: Person) -> None:
        """Make an account as it should be, and active."""

    @abstractmethod
    def deactivate(self, access: Access, outside_id: str) -> None: ...

    @abstractmethod
    def remove(self, access: Access, outside_id: str) -> None: ...
