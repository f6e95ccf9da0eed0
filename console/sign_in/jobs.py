"""What is done after an answer was given that must not tell how much there was to do."""

from __future__ import annotations

from dataclasses import asdict

from django.utils import timezone
from django_tasks import task

from accounts.audit.context import RequestFacts, current, request_facts
from accounts.identities import resets


def ask_for_reset(typed: str) -> None:
    """Have a link mailed to whoever that is. The request does the same work for everybody."""
    answer_reset.enqueue(typed, asdict(current()))


@task()
def answer_reset(typed: str, facts: dict[str, str]) -> None:
    with request_facts(RequestFacts(**facts)):
        resets.ask(typed=typed, at=timezone.now())
