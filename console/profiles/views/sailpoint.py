from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.audit import record
from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.lib.headers import content_disposition
from accounts.profiles.importing import ImportRefused, import_profiles
from accounts.profiles.sailpoint import export_profile
from accounts.profiles.transforms.export import MAX_BYTES
from console.profiles.import_form import PlanForm, ProfilesForm, pack, unpack
from console.profiles.tabs import load
from console.ui.access import ConsoleRequest, requires
from console.ui.uploads import takes_file


@requires(Permission.PROFILE_MANAGE)
@takes_file(Permission.PROFILE_MANAGE, most_bytes=MAX_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
def import_(request: ConsoleRequest) -> HttpResponse:
    """The export first, then its plan, then its confirmation."""
    if request.method == "POST" and "plan" in request.POST:
        return _confirm(request)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ProfilesForm(*posted)
    if form.is_valid():
        return _plan_page(request, PlanForm(None, found=form.found))
    return render(request, "profiles/import.html", {"form": form})


def _confirm(request: ConsoleRequest) -> HttpResponse:
    try:
        found = unpack(request.POST["plan"])
    except signing.BadSignature:
        messages.error(request, _("This plan is too old. Choose the export again."))
        return redirect("profiles:import")
    form = PlanForm(request.POST, found=found)
    if not form.is_valid():
        return _plan_page(request, form)
    places, choices = zip(*form.choices(), strict=True)
    try:
        made = import_profiles(by=request.user, choices=choices, at=timezone.now())
    except ImportRefused as refused:
        form.add_error(f"take-{places[refused.index]}", refused.message)
        return _plan_page(request, form)
    count = len(made)
    said = ngettext(
        "%(n)d identity profile is imported. Look at its mappings, then apply the changes.",
        "%(n)d identity profiles are imported. Look at their mappings, then apply the changes.",
        count,
    )
    messages.success(request, said % {"n": count})
    if count == 1:
        return redirect("profiles:mappings", made[0].pk)
    return redirect("profiles:list")


def _plan_page(request: ConsoleRequest, form: PlanForm) -> HttpResponse:
    context = {
        "form": form,
        "lines": form.lines(by=request.user, at=timezone.now()),
        "packed": pack(form.found),
    }
    return render(request, "profiles/import_plan.html", context)


@requires(Permission.PROFILE_VIEW)
@require_safe
def export(request: ConsoleRequest, profile_id: UUID) -> HttpResponse:
    """The profile in SailPoint's form, which Import takes."""
    profile = load(request, profile_id)
    try:
        exported = export_profile(profile)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("profiles:mappings", profile.pk)
    record("identity_profile.exported", by=request.user, subject=profile, at=timezone.now())
    text = json.dumps(exported, indent=2, ensure_ascii=False)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    name = f"{slugify(profile.name) or 'identity-profile'}.json"
    answer.headers["Content-Disposition"] = content_disposition(name)
    return answer
