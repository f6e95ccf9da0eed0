from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.bundles import actions
from accounts.bundles.actions import HasProblems, PlanChanged
from accounts.bundles.format import MAX_BYTES, Bundle
from accounts.bundles.members import BadBundle
from accounts.bundles.parts import parts
from accounts.bundles.plan import BundlePlan, Fate, Line
from accounts.lib.headers import content_disposition
from console.bundles.forms import BundleForm, pack, unpack
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.uploads import takes_file

LABELS: Final = {
    Fate.PROBLEM: gettext_lazy("Problems"),
    Fate.CREATED: gettext_lazy("New"),
    Fate.CHANGED: gettext_lazy("Changed"),
    Fate.UNCHANGED: gettext_lazy("Unchanged"),
    Fate.ONLY_HERE: gettext_lazy("Only here"),
}
LINES_SHOWN: Final = 20
"""Lines of one part that stand open; more are folded under their number."""


@requires(Permission.TENANT_MANAGE)
@require_safe
def move(request: ConsoleRequest) -> HttpResponse:
    """Where a bundle is exported, and where one is brought."""
    return _move_page(request, BundleForm())


@requires(Permission.TENANT_MANAGE)
@require_POST
def export(request: ConsoleRequest) -> HttpResponse:
    now = timezone.now()
    try:
        text = actions.export(by=request.user, at=now)
    except BadBundle as error:
        messages.error(request, error.message)
        return redirect("bundles:move")
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    environment = slugify(settings.STEWARD_ENVIRONMENT) or "steward"
    name = f"configuration-{environment}-{now:%Y-%m-%d}.json"
    response.headers["Content-Disposition"] = content_disposition(name)
    return response


@requires(Permission.TENANT_MANAGE)
@takes_file(Permission.TENANT_MANAGE, most_bytes=MAX_BYTES)
@require_POST
def plan(request: ConsoleRequest) -> HttpResponse:
    """What the bundle would do here; nothing is changed yet."""
    form = BundleForm(request.POST, request.FILES)
    if not form.is_valid():
        return _move_page(request, form)
    found = actions.plan(by=request.user, bundle=form.bundle, at=timezone.now())
    return _plan_page(request, form.bundle, found)


@requires(Permission.TENANT_MANAGE)
@require_POST
@step_up
def import_(request: ConsoleRequest) -> HttpResponse:
    """Take over the bundle whose plan was seen."""
    try:
        bundle, digest = unpack(request.POST.get("plan", ""))
    except signing.BadSignature:
        messages.error(request, _("This plan is too old. Choose the bundle again."))
        return redirect("bundles:move")
    try:
        done = actions.import_(by=request.user, bundle=bundle, digest=digest, at=timezone.now())
    except PlanChanged as changed:
        messages.warning(request, changed.message)
        return _plan_page(request, bundle, changed.plan)
    except HasProblems as refused:
        messages.error(request, refused.message)
        return _plan_page(request, bundle, refused.plan)
    messages.success(request, _said(done))
    if notes := [f"{line.name}: {note}" for line in done.lines for note in line.notes]:
        messages.warning(request, " ".join(notes))
    return redirect("bundles:move")


def _move_page(request: ConsoleRequest, form: BundleForm) -> HttpResponse:
    labels = [str(part.label) for part in parts.values()]
    return render(request, "bundles/move.html", {"form": form, "labels": labels})


def _plan_page(request: ConsoleRequest, bundle: Bundle, found: BundlePlan) -> HttpResponse:
    groups = [
        {
            "fate": fate.value,
            "label": label,
            "count": found.count(fate),
            "parts": _by_part(found.of(fate)),
        }
        for fate, label in LABELS.items()
    ]
    context = {
        "plan": found,
        "groups": groups,
        "notes": [(line, note) for line in found.lines for note in line.notes],
        "packed": pack(bundle, found),
        "button": _button(found),
    }
    return render(request, "bundles/plan.html", context)


def _by_part(lines: list[Line]) -> list[dict[str, Any]]:
    """The lines under what they are: a page of hundreds is read part by part."""
    return [
        {"label": part.label, "lines": own, "is_long": len(own) > LINES_SHOWN}
        for name, part in parts.items()
        if (own := [line for line in lines if line.part == name])
    ]


def _button(found: BundlePlan) -> str:
    count = found.differences
    return ngettext("Import %(n)d difference", "Import %(n)d differences", count) % {"n": count}


def _said(done: BundlePlan) -> str:
    if not done.differences:
        return _("Nothing was changed: all of it is here already.")
    said = _("The configuration is imported: %(created)d created, %(changed)d changed.")
    return said % {"created": done.count(Fate.CREATED), "changed": done.count(Fate.CHANGED)}
