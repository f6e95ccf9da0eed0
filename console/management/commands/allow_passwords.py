"""The way back where only sign-in providers let people in, and none of them works."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.sign_in_providers import sso_only


class Command(BaseCommand):
    help = "Let passwords and passkeys sign people in again, where only sign-in providers did."

    def handle(self, *args: Any, **options: Any) -> None:
        named = sso_only.named_people(sso_only.current())
        changed = sso_only.set_rule(by=SYSTEM, is_on=False, named=named, at=timezone.now())
        if changed:
            self.stdout.write("Passwords and passkeys sign people in again.")
        else:
            self.stdout.write("Passwords and passkeys sign people in already.")
