from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Transform
from accounts.profiles import library, usage
from accounts.profiles.transforms.describe import describe
from console.transforms import trial
from console.transforms.forms import DefinitionForm, TrialForm
from console.ui.access import ConsoleRequest, requires

BEGINNING: Final = {"name": "", "type": "lower", "attributes": {}}


def as_text(definition: Mapping[str, Any]) -> str:
    """A definition as the editor shows it: the name first, and no flag that says nothing."""
    body = {"name": definition.get("name", ""), "type": definition.get("type", "")}
    if definition.get("requiresPeriodicRefresh"):
        body["requiresPeriodicRefresh"] = True
    body["attributes"] = definition.get("attributes") or {}
    return json.dumps(body, indent=2, ensure_ascii=False)


@requires(Permission.PROFILE_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: ConsoleRequest) -> HttpResponse:
    form = _definition_form(request, {"definition": _beginning(request)})
    if form.is_bound and form.is_valid() and not _is_only_tried(request):
        definition = form.cleaned_data["definition"]
        name = definition.get("name")
        try:
            made = library.create(
                by=request.user,
                name=name if isinstance(name, str) else "",
                definition=definition,
                at=timezone.now(),
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The transform %(name)s is added.") % {"name": made})
            return redirect("transforms:detail", made.pk)
    return _page(request, form, {"started_from": request.GET.get("type", "")})


def _beginning(request: ConsoleRequest) -> str:
    """The text that the editor starts with: a sample of a type, a copy, or what is simplest."""
    key = request.GET.get("type", "")
    for description in describe():
        if description.key == key:
            return as_text(description.sample)
    try:
        copied = UUID(request.GET.get("copy", ""))
    except ValueError:
        return as_text(BEGINNING)
    original = get_object_or_404(Transform, pk=copied)
    name = _("Copy of %(name)s") % {"name": original.name}
    return as_text({**original.definition, "name": name[:100]})


@requires(Permission.PROFILE_MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: ConsoleRequest, transform_id: UUID) -> HttpResponse:
    transform = get_object_or_404(Transform, pk=transform_id)
    if transform.built_in:
        messages.info(request, _("A built-in transform stays as it is. This is a copy to change."))
        return _to_copy(transform)
    stored = {"definition": as_text(transform.definition), "revision": transform.revision}
    form = _definition_form(request, stored)
    theirs = ""
    if form.is_bound and form.is_valid() and not _is_only_tried(request):
        try:
            changed = library.edit(
                by=request.user,
                transform=transform,
                definition=form.cleaned_data["definition"],
                revision=form.cleaned_data["revision"] or 0,
                at=timezone.now(),
            )
        except library.EditConflict as error:
            form.refuse(error)
            theirs = as_text(error.transform.definition)
            form.data = {**request.POST.dict(), "revision": str(error.transform.revision)}
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _saved(changed))
            return redirect("transforms:detail", changed.pk)
    return _page(request, form, {"transform": transform, "theirs": theirs})


def _to_copy(transform: Transform) -> HttpResponse:
    answer = redirect("transforms:new")
    answer["Location"] += f"?copy={transform.pk}"
    return answer


def _saved(transform: Transform) -> str:
    if usage.mappings_of(transform):
        return _(
            "The transform %(name)s is saved. Identity profiles that use it are to be applied."
        ) % {"name": transform}
    return _("The transform %(name)s is saved.") % {"name": transform}


def _is_only_tried(request: ConsoleRequest) -> bool:
    return request.POST.get("action") == "try"


def _definition_form(request: ConsoleRequest, stored: dict[str, Any]) -> DefinitionForm:
    if request.method == "POST":
        return DefinitionForm(request.POST)
    return DefinitionForm(initial=stored)


def _page(request: ConsoleRequest, form: DefinitionForm, more: dict[str, Any]) -> HttpResponse:
    """The editor with its tester, which tries what stands in the editor, saved or not."""
    if form.is_bound:
        # a form of its own: what was refused on saving says nothing about a trial
        tested = DefinitionForm(request.POST)
        inputs = TrialForm(request.POST, person=request.user)
    else:
        tested = DefinitionForm(form.initial)
        inputs = TrialForm(None, person=request.user)
    kind = _type_of(tested)
    context = more | {
        "form": form,
        "is_tried": _is_only_tried(request),
        "types": describe(),
        "described": next((d for d in describe() if d.key == kind), None),
        **trial.context(request.user, tested, inputs, timezone.now()),
    }
    return render(request, "transforms/editor.html", context)


def _type_of(form: DefinitionForm) -> str:
    """The key of the type that a definition names; "" where it names none that is known."""
    definition = form.cleaned_data.get("definition", {}) if form.is_valid() else {}
    kind, attributes = definition.get("type"), definition.get("attributes")
    if kind == "rule" and isinstance(attributes, dict):
        return f"rule:{attributes.get('operation')}"
    return str(kind)


@requires(Permission.PROFILE_MANAGE)
@require_http_methods(["GET", "POST"])
def delete(request: ConsoleRequest, transform_id: UUID) -> HttpResponse:
    transform = get_object_or_404(Transform, pk=transform_id)
    error = ""
    if request.method == "POST":
        try:
            library.delete(by=request.user, transform=transform, at=timezone.now())
        except DomainError as refused:
            error = refused.message
        else:
            said = _("The transform %(name)s is deleted.")
            messages.success(request, said % {"name": transform.name})
            return redirect("transforms:list")
    context = {"transform": transform, "error": error, "users": library.users_of(transform)}
    return render(request, "transforms/delete.html", context)
