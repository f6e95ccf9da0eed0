from __future__ import annotations

import json
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import IdentityProfile
from accounts.profiles import custom_attributes, policies, queries
from accounts.profiles.actions import EditConflict
from accounts.profiles.attributes import FIRST_MAPPED, known
from accounts.profiles.mappings import MappingDraft, set_mappings
from console.profiles import conflict, previews
from console.profiles.forms import NewAttributeForm
from console.profiles.mappings_form import Cells, MappingsForm, posted, settled, stored
from console.profiles.tabs import frame, load
from console.ui import processing
from console.ui.access import ConsoleRequest, refuse, requires
from console.ui.errors import add_error

ADD: Final = "add"
REMOVE: Final = "remove"
REFRESH: Final = "refresh"
NEW_ATTRIBUTE: Final = "new_attribute"
BUTTONS: Final = frozenset({ADD, REMOVE, REFRESH, NEW_ATTRIBUTE})
"""They change the rows of the form, and save none of them."""


@requires(Permission.PROFILE_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def mappings(request: ConsoleRequest, profile_id: UUID) -> HttpResponse:
    """Mappings: Source | Attribute | Transform, and what they make of an account."""
    profile = load(request, profile_id)
    if request.method != "POST":
        return _page(request, profile, MappingsForm(None, profile=profile, rows=stored(profile)))
    if not policies.may_manage(request.user):
        refuse(request, Permission.PROFILE_MANAGE)
    if BUTTONS & request.POST.keys():
        return _arrange(request, profile)
    return _save(request, profile)


def _arrange(request: ConsoleRequest, profile: IdentityProfile) -> HttpResponse:
    """The same form with other rows; nothing is saved but an attribute that the tenant adds."""
    rows, added = posted(request.POST), ""
    new_attribute = NewAttributeForm()
    if REFRESH in request.POST:
        rows = settled(rows)
    elif REMOVE in request.POST:
        rows.pop(request.POST[REMOVE], None)
    elif NEW_ATTRIBUTE in request.POST:
        new_attribute = NewAttributeForm(request.POST)
        added = _add_attribute(request, new_attribute)
    else:
        added = request.POST.get("attribute", "")
    if added in known():
        rows.setdefault(added, Cells(source=str(profile.source_id)))
    if added and new_attribute.is_bound:
        new_attribute = NewAttributeForm()
    form = MappingsForm.carried(request.POST, profile=profile, rows=rows, focus=added)
    return _page(request, profile, form, drafts=_drafts(form), new_attribute=new_attribute)


def _add_attribute(request: ConsoleRequest, form: NewAttributeForm) -> str:
    """The name of the new attribute; empty where there is none."""
    if not form.is_valid():
        return ""
    try:
        row = custom_attributes.add(by=request.user, at=timezone.now(), **form.cleaned_data)
    except DomainError as error:
        add_error(form, error)
        return ""
    return row.name


def _drafts(form: MappingsForm) -> list[MappingDraft] | None:
    """The rows of a form that was not sent to be saved, as far as they say something."""
    bound = form.again()
    if not bound.is_valid():
        return None
    drafts = bound.drafts(typing=True)
    return None if bound.errors else drafts


def _save(request: ConsoleRequest, profile: IdentityProfile) -> HttpResponse:
    form = MappingsForm(request.POST, profile=profile, rows=posted(request.POST))
    drafts = form.drafts() if form.is_valid() else None
    if drafts is None or form.errors:
        return _page(request, profile, form)
    try:
        set_mappings(
            by=request.user,
            profile=profile,
            drafts=drafts,
            revision=form.cleaned_data["revision"],
            at=timezone.now(),
        )
    except EditConflict as error:
        told, rows = conflict.resolve(form, error.profile)
        form = MappingsForm(None, profile=error.profile, rows=rows)
        return _page(request, error.profile, form, drafts=drafts, conflict=told)
    except DomainError as error:
        form.explain(error)
        return _page(request, profile, form)
    messages.success(request, _("The mappings are saved."))
    return redirect("profiles:mappings", profile.pk)


@requires(Permission.PROFILE_MANAGE)
@require_POST
def preview(request: ConsoleRequest, profile_id: UUID) -> HttpResponse:
    """The same page with the values that are typed, and what they would make of an account."""
    profile = load(request, profile_id)
    form = MappingsForm(request.POST, profile=profile, rows=posted(request.POST))
    drafts = form.drafts(typing=True) if form.is_valid() else None
    return _page(request, profile, form, drafts=None if form.errors else drafts)


def _page(
    request: ConsoleRequest,
    profile: IdentityProfile,
    form: MappingsForm,
    *,
    drafts: list[MappingDraft] | None = None,
    **context: Any,
) -> HttpResponse:
    """The tab; without drafts, the preview is of what is saved, or says what stands against it."""
    shown = previews.of(request, profile, form, drafts)
    context = {
        "form": form,
        "new_attribute": NewAttributeForm(),
        "preview": shown,
        **context,
        **frame(request, profile, current="profiles:mappings"),
    }
    if context["pending"] is not None and context["pending"].state == processing.UNMAPPED:
        context["pending"] = None  # the rows themselves say so
    if not context["may_manage"]:
        context["as_read"] = _as_read(profile)
    return render(request, "profiles/mappings.html", context)


def _as_read(profile: IdentityProfile) -> list[dict[str, Any]]:
    """The rows for who may only look: the four of every mapping, and what else is mapped."""
    return [
        {
            "label": row.info.label,
            "mapping": row.mapping,
            "json": json.dumps(row.mapping.definition, indent=2, ensure_ascii=False)
            if row.mapping is not None and row.mapping.definition is not None
            else "",
        }
        for row in queries.mapping_rows(profile)
        if row.mapping is not None or row.info.name in FIRST_MAPPED
    ]
