from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Source
from accounts.sources import actions, policies
from accounts.sources.actions import FIRST_THRESHOLD_PERCENT
from console.sources.forms import ConfigurationForm, NewSourceForm, SourceForm, connector_of
from console.ui import sources as pages
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error


@requires(Permission.SOURCE_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: ConsoleRequest) -> HttpResponse:
    """Make a source. A connector that needs more asks for it once it is chosen."""
    chosen = request.POST.get("connector_name", "")
    connector = connector_of(chosen)
    needed = [f.name for f in connector.fields if f.required]
    needed += [secret.name for secret in connector.secrets if secret.required]
    is_complete = request.method == "POST" and all(name in request.POST for name in needed)
    if not is_complete:
        initial = {"owner": request.user.pk} | request.POST.dict()
        form = NewSourceForm(connector=connector, initial=initial)
        _limit(form, request)
        return render(request, "sources/new.html", {"form": form})
    form = NewSourceForm(request.POST, connector=connector)
    _limit(form, request)
    if form.is_valid():
        try:
            source = actions.create(
                by=request.user,
                connector=form.cleaned_data["connector_name"],
                details=form.details(percent=FIRST_THRESHOLD_PERCENT, deletion_disabled=False),
                at=timezone.now(),
            )
        except DomainError as error:
            add_error(form, error)
        else:
            said = _("The source %(name)s is created. Shape its account schema next.")
            messages.success(request, said % {"name": source})
            return redirect("sources:schema", source.pk)
    return render(request, "sources/new.html", {"form": form})


@requires(Permission.SOURCE_MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    source = pages.load_to_change(request, source_id)
    posted = request.POST if request.method == "POST" else None
    form = ConfigurationForm(
        posted,
        connector=source.kind,
        source=source,
        initial=ConfigurationForm.stored(source),
    )
    _limit(form, request)
    changes: list[dict[str, Any]] = []
    if form.is_valid():
        details = form.details(
            percent=form.cleaned_data["delete_threshold_percent"],
            deletion_disabled=form.cleaned_data["deletion_disabled"],
        )
        try:
            actions.edit(
                by=request.user,
                source=source,
                details=details,
                revision=form.cleaned_data["revision"],
                at=timezone.now(),
            )
        except actions.EditConflict as error:
            add_error(form, error)
            changes = _differences(form, error.source)
            form.data = {**request.POST.dict(), "revision": str(error.source.revision)}
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The configuration is saved."))
            return redirect("sources:configuration", source.pk)
    context = pages.frame(request, source, current="sources:configuration")
    context |= {"form": form, "changes": changes}
    return render(request, "sources/configuration.html", context)


def _limit(form: SourceForm, request: ConsoleRequest) -> None:
    """Whoever manages only their own sources chooses no other owner."""
    if not policies.may_choose_owner(request.user):
        form.keep_owner(request.user)


def _differences(form: ConfigurationForm, current: Source) -> list[dict[str, Any]]:
    """Field by field, what stands now and what was typed, where they differ."""
    stored, typed = ConfigurationForm.stored(current), dict(form.cleaned_data)
    typed["owner"] = typed["owner"].pk if typed["owner"] else None
    shown: dict[Any, Any] = {p.pk: p for p in (current.owner, form.cleaned_data["owner"]) if p}
    return [
        {
            "field": form.fields[name].label,
            "before": shown.get(value, value),
            "after": shown.get(typed[name], typed[name]),
        }
        for name, value in stored.items()
        if name != "revision" and name in typed and typed[name] != value
    ]


@requires(Permission.SOURCE_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def delete(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    """Asks for the name, so that nothing is deleted by a slip."""
    source = pages.load_to_change(request, source_id)
    error = ""
    if request.method == "POST":
        if request.POST.get("name", "").strip() != source.name:
            said = _("This is not the name. Type %(name)s exactly as it stands here.")
            error = said % {"name": source.name}
        else:
            try:
                actions.delete(by=request.user, source=source, at=timezone.now())
            except DomainError as refused:
                error = refused.message
            else:
                messages.success(request, _("The source %(name)s is deleted.") % {"name": source})
                return redirect("sources:list")
    context = {"source": source, "error": error, "users": policies.users_of(source)}
    return render(request, "sources/delete.html", context)
