"""The way back for a tenant whose Owner is gone, for whoever runs the installation."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities import ownership
from accounts.lib.errors import DomainError
from accounts.models import Identity


class Command(BaseCommand):
    help = "Print who owns the tenant, or make somebody the Owner in place of who is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", help="whom to make the Owner")

    def handle(self, *args: Any, username: str | None, **options: Any) -> None:
        if username is None:
            found = ownership.owner()
            self.stdout.write(found.user_name if found else "nobody")
            return
        try:
            person = Identity.objects.get_by_natural_key(username)
            before = ownership.hand_over(by=SYSTEM, to=person, at=timezone.now())
        except Identity.DoesNotExist:
            self._refuse(f"there is no identity {username!r}")
        except DomainError as error:
            self._refuse(error.message)
        said = f", in place of {before.user_name}" if before else ""
        self.stdout.write(f"{person.user_name} is the Owner now{said}.")

    @staticmethod
    def _refuse(why: str) -> NoReturn:
        sys.stderr.write(f"steward: {why}\n")
        raise SystemExit(1)
