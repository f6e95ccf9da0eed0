from __future__ import annotations

from django.utils import timezone

from accounts.sign_in_providers import linking


def run() -> None:
    """Upkeep."""
    linking.forget_used(now=timezone.now())
