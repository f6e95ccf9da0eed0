"""The background call that sends a test."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django_tasks import task


@task()
def send_test(subject: str, body: str, to: str) -> None:
    """Send a text with samples in it; it holds no link that works."""
    EmailMessage(subject=subject, body=body, to=[to]).send()
