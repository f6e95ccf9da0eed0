from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Identity
from accounts.service_accounts import queries
from console.service_accounts.forms import NewForm
from console.ui import scope_choice
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.once import already_submitted, show_once
from tokens.credentials.actions import AlreadySubmitted, check_not_submitted
from tokens.credentials.types import key_pair
from tokens.scopes.effective import Held
from tokens.service_accounts import actions

START_MAX_LENGTH = 200
NAMES_OFFERED = 50


@requires(Permission.SERVICE_ACCOUNT_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def new(request: ConsoleRequest) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        start = _start(request.user, "", request.GET.get("from", ""))
        initial = {"owner": str(request.user.pk), "scopes": start.get("scopes", [])}
        return _page(request, NewForm(initial=initial, now=now), start)
    if {"start", "start_preset", "scopes_search"} & request.POST.keys():
        return _started(request, now)
    form = NewForm(request.POST, now=now)
    valid = form.is_valid()
    try:
        # after the form was judged: it may be its own first submission that took the name
        check_not_submitted(form.cleaned_data.get("submission"))
        if valid:
            issued = actions.create(
                by=request.user,
                details=form.details(),
                key=form.choice(),
                within=None,
                at=now,
                submission=form.cleaned_data["submission"],
            )
            return show_once(request, issued, title=_("Service account successfully created!"))
    except AlreadySubmitted as error:
        return already_submitted(request, error)
    except DomainError as error:
        form.explain(error)
    return _page(request, form, {})


@requires(Permission.SERVICE_ACCOUNT_MANAGE)
@require_safe
def start(request: ConsoleRequest) -> HttpResponse:
    """The scopes part of the form, with the scopes of another account ticked."""
    ticked = request.GET.getlist("scopes")
    start = _start(request.user, "", request.GET.get("start_account", ""), ticked)
    context = _scopes_part(start.get("scopes", ticked), start)
    return render(request, "service_accounts/_scopes_part.html", context)


def _started(request: ConsoleRequest, now: datetime) -> HttpResponse:
    """The form as it was typed, with other scopes; nothing is judged or made yet."""
    start = _start(
        request.user,
        request.POST.get("start_preset", ""),
        request.POST.get("start_account", ""),
        request.POST.getlist("scopes"),
    )
    typed = NewForm.typed(request.POST)
    if key_pair.may_hold_secret(typed.get("public_key_text", "")):
        del typed["public_key_text"]
    if "scopes" in start:
        typed["scopes"] = start["scopes"]
    if "scopes_search" in request.POST:
        start["scopes_filter"] = request.POST.get("scopes_filter", "")
    return _page(request, NewForm(initial=typed, now=now), start)


def _start(
    person: Identity, preset: str, account: str, ticked: Sequence[str] = ()
) -> dict[str, Any]:
    """The scopes to start from beside the ticked, if that was asked for, or why there are none."""
    account = account.replace("\0", "").strip()[:START_MAX_LENGTH]
    if preset:
        scopes = scope_choice.with_preset(preset, ticked)
        return {} if scopes is None else {"scopes": scopes}
    if not account:
        return {}
    found = queries.called(person, account)
    if found is None:
        missing = _("There is no service account with the name or ID “%(text)s”.")
        return {"start_error": missing % {"text": account}, "start_account": account}
    taken = (
        _("The scopes of %(name)s are ticked below, beside those that were.")
        if ticked
        else _("The scopes of %(name)s are ticked below.")
    )
    scopes = list(dict.fromkeys([*ticked, *found.scopes]))
    return {"scopes": scopes, "start_note": taken % {"name": found.name}}


def _scopes_part(chosen: list[str], start: dict[str, Any]) -> dict[str, Any]:
    shown = {name: text for name, text in start.items() if name != "scopes"}
    found = scope_choice.sections(chosen, search=start.get("scopes_filter", ""), holder=Held())
    return {"sections": found, "presets": scope_choice.presets(), **shown}


def _page(request: ConsoleRequest, form: NewForm, start: dict[str, Any]) -> HttpResponse:
    names = queries.visible_to(request.user).order_by("name", "pk").values_list("name", flat=True)
    context = _scopes_part(form.chosen_scopes(), start) | {
        "form": form,
        "account_names": list(names[:NAMES_OFFERED]),
    }
    return render(request, "service_accounts/new.html", context)
