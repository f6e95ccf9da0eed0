"""Fill an empty tenant with a believable example."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.models import Event, Identity
from console.management.demo import accounts, cast, programs, sources, traffic, wishes
from console.management.demo.clock import Clock
from console.management.demo.fleet import STANDING
from console.ui.context import PRODUCTION_NAMES
from tokens.signing import actions as signing

FILLED = "setup.demo_filled"


class Command(BaseCommand):
    help = (
        "Fill an empty tenant with people, service accounts and their history, to look around in. "
        "Everybody has the same, published password: not for production."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        if problem := why_not():
            self.stderr.write(f"steward: {problem}")
            sys.exit(2)
        if not is_seeded():
            fill()
        accounts_there = len(STANDING) + len(sources.IMPORTED)
        counts = f"{len(cast.CAST)} people and {accounts_there} service accounts"
        self.stdout.write(f"The demo tenant is ready: {counts}.")
        self.stdout.write("Sign in as one of these, not in production:")
        for person in cast.CAST:
            if person.left_days_ago is None:
                self.stdout.write(f"  {person.user_name:8} {cast.PASSWORD}   {person.role}")


def why_not() -> str:
    """What forbids to fill this tenant, on one line; empty where nothing does."""
    if settings.STEWARD_ENVIRONMENT.lower() in PRODUCTION_NAMES:
        return (
            f"STEWARD_ENVIRONMENT is {settings.STEWARD_ENVIRONMENT}: the demo has published "
            "passwords and stays out of production"
        )
    if not is_seeded() and Identity.objects.exists():
        return "this tenant is in use already; name an empty STEWARD_DATA_DIR for the demo"
    return ""


def is_seeded() -> bool:
    """Whether it was done before, whatever became of it since."""
    return Event.objects.filter(action=FILLED).exists()


@transaction.atomic
def fill() -> None:
    """All of it or nothing."""
    clock = Clock(timezone.now())
    people = cast.join(clock)
    signing.ensure_key(at=clock.ago(cast.ADA.joined_days_ago, 10))
    with clock.at_work("ada", 25, 9) as at:
        signing.rotate(by=people["ada"], at=at)
    made = accounts.make(people, clock)
    accounts.change(made, people, clock)
    cast.leave(people, clock)
    traffic.use(made, clock)
    traffic.log(made, clock)
    traffic.sign_in(people, clock)
    stage = sources.Stage(people, clock)
    sources.fill(stage)
    wishes.fill(stage)
    programs.fill(stage)
    record(FILLED, by=SYSTEM, at=clock.now)
