from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Source
from accounts.sources import actions, policies, trial, tries
from accounts.sources.actions import FIRST_THRESHOLD_PERCENT
from accounts.sources.connectors.base import Connector, connector_choices
from console.sources.forms import ConfigurationForm, NewSourceForm, SourceForm, connector_of
from console.ui import conflicts
from console.ui import sources as pages
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error

TEST: Final = "test"
"""What the button "Test connection" says of itself; any other saves."""


@requires(Permission.SOURCE_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: ConsoleRequest) -> HttpResponse:
    """Make a source: its type first, then what its connector asks for."""
    is_post = request.method == "POST"
    chosen = request.POST.get("connector_name", "") if is_post else request.GET.get("connector", "")
    name, connector = connector_of(chosen)
    form = NewSourceForm(
        request.POST if is_post else None,
        connector=connector,
        initial={"owner": request.user.pk, "connector_name": name},
    )
    _limit(form, request)
    context: dict[str, Any] = {"form": form, "tabs": _types(name)}
    context["can_test"] = not connector.takes_files
    if form.is_valid():
        try:
            if _is_test(request, connector):
                context["trial"] = _tried(request, form, name, None)
            else:
                return _created(request, form, name)
        except DomainError as error:
            add_error(form, error)
    return render(request, "sources/new.html", context)


def _created(request: ConsoleRequest, form: NewSourceForm, connector: str) -> HttpResponse:
    source = actions.create(
        by=request.user,
        connector=connector,
        details=form.details(percent=FIRST_THRESHOLD_PERCENT, deletion_disabled=False),
        start=form.start,
        at=timezone.now(),
    )
    said = _("The source %(name)s is created. Shape its account schema next.")
    messages.success(request, said % {"name": source})
    return redirect("sources:schema", source.pk)


def _types(current: str) -> list[dict[str, Any]]:
    """The types of source, of which one is chosen before anything is typed."""
    return [
        {
            "label": label,
            "url": f"{reverse('sources:new')}?{urlencode({'connector': name})}",
            "current": name == current,
        }
        for name, label in connector_choices()
    ]


def _is_test(request: ConsoleRequest, connector: Connector) -> bool:
    return request.POST.get("do") == TEST and not connector.takes_files


def _tried(
    request: ConsoleRequest, form: SourceForm, connector: str, source: Source | None
) -> dict[str, Any]:
    """What was found, as `sources/_trial.html` shows it."""
    tries.count(request.user, source)
    found = trial.try_out(
        by=request.user,
        connector=connector,
        source=source,
        config=form.config(),
        typed=form.typed_secrets(),
        start=form.start if isinstance(form, NewSourceForm) else "",
        at=timezone.now(),
    )
    accounts = [
        {
            "name": row[found.name_place] or _("An account without a name"),
            "facts": [
                {"label": label, "value": value}
                for label, value in zip(found.columns, row, strict=True)
                if value
            ],
        }
        for row in found.rows
    ]
    empty = [
        label
        for place, label in enumerate(found.columns)
        if not any(row[place] for row in found.rows)
    ]
    return {"accounts": accounts, "empty": ", ".join(empty), "left_out": found.left_out}


@requires(Permission.SOURCE_MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    source = pages.load_to_change(request, source_id)
    posted = request.POST if request.method == "POST" else None
    form = ConfigurationForm(
        posted,
        connector=source.kind,
        source=source,
        initial=conflicts.opened(ConfigurationForm.stored(source)),
    )
    _limit(form, request)
    context = pages.frame(request, source, current="sources:configuration")
    context |= {"form": form, "can_test": not source.kind.takes_files}
    if form.is_valid():
        try:
            if _is_test(request, source.kind):
                context["trial"] = _tried(request, form, source.connector, source)
            else:
                return _saved(request, form, source)
        except actions.EditConflict as error:
            found = _conflict(request, form, error.source)
            context["conflict"], form.data = found, found.data
        except DomainError as error:
            add_error(form, error)
    return render(request, "sources/configuration.html", context)


def _saved(request: ConsoleRequest, form: ConfigurationForm, source: Source) -> HttpResponse:
    details = form.details(
        percent=form.cleaned_data["delete_threshold_percent"],
        deletion_disabled=form.cleaned_data["deletion_disabled"],
    )
    actions.edit(
        by=request.user,
        source=source,
        details=details,
        revision=form.cleaned_data["revision"],
        at=timezone.now(),
    )
    messages.success(request, _("The configuration is saved."))
    return redirect("sources:configuration", source.pk)


def _limit(form: SourceForm, request: ConsoleRequest) -> None:
    """Whoever manages only their own sources chooses no other owner."""
    if not policies.may_choose_owner(request.user):
        form.keep_owner(request.user)


def _conflict(
    request: ConsoleRequest, form: ConfigurationForm, current: Source
) -> conflicts.Conflict:
    who = conflicts.who_changed(current, ("source.edited", "source.schema_changed"))
    stored = ConfigurationForm.stored(current)
    return conflicts.resolve(form, request.POST, current=stored, who=who)


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
