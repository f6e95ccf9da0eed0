"""The page on which auditors see that the log is as it was written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.audit.proof import exported, queries
from accounts.audit.proof.jobs import KIND
from accounts.authorization.permissions import Permission
from accounts.jobs import actions as jobs
from accounts.jobs.states import State
from accounts.lib.headers import content_disposition
from accounts.models import Job
from console.ui.access import ConsoleRequest, requires


class VerifyForm(forms.Form):
    checkpoint = forms.CharField(
        label=gettext_lazy("Checkpoint that you kept"),
        help_text=gettext_lazy(
            "Optional. The whole content of a file that was downloaded here: a log that was cut or "
            "rewritten since then shows."
        ),
        required=False,
        max_length=exported.LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "code"}),
    )

    def clean_checkpoint(self) -> str:
        text: str = self.cleaned_data["checkpoint"]
        try:
            return exported.read(text).as_text() if text else ""
        except exported.BadCheckpoint as error:
            raise ValidationError(error.message) from None


@requires(Permission.AUDIT_VIEW)
@require_http_methods(["GET", "POST"])
def proof(request: ConsoleRequest) -> HttpResponse:
    form = VerifyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            job = jobs.start(
                by=request.user,
                kind=KIND,
                payload={"checkpoint": form.cleaned_data["checkpoint"]},
                exclusive_key=KIND,
                at=timezone.now(),
            )
        except jobs.AlreadyRunning as error:
            messages.info(request, error.message)
        else:
            messages.success(
                request, _("The verification has begun. Reload this page for what it finds.")
            )
            return redirect("jobs:detail", job.pk)
    context = {"form": form, "standing": queries.standing(), **_found(queries.last_verification())}
    return render(request, "audit/proof.html", context)


def _found(job: Job | None) -> dict[str, Any]:
    """What the last verification came to."""
    if job is None:
        return {}
    ended = job.state == State.SUCCEEDED
    return {"job": job, "faults": job.result.get("faults", []) if ended else [], "ended": ended}


@requires(Permission.AUDIT_VIEW)
@require_safe
def checkpoint(request: ConsoleRequest) -> HttpResponse:
    del request
    newest = queries.last()
    if newest is None:
        raise Http404
    answer = HttpResponse(exported.export(newest).as_text(), content_type="application/json")
    answer["Content-Disposition"] = content_disposition(f"audit-checkpoint-{newest.number}.json")
    return answer
