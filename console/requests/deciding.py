from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
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
from accounts.models import AccessRequest, Approval, Delegation, Identity
from accounts.requests import actions, deciders, delegating, moves, policies, queries
from accounts.requests.kinds.base import Shown, kinds
from accounts.requests.states import State, Verdict
from console.requests.decision_forms import AwayForm, DecisionForm
from console.ui import targets
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.buttons import pressed
from console.ui.errors import add_error, submitted
from console.ui.times import exact

STAYING: Final = 5
"""Requests that are named beside one another."""


@requires(Permission.REQUEST_ASK)
@require_safe
def detail(request: ConsoleRequest, request_id: UUID) -> HttpResponse:
    return _page(request, _find(request, request_id))


@requires(Permission.REQUEST_ASK)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: ConsoleRequest, request_id: UUID) -> HttpResponseBase:
    """Approve or reject. Never by a link in a mail: that only opens the page, as does this address
    where a decision was refused and it is opened again."""
    asked = _find(request, request_id)
    if request.method != "POST":
        return redirect("requests:detail", asked.pk)
    return _decide(request, asked)


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
    return _press(request, request_id, actions.withdraw, _("%(number)s is withdrawn."))


@requires(Permission.REQUEST_ASK)
@require_POST
def try_again(request: ConsoleRequest, request_id: UUID) -> HttpResponse:
    return _press(request, request_id, actions.try_again, _("%(number)s is tried again."))


def _press(
    request: ConsoleRequest, request_id: UUID, act: Callable[..., AccessRequest], said: str
) -> HttpResponse:
    asked = _find(request, request_id)
    pressed(
        request,
        lambda: act(by=request.user, request=asked, at=timezone.now()),
        said=said % {"number": asked.number},
    )
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
        said = _("%(name)s decides for you from %(since)s until %(until)s, and is told by mail.")
        span = {"since": exact(made.since), "until": exact(made.until)}
        messages.success(request, said % (span | {"name": made.delegate.display_name}))
        _tell_what_stays(request, made)
        return redirect("requests:to_approve")
    current = Delegation.objects.filter(person=request.user, until__gt=timezone.now())
    context = {"form": form, "current": current.select_related("delegate").first()}
    return render(request, "requests/away.html", context)


def _tell_what_stays(request: ConsoleRequest, made: Delegation) -> None:
    """What the one who was chosen asks for themselves, they do not decide."""
    asked = Approval.objects.waiting().filter(
        request__requester=made.delegate, approver=made.person
    )
    numbers = asked.order_by("request").values_list("request__number", flat=True)
    if numbers:
        said = _("What they ask for themselves stays yours to decide: %(numbers)s.")
        messages.warning(request, said % {"numbers": ", ".join(numbers[:STAYING])})


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
    asks = ("identity", str(asked.requester_id))
    linked = [asks, *(line.href for line in [*lines, *outcome] if line.href)]
    links = targets.urls(linked, request.user)
    decides = bool(policies.approvals_for(request.user, asked, now))
    parts = deciders.parts_of(asked, at=now, shown=digest)
    in_vain = moves.why_in_vain(asked) if asked.state == State.FAILED else ""
    context: dict[str, Any] = {
        "asked": asked,
        "lines": [_fact(line, links) for line in lines],
        "outcome": [_fact(line, links) for line in outcome],
        "gone": gone,
        "facts": [
            *_facts(asked, links.get(asks, "")),
            *([] if _names_account(lines) else _result(request, asked)),
        ],
        "in_place_of": queries.in_place_of(request.user, asked, now) if decides else [],
        "parts": parts,
        "is_stuck": deciders.is_stuck(asked, parts),
        "stands_in": _stands_in(request.user, parts, now),
        "decides": decides,
        "form": form or DecisionForm(),
        "digest": digest,  # what is read now is what the next try is about
        "may_withdraw": asked.state == State.WAITING and policies.may_withdraw(request.user, asked),
        "may_try_again": asked.state == State.FAILED
        and not in_vain
        and policies.may_withdraw(request.user, asked),
        "cannot_be_done": in_vain,
        "asks_anew": asked.requester_id == request.user.pk
        and policies.may_ask(request.user)
        and queries.is_still_theirs(asked),
        "is_asked_again": asked.state == State.WAITING
        and any(part.approval.is_asked_again or part.is_stale for part in parts),
        "running": asked.state == State.APPROVED,
    }
    return render(request, "requests/detail.html", context)


def _fact(line: Shown, links: dict[tuple[str, str], str]) -> dict[str, Any]:
    if line.at is not None:
        return {"label": line.label, "at": line.at, "exact": True}
    url = links.get(line.href, "") if line.href else ""
    return {"label": line.label, "value": line.value} | ({"url": url} if url else {})


def _facts(asked: AccessRequest, asks_url: str) -> list[dict[str, Any]]:
    return [
        {"label": _("Asked by"), "value": asked.requester.display_name}
        | ({"url": asks_url} if asks_url else {}),
        {"label": _("Reason"), "value": asked.reason},
        {"label": _("Asked"), "at": asked.asked_at, "exact": True},
        *(
            [{"label": _("Decision due"), "at": asked.due_at, "exact": True}]
            if asked.state == State.WAITING
            else []
        ),
    ]


def _names_account(lines: Sequence[Shown]) -> bool:
    """Whether what is asked for says already which account it is about."""
    return any(line.href is not None and line.href[0] == "service_account" for line in lines)


def _result(request: ConsoleRequest, asked: AccessRequest) -> list[dict[str, Any]]:
    """The account that a request made or changed, to go on with."""
    account = asked.result.get("account") if asked.state == State.DONE else None
    if account is None:
        return []
    target = ("service_account", str(account))
    url = targets.urls([target], request.user).get(target, "")
    said = {"label": _("Service account"), "value": asked.result.get("name", "")}
    return [said | ({"url": url} if url else {})]


def _stands_in(person: Identity, parts: Sequence[deciders.Part], now: datetime) -> list[str]:
    """Those for whom somebody decides while they are away, but not about this."""
    able = {each.person.pk for part in parts for each in part.deciders}
    asked = [part.approval.approver_id for part in parts if part.waits]
    away = Delegation.objects.current(now).filter(delegate=person, person__in=asked)
    if person.pk in able:
        return []
    return [each.person.display_name for each in away.select_related("person")]


def _said(decided: AccessRequest) -> str:
    match decided.state:
        case State.APPROVED:
            text = _("%(number)s is approved and is being carried out.")
        case State.REJECTED:
            text = _("%(number)s is rejected.")
        case _:
            text = _("You approved %(number)s. It waits for somebody else as well.")
    return text % {"number": decided.number}
