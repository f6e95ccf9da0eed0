"""The way back for an administrator who lost phone, passkey and recovery codes."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.lib.errors import DomainError
from accounts.models import Identity
from accounts.second_factors import actions


class Command(BaseCommand):
    help = "Remove all second factors of somebody; their password alone signs them in then."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the user name that they sign in with")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        try:
            person = Identity.objects.get_by_natural_key(username)
            actions.remove_all(by=SYSTEM, identity=person, at=timezone.now())
        except Identity.DoesNotExist:
            self._refuse(f"there is no identity {username!r}")
        except DomainError as error:
            self._refuse(error.message)
        self.stdout.write(
            f"{person.user_name} has no second factor any more, and is signed out everywhere."
        )

    @staticmethod
    def _refuse(why: str) -> NoReturn:
        sys.stderr.write(f"steward: {why}\n")
        raise SystemExit(1)
