from __future__ import annotations

import ipaddress

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from tokens.edge import facts


def client_address(request: HttpRequest) -> str | None:
    """What the lockout counts by, besides the user name; None if a proxy wrote no address."""
    try:
        return str(ipaddress.ip_address(facts.client_address(request)))
    except ValueError:
        return None


class ClosedSignUpAdapter(DefaultAccountAdapter):
    """People come in by invitation or by the set-up link; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "0.0.0.0"  # noqa: S104  a key to count by, not a bind
