"""Accounts of a source from a file, and all of them removed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.http import HttpResponse
from django.utils.translation import gettext as _

from accounts.imports import actions as imports
from accounts.imports.files.uploads import MOST_BYTES
from accounts.jobs.actions import AlreadyRunning
from accounts.models import Job
from accounts.sources import accounts, policies
from tokens.doors.sailpoint import tasks
from tokens.doors.sailpoint.calls import Call, reference, takes_file
from tokens.doors.sailpoint.errors import Refused, answer
from tokens.doors.sailpoint.sources import find
from tokens.doors.sailpoint.uploads import uploaded

RUNNING: Final = (
    "This aggregation failed because the currently running aggregation must complete before the "
    "next one can start."
)
"""The vendor's words."""


@takes_file(MOST_BYTES)
def load_accounts(call: Call, source_id: str) -> HttpResponse:
    """Import a file; its plan is applied at once unless the threshold holds it.

    `disableOptimization` changes nothing here: an import compares what a row says with what is
    stored, so that a changed schema is seen in every row.
    """
    source = find(call, source_id)
    policies.check_may_manage(call.by, source)
    file = uploaded(call)
    if call.request.POST.get("disableOptimization", "").lower() not in ("", "true", "false"):
        raise Refused("disableOptimization must be true or false.")
    try:
        import_run = imports.upload(
            by=call.by,
            source=source,
            file_name=file.name or "",
            chunks=file.chunks(),
            at=call.now,
            confirm=True,
        )
    except AlreadyRunning as error:
        raise Refused(RUNNING, HTTPStatus.CONFLICT) from error
    assert import_run.job_id is not None  # it has begun
    job = Job.objects.get(pk=import_run.job_id)
    task = tasks.loading(import_run, job)
    return answer({"success": True, "task": task}, HTTPStatus.ACCEPTED)


def remove_accounts(call: Call, source_id: str) -> HttpResponse:
    """Have all accounts of a source removed; they can be brought back for a while."""
    source = find(call, source_id)
    reason = _("Asked for by a program.")
    job = accounts.remove_all(by=call.by, source=source, reason=reason, at=call.now)
    task = reference("TASK_RESULT", job.pk, "") | {"name": None}
    return answer(task, HTTPStatus.ACCEPTED)
