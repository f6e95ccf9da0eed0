from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.lib.errors import DomainError
from accounts.models import AccessRequest, Delegation
from accounts.requests import actions, delegating, policies, queries
from accounts.requests.kinds.base import Shown, kinds
from accounts.requests.states import State, Verdict
from console.requests.forms import AwayForm, DecisionForm
from console.ui import targets
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.errors import add_error, submitted


@requires(Permission.REQUEST_ASK)
@require_safe
def detail(request: ConsoleRequest, request_id: UUID) -> HttpResponse:
    return _page(request, _find(request, request_id))


@requires(Permission.REQUEST_ASK)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: ConsoleRequest, request_id: UUID) -> HttpResponseBase:
    """Approve or reject. Never by a link in a mail: that only opens the page, as does this address
    where a decision was refused and it is opened again."""
    if request.method != "POST":
        return redirect("requests:detail", request_id)
    return _decide(request, _find(request, request_id))


@step_up
def _decide(request: ConsoleRequest, asked: AccessRequest) -> HttpResponse:
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            decided = actions.decide(
                by=request.user,
                request=asked,
                verdict=Verdict(form.cleaned_data["verdict"]),
                comment=form.cleaned_data["comment"],
                digest=form.cleaned_data["digest"],
                at=timezone.now(),
            )
        except NotAllowed:
            refuse(request, Permission.REQUEST_DECIDE)
        except DomainError as error:
            asked.refresh_from_db()
            add_error(form, error)
        else:
            messages.success(request, _said(decided))
            return redirect("requests:detail", asked.pk)
    return _page(request, asked, form)


@requires(Permission.REQUEST_ASK)
@require_POST
def withdraw(request: ConsoleRequest, request_id: UUID) -> HttpResponse:
    asked = _find(request, request_id)
    try:
        actions.withdraw(by=request.user, request=asked, at=timezone.now())
    except NotAllowed:
        refuse(request, Permission.REQUEST_DECIDE)
    except DomainError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, _("%(number)s is withdrawn.") % {"number": asked.number})
    return redirect("requests:detail", asked.pk)


@requires(Permission.REQUEST_ASK)
@require_POST
def try_again(request: ConsoleRequest, request_id: UUID) -> HttpResponse:
    asked = _find(request, request_id)
    try:
        actions.try_again(by=request.user, request=asked, at=timezone.now())
    except NotAllowed:
        refuse(request, Permission.REQUEST_DECIDE)
    except DomainError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, _("%(number)s is tried again.") % {"number": asked.number})
    return redirect("requests:detail", asked.pk)


@requires(Permission.REQUEST_ASK)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def away(request: ConsoleRequest) -> HttpResponse:
    """Choose who decides in one's place for a time."""
    form = AwayForm(request.POST or None, person=request.user)

    def act() -> Delegation:
        since, until = form.times
        return delegating.set_delegate(
            by=request.user,
            delegate=form.cleaned_data["delegate"],
            since=since,
            until=until,
            at=timezone.now(),
        )

    made = submitted(form, act)
    if made is not None:
        said = _("%(name)s decides for you in that time.") % {"name": made.delegate.display_name}
        messages.success(request, said)
        return redirect("requests:to_approve")
    current = Delegation.objects.filter(person=request.user, until__gt=timezone.now())
    context = {"form": form, "current": current.select_related("delegate").first()}
    return render(request, "requests/away.html", context)


@requires(Permission.REQUEST_ASK)
@require_POST
def back(request: ConsoleRequest) -> HttpResponse:
    """Decide oneself again."""
    # who asks for nothing has nobody to decide for them either
    if policies.may_ask(request.user) and delegating.end(by=request.user, at=timezone.now()):
        messages.success(request, _("You decide yourself again."))
    return redirect("requests:away")


def _find(request: ConsoleRequest, request_id: UUID) -> AccessRequest:
    """One that the person may see, or decides about."""
    return get_object_or_404(queries.found_by(request.user, timezone.now()), pk=request_id)


def _page(
    request: ConsoleRequest, asked: AccessRequest, form: DecisionForm | None = None
) -> HttpResponse:
    now = timezone.now()
    lines: list[Shown] = []
    gone = digest = ""
    try:
        lines, digest = queries.seen(asked)
    except DomainError as error:
        gone = error.message
    outcome = kinds.get(asked.kind).outcome(asked) if asked.state == State.DONE else []
    linked = [line.href for line in [*lines, *outcome] if line.href]
    links = targets.urls(linked, request.user)
    decides = bool(policies.approvals_for(request.user, asked, now))
    context: dict[str, Any] = {
        "asked": asked,
        "lines": [_fact(line, links) for line in lines],
        "outcome": [_fact(line, links) for line in outcome],
        "gone": gone,
        "facts": [*_facts(asked), *_result(request, asked)],
        "in_place_of": _in_place_of(request, asked, now) if decides else [],
        "approvals": list(asked.approvals.select_related("approver", "decided_by").order_by("pk")),
        "decides": decides,
        "form": form or DecisionForm(),
        "digest": digest,  # what is read now is what the next try is about
        "may_withdraw": asked.state == State.WAITING and policies.may_withdraw(request.user, asked),
        "may_try_again": asked.state == State.FAILED and policies.may_withdraw(request.user, asked),
        "running": asked.state == State.APPROVED,
    }
    return render(request, "requests/detail.html", context)


def _fact(line: Shown, links: dict[tuple[str, str], str]) -> dict[str, Any]:
    if line.at is not None:
        return {"label": line.label, "at": line.at, "exact": True}
    url = links.get(line.href, "") if line.href else ""
    return {"label": line.label, "value": line.value} | ({"url": url} if url else {})


def _facts(asked: AccessRequest) -> list[dict[str, Any]]:
    return [
        {"label": _("Asked by"), "value": asked.requester.display_name},
        {"label": _("Reason"), "value": asked.reason},
        {"label": _("Asked"), "at": asked.asked_at, "exact": True},
        *(
            [{"label": _("Decision due"), "at": asked.due_at, "exact": True}]
            if asked.state == State.WAITING
            else []
        ),
    ]


def _result(request: ConsoleRequest, asked: AccessRequest) -> list[dict[str, Any]]:
    """The account that a request made or changed, to go on with."""
    account = asked.result.get("account") if asked.state == State.DONE else None
    if account is None:
        return []
    target = ("service_account", str(account))
    url = targets.urls([target], request.user).get(target, "")
    said = {"label": _("Service account"), "value": asked.result.get("name", "")}
    return [said | ({"url": url} if url else {})]


def _in_place_of(request: ConsoleRequest, asked: AccessRequest, now: datetime) -> list[str]:
    """Those for whom the person decides while they are away."""
    parts = policies.approvals_for(request.user, asked, now)
    return [
        part.approver.display_name
        for part in parts
        if part.approver is not None and part.approver != request.user
    ]


def _said(decided: AccessRequest) -> str:
    match decided.state:
        case State.APPROVED:
            text = _("%(number)s is approved and is being carried out.")
        case State.REJECTED:
            text = _("%(number)s is rejected.")
        case _:
            text = _("You approved %(number)s. It waits for somebody else as well.")
    return text % {"number": decided.number}
