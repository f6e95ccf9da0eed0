from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.jobs import policies as jobs
from accounts.lib.errors import DomainError
from accounts.models import Job
from accounts.sealing import actions, queries
from console.ui import progress as progress_words
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.jobs import detail_url


@requires(Permission.TENANT_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    keys = queries.all_keys(timezone.now())
    job = queries.current_job()
    context = {
        "keys": keys,
        "missing": [key for key in keys if not key.on_ring],
        "places": queries.counts_of_places(),
        "older": sum(key.values for key in keys if key.on_ring and not key.seals),
        "may_manage": may(request.user, Permission.TENANT_MANAGE),
        "may_write": queries.may_write(),
        "job": job,
        "last_job": None if job else queries.last_job(),
    }
    return render(request, "sealing/list.html", context | _progress(request, job))


@requires(Permission.TENANT_VIEW)
@require_safe
def progress(request: ConsoleRequest) -> HttpResponse:
    """The bar alone; once the job has ended the page loads itself anew."""
    job = queries.current_job()
    answer = render(request, "sealing/_progress.html", _progress(request, job))
    if job is None:
        answer.headers[progress_words.HTMX_POLL_ENDS] = "true"
    return answer


@requires(Permission.TENANT_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def rotate(request: ConsoleRequest) -> HttpResponse:
    """Add a key that seals from now on, after saying what that does."""
    if request.method == "POST":
        try:
            made = actions.rotate(by=request.user, at=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            text = _("Key %(key)s seals from now on. All values are being wrapped by it.")
            messages.success(request, text % {"key": made.key_id})
        return redirect("sealing:list")
    context = {
        "values": sum(queries.counts().values()),
        "may_write": queries.may_write(),
        "is_running": queries.current_job() is not None,
    }
    return render(request, "sealing/rotate.html", context)


@requires(Permission.TENANT_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def rewrap(request: ConsoleRequest) -> HttpResponse:
    """Have everything wrapped by the newest key, where that came from elsewhere."""
    if request.method == "POST":
        try:
            actions.rewrap(by=request.user, at=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("All values are being wrapped by the newest key."))
        return redirect("sealing:list")
    used = queries.counts()
    keys = [key for key in queries.all_keys(timezone.now()) if key.seals]
    context = {"newest": keys[0], "older": sum(used.values()) - keys[0].values}
    return render(request, "sealing/rewrap.html", context)


@requires(Permission.TENANT_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def take_out(request: ConsoleRequest, key: str) -> HttpResponse:
    """Take a key off the ring that nothing uses any more."""
    now = timezone.now()
    found = next((each for each in queries.all_keys(now) if each.key_id == key), None)
    if found is None or not found.on_ring:
        raise Http404
    if request.method == "POST":
        try:
            beside = actions.take_out(by=request.user, key=key, at=now)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            text = _("Key %(key)s is off the ring. A copy of it stands in %(file)s on the server.")
            messages.success(request, text % {"key": key, "file": beside.name})
        return redirect("sealing:list")
    return render(request, "sealing/take_out.html", {"key": found})


def _progress(request: ConsoleRequest, job: Job | None) -> dict[str, Any]:
    if job is None:
        return {"progress": None}
    may_cancel = jobs.may_cancel(request.user, job)
    return {
        "progress": progress_words.of(job, timezone.now()),
        "poll_url": reverse("sealing:progress"),
        "cancel_url": reverse("jobs:cancel", args=[job.pk]) if may_cancel else "",
        "job_url": detail_url(job),
    }
