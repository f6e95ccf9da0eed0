"""What happens at every start of Steward as long as the tenant has no administrator."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.management.base import OutputWrapper
from django.urls import reverse
from django.utils import timezone

from accounts.identities import first_administrator, queries
from accounts.identities.links import LinkSpent
from accounts.lib.errors import DomainError
from console.environment.read import FirstAdministrator

VARIABLES = {
    "user_name": "STEWARD_ADMIN_USERNAME",
    "email": "STEWARD_ADMIN_EMAIL",
    "password": "STEWARD_ADMIN_PASSWORD",
}


def ensure_first_administrator(stdout: OutputWrapper) -> None:
    """Make the administrator that the environment names, or print the link that makes one.

    With an administrator in place it does neither. A bad value in the environment ends the
    start like any other: one line and exit 2.
    """
    if queries.has_administrator():
        return
    try:
        if settings.STEWARD_FIRST_ADMINISTRATOR is not None:
            _make(settings.STEWARD_FIRST_ADMINISTRATOR, stdout)
        else:
            _print_link(stdout)
    except LinkSpent:
        return  # another instance, started at the same time, was quicker


def _make(wanted: FirstAdministrator, stdout: OutputWrapper) -> None:
    try:
        person = first_administrator.create(
            user_name=wanted.user_name,
            email=wanted.email,
            password=wanted.password,
            at=timezone.now(),
        )
    except LinkSpent:
        raise
    except DomainError as problem:
        variable = VARIABLES.get(problem.field or "", "STEWARD_ADMIN_USERNAME")
        sys.stderr.write(f"steward: {variable} cannot be used: {problem.message}\n")
        raise SystemExit(2) from None
    stdout.write(f"Administrator {person.user_name} was made; sign in with the password you set.")


def _print_link(stdout: OutputWrapper) -> None:
    token = first_administrator.offer_link(at=timezone.now())
    path = reverse("setup:new", args=[token.take()])
    stdout.write("There is no administrator yet. Make one within an hour, on this page:")
    stdout.write(f"  {settings.STEWARD_PUBLIC_URL}{path}")
    stdout.flush()
