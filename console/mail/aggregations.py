"""Mail to the owner of a source about a reading that nobody watched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit.actors import SYSTEM
from accounts.authorization.permissions import Permission
from accounts.imports.scheduled import FAILED, HELD, TELL_OWNER
from accounts.jobs import actions as jobs
from accounts.jobs.kinds import JobKind
from accounts.jobs.run import Run
from accounts.lib.errors import DomainError
from accounts.mail_templates.kinds import Kind, Placeholder
from accounts.models import ImportRun
from accounts.tenant.time_zone import time_zone
from console.ui import letters, times
from console.ui.letters import COMMON

MOST_TRIES: Final = 6
FIRST_PAUSE: Final = timedelta(minutes=5)
"""Before another try; doubled each time."""

FACTS: Final = (
    *COMMON,
    Placeholder("source", gettext_lazy("The name of the source"), "Directory"),
    Placeholder("at", gettext_lazy("When it was read"), "22 Nov 2026, 14:00 UTC"),
    Placeholder(
        "link",
        gettext_lazy("The address of the page of this import"),
        "https://steward.example.com/sources/…",
        is_required=True,
    ),
)
KINDS: Final[dict[str, Kind]] = {
    HELD: Kind(
        label=gettext_lazy("Aggregation held"),
        occasion=gettext_lazy(
            "Sent to the owner of a source when a scheduled aggregation, or a file that a program "
            "sent, would remove more accounts than the threshold allows."
        ),
        subject=gettext_lazy("{{ source }}: {{ missing }} accounts are missing"),
        body=gettext_lazy(
            "Hello {{ name }},\n\n"
            "the source {{ source }} was read at {{ at }}, and {{ missing }} of its {{ accounts }} "
            "accounts are missing. That is more than the Account Delete Threshold allows, so "
            "nothing was changed.\n\n"
            "Look at the plan, and let the accounts go or keep them:\n\n{{ link }}\n\n"
            "Until then, nothing of this reading is imported.\n\n"
            "{{ product }} ({{ environment }})"
        ),
        placeholders=(
            *FACTS,
            Placeholder("missing", gettext_lazy("How many accounts are missing"), "1,204"),
            Placeholder("accounts", gettext_lazy("How many accounts there were"), "10,000"),
        ),
    ),
    FAILED: Kind(
        label=gettext_lazy("Aggregation failed"),
        occasion=gettext_lazy(
            "Sent to the owner of a source when a scheduled aggregation fails; once, until one "
            "succeeds."
        ),
        subject=gettext_lazy("{{ source }} could not be read"),
        body=gettext_lazy(
            "Hello {{ name }},\n\n"
            "the source {{ source }} could not be read at {{ at }}:\n\n    {{ reason }}\n\n"
            "Nothing was changed. The next one is tried at its time; you hear of failures again "
            "only after one has succeeded.\n\n{{ link }}\n\n"
            "{{ product }} ({{ environment }})"
        ),
        placeholders=(
            *FACTS,
            Placeholder("reason", gettext_lazy("Why it failed"), "Nothing answers at port 636."),
        ),
    ),
}


class NotSent(DomainError):
    """The mail server did not take the mail."""

    code = "not_sent"


class TellOwner(JobKind):
    """Sends the mail of one reading; what fails is tried again, each time as another job."""

    label: str | Promise = gettext_lazy("Mail about an aggregation")
    permission: Permission | None = None

    def run(self, run: Run) -> Mapping[str, Any]:
        found = ImportRun.objects.select_related("source__owner").get(pk=run.payload["import"])
        owner = found.source.owner
        if owner is None or not owner.email or owner.disabled_at or owner.deleted_at:
            return {"mails": 0}
        try:
            letters.send(str(run.payload["what"]), _values(found), owner.email)
        except OSError as error:
            _try_again(run, found)
            raise NotSent(_("The mail was not taken: %(why)s") % {"why": error}) from error
        return {"mails": 1}


def _values(found: ImportRun) -> dict[str, str]:
    assert found.source.owner is not None
    page = reverse("imports:detail", args=[found.source_id, found.pk])
    with timezone.override(time_zone()):
        return letters.values_of(found.source.owner) | {
            "source": found.source.name,
            "at": times.exact(found.uploaded_at),
            "link": f"{settings.STEWARD_PUBLIC_URL}{page}",
            "missing": f"{found.missing:,}",
            "accounts": f"{found.accounts_before:,}",
            "reason": found.failure,
        }


def _try_again(run: Run, found: ImportRun) -> None:
    tries = int(run.payload["tries"])
    if tries < MOST_TRIES:
        jobs.start(
            by=SYSTEM,
            kind=TELL_OWNER,
            subject=found.source,
            payload={**run.payload, "tries": tries + 1},
            not_before=run.clock() + FIRST_PAUSE * 2 ** (tries - 1),
            at=run.clock(),
        )
