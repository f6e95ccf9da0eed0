from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.models import Identity
from accounts.requests import actions, deciders
from accounts.requests.kinds.base import Kind, Wish, kinds
from accounts.requests.policies import may_ask
from accounts.requests.routing import route
from console.requests.forms import AboutOwnForm, RequestForm, request_forms
from console.ui import scope_choice
from console.ui.access import ConsoleRequest, requires
from console.ui.errors import submitted


@requires(Permission.REQUEST_ASK)
@require_safe
def catalogue(request: ConsoleRequest) -> HttpResponse:
    """What can be asked for."""
    found = [{"name": name, "kind": kinds.get(name)} for name in request_forms.keys()]  # noqa: SIM118  a registry
    context = {"kinds": found, "may_ask": may_ask(request.user)}
    return render(request, "requests/catalogue.html", context)


@requires(Permission.REQUEST_ASK)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ConsoleRequest, kind: str) -> HttpResponse:
    """Ask for something. A link from elsewhere may bring values along in its address."""
    if kind not in request_forms:
        raise Http404
    if request.method != "POST" and not may_ask(request.user):
        return redirect("requests:catalogue")
    form_class = request_forms.get(kind)
    given = _given(request, form_class)
    form = form_class(request.POST or None, person=request.user, initial=given)
    made = submitted(
        form,
        lambda: actions.ask(
            by=request.user,
            kind=kind,
            details=form.details(),
            reason=form.cleaned_data["reason"],
            at=timezone.now(),
        ),
    )
    if made is not None:
        said = _("%(number)s waits for approval.") % {"number": made.number}
        messages.success(request, said)
        return redirect("requests:detail", made.pk)
    context = {
        "form": form,
        "kind": kinds.get(kind),
        "lacks": form.lacks(),
        "lacks_account": isinstance(form, AboutOwnForm) and not form.own.exists(),
        "decides": _who_decides(request.user, kinds.get(kind)),
    }
    return render(request, "requests/new.html", context | _scopes(form))


def _given(request: ConsoleRequest, form_class: type[RequestForm]) -> dict[str, Any]:
    """What the address fills in; of what takes several values, all of them."""
    return {
        name: request.GET.getlist(name)
        if isinstance(field, forms.MultipleChoiceField)
        else request.GET[name]
        for name, field in form_class.base_fields.items()
        if name in request.GET
    }


def _scopes(form: RequestForm) -> dict[str, Any]:
    if not form.has_scopes:
        return {}
    return {"sections": scope_choice.sections(form.chosen_scopes())}


def _who_decides(person: Identity, kind: Kind) -> str:
    """In a sentence, as far as it does not depend on what is asked for."""
    [first, *_rest] = route(person, Wish({}, None), timezone.now()).approvers
    if first is not None:
        said = _("%(name)s, your manager, decides.") % {"name": first.display_name}
        return f"{said} {kind.who_else}".rstrip()
    if deciders.administrators_but(person):
        if not kind.stands_in:
            return _("You have no manager here who could decide: an administrator does.")
        said = _("You have no manager here who could decide.")
        return f"{said} {kind.stands_in} {_('Else an administrator does.')}"
    if kind.stands_in:
        said = _(
            "Else an administrator would, and there is none but you: give somebody else the user "
            "level Admin first."
        )
        return f"{kind.stands_in} {said}"
    return _(
        "An administrator decides, and there is none but you. What you may change yourself "
        "needs no request; for the rest give somebody else the user level Admin first."
    )
