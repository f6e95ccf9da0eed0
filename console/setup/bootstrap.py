from __future__ import annotations

from django.core.management.base import OutputWrapper


def ensure_first_administrator(stdout: OutputWrapper) -> None:
    """Make the first administrator, or print the link that does."""
    del stdout
