from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from console import client_address as addresses


def client_address(request: HttpRequest) -> str:
    """What the lockout counts by, besides the user name."""
    return addresses.client_address(request.META)


class ClosedSignUpAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """People come in by invitation or by the set-up link; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)
