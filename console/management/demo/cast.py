"""The people of the demo, and how they came to be there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from accounts.audit.actors import SYSTEM
from accounts.authorization.levels import ADMIN, AUDITOR, HELPDESK, SOURCE_ADMIN
from accounts.identities import actions, first_administrator, invitations, links
from accounts.models import Identity
from console.management.demo.clock import Clock

PASSWORD: Final = "quiet harbour lantern"  # noqa: S105  printed at every start, for the demo only


@dataclass(frozen=True)
class Person:
    user_name: str
    first_name: str
    last_name: str
    role: str
    """What they are there to show, for whoever chooses whom to sign in as."""
    levels: tuple[str, ...] = ()
    joined_days_ago: int = 300
    left_days_ago: int | None = None
    """When they were disabled, if they were."""

    @property
    def email(self) -> str:
        return f"{self.user_name}@example.com"


ADA: Final = Person("ada", "Ada", "Winter", "tenant administrator", (ADMIN,), 320)
CAST: Final = (
    ADA,
    Person("ingrid", "Ingrid", "Solberg", "tenant administrator", (ADMIN,), 240),
    Person("vera", "Vera", "Lindqvist", "auditor: sees everything, changes nothing", (AUDITOR,)),
    Person("otto", "Otto", "Berger", "owner of service accounts; a key waits for him"),
    Person("mira", "Mira", "Castellanos", "owner of service accounts"),
    Person("jonas", "Jonas", "Okafor", "owner of service accounts"),
    Person("pavel", "Pavel", "Novak", "left the company", (), 290, 35),
    Person("hana", "Hana", "Sato", "helpdesk: invites, resets, disables", (HELPDESK,), 150),
    Person("silvio", "Silvio", "Rossi", "manages all sources", (SOURCE_ADMIN,), 120),
    Person("mallory", "Mallory", "Finch", "owns nothing", (), 60),
)


def join(clock: Clock) -> dict[str, Identity]:
    """Make everybody, each at their time, and let them set their password."""
    ada = _found(clock)
    people = {ADA.user_name: ada}
    for person in CAST[1:]:
        people[person.user_name] = _invite(person, ada, clock)
    return people


def leave(people: dict[str, Identity], clock: Clock) -> None:
    """Disable those who left; after what they did."""
    for person in CAST:
        if person.left_days_ago is not None:
            with clock.at_work("ada", person.left_days_ago, 17) as at:
                actions.disable(by=people["ada"], identity=people[person.user_name], at=at)


def _found(clock: Clock) -> Identity:
    with clock.at_work("ada", ADA.joined_days_ago, 9) as at:
        ada = first_administrator.create(
            user_name=ADA.user_name, email=ADA.email, password=PASSWORD, at=at
        )
        return actions.edit_person(
            by=SYSTEM,
            identity=ada,
            first_name=ADA.first_name,
            last_name=ADA.last_name,
            email=ADA.email,
            at=at + timedelta(minutes=3),
        )


def _invite(person: Person, ada: Identity, clock: Clock) -> Identity:
    with clock.at_work("ada", person.joined_days_ago, 10) as at:
        identity = actions.create_person(
            by=ada,
            user_name=person.user_name,
            first_name=person.first_name,
            last_name=person.last_name,
            email=person.email,
            levels=person.levels,
            at=at,
        )
        invitation = invitations.invite(by=ada, identity=identity, at=at)
    with clock.at_work(person.user_name, person.joined_days_ago, 14) as at:
        return _accept(links.arm(invitation=invitation).take(), at)


def _accept(token: str, at: datetime) -> Identity:
    return invitations.register(token=token, password=PASSWORD, at=at)
