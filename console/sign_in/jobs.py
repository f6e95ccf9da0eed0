"""What is done after an answer was given that must not tell how much there was to do."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Final

from django.utils import timezone
from django_tasks import task

from accounts.audit.context import RequestFacts, current, request_facts
from accounts.identities import resets
from accounts.sealing import Sealed, open_sealed, seal

CONTEXT: Final = "forgotten_password.typed"
LONGEST: Final = 1_016
"""Bytes of the 254 characters that the form takes; everything is sealed at this length."""

TOLD: Final = ("address", "user_agent", "request_id")
"""Facts of the request; nobody has proved anything in it yet."""


def ask_for_reset(typed: str) -> None:
    """Have a link mailed to whoever that is. The request does the same work for everybody.

    The queue keeps its tasks for days, and some type their password here by mistake: so what
    was typed waits there sealed, and is not looked up before, which would take unequal time.
    """
    sealed = seal(typed.encode().ljust(LONGEST, b"\0"), context=CONTEXT)
    facts = current()
    told = {name: getattr(facts, name) for name in TOLD}
    answer_reset.enqueue(sealed.key_id, b64encode(sealed.blob).decode(), told)


@task()
def answer_reset(key_id: str, blob: str, facts: dict[str, str]) -> None:
    typed = open_sealed(Sealed(key_id, b64decode(blob)), context=CONTEXT).rstrip(b"\0").decode()
    where = {name: facts[name] for name in TOLD}
    with request_facts(RequestFacts(**where, means=None)):
        resets.ask(typed=typed, at=timezone.now())
