from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Takeover
from accounts.service_accounts import policies
from accounts.service_accounts import queries as service_accounts
from accounts.takeovers import actions, queries
from accounts.takeovers.states import Cause, State
from console.takeovers.forms import HandOverForm
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.buttons import pressed
from console.ui.errors import submitted
from console.ui.lists import Order, paginate
from console.ui.personal_access_tokens import row
from tokens.models import Credential
from tokens.personal_access_tokens import handover
from tokens.personal_access_tokens import queries as tokens
from tokens.scopes.effective import effective, of_identity
from tokens.scopes.picker import in_plain_words
from tokens.service_accounts import left_behind

ORDERS: Final = (Order("since", "created_at"),)
SELECTED_MAX: Final = 200
"""Accounts taken over at once; a page has 50."""


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    """What this person is to answer for, and what they have offered to others."""
    page = paginate(request, queries.waiting_for(request.user), orders=ORDERS, default="since")
    context = {"page": page, "offered": list(queries.offered_by(request.user)[:SELECTED_MAX])}
    return render(request, "takeovers/list.html", context)


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def detail(request: ConsoleRequest, takeover_id: UUID) -> HttpResponse:
    takeover = get_object_or_404(queries.visible_to(request.user), pk=takeover_id)
    now = timezone.now()
    waits = Takeover.objects.waiting().filter(pk=takeover.pk).exists()
    is_taker = takeover.taker_id == request.user.pk
    offered = takeover.cause == Cause.OFFERED
    account = takeover.account
    ending = handover.known_to_owner(account) if waits and offered and is_taker else []
    context = {
        "takeover": takeover,
        "account": account,
        "waits": waits,
        "state": takeover.state if waits or takeover.state != State.WAITING else State.OVER,
        "answers": waits and is_taker,
        "offered": offered,
        "may_withdraw": waits and offered and not is_taker,
        "sees_account": service_accounts.visible_to(request.user).filter(pk=account.pk).exists(),
        "facts": _facts(takeover) if waits else [],
        "abilities": in_plain_words(effective(of_identity(account.identity)).reach)
        if waits
        else [],
        "ending": [row(token, now) for token in ending],
        "ending_unseen": not _sees_all(request, ending),
        "left": left_behind.after(takeover, now) if waits and is_taker else None,
    }
    return render(request, "takeovers/detail.html", context)


def _sees_all(request: ConsoleRequest, shown: Iterable[Credential]) -> bool:
    ids = [token.pk for token in shown]
    return tokens.visible_to(request.user).filter(pk__in=ids).count() == len(ids)


def _facts(takeover: Takeover) -> list[dict[str, Any]]:
    account = takeover.account
    return [
        {"label": _("Service account"), "value": account.name},
        {"label": _("Description"), "value": account.description or _("No description")},
        {"label": _("Owner before"), "value": takeover.giver.display_name},
        {"label": _("Why you"), "value": takeover.get_right_display()},
        {"label": _("Since"), "at": takeover.created_at},
        {"label": _("End date"), "at": account.ends_at, "missing": _("No end"), "exact": True},
        {"label": _("Scopes"), "value": ", ".join(account.scopes) or _("None"), "mono": True},
        *([{"label": _("Note"), "value": takeover.note}] if takeover.note else []),
    ]


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@step_up
@require_POST
def confirm(request: ConsoleRequest, takeover_id: UUID) -> HttpResponse:
    takeover = _mine(request, takeover_id)
    keep = request.POST.get("keep_old_tokens") == "on"
    done = pressed(
        request,
        lambda: actions.confirm(
            by=request.user, takeover=takeover, keep_old_tokens=keep, at=timezone.now()
        ),
        said=_("You answer for %(name)s from now on.") % {"name": takeover.account.name},
    )
    if not done:
        return redirect("takeovers:list")
    return redirect("service_accounts:detail", takeover.account_id)


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@step_up
@require_POST
def confirm_selected(request: ConsoleRequest) -> HttpResponse:
    """Take over the ticked accounts, whose owner left; what is offered is looked at singly."""
    ids = [found for text in request.POST.getlist("selected") if (found := _uuid(text))]
    if not ids or len(ids) > SELECTED_MAX:
        messages.warning(request, _("Tick the accounts to take over, at most 200 at a time."))
        return redirect("takeovers:list")
    done = 0
    for takeover in queries.waiting_for(request.user).filter(pk__in=ids, cause=Cause.LEFT):
        try:
            actions.confirm(
                by=request.user, takeover=takeover, keep_old_tokens=True, at=timezone.now()
            )
        except DomainError:
            continue  # answered or gone meanwhile, which the list shows
        done += 1
    said = ngettext(
        "You answer for %(count)d service account more from now on.",
        "You answer for %(count)d service accounts more from now on.",
        done,
    )
    messages.success(request, said % {"count": done})
    return redirect("takeovers:list")


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_POST
def decline(request: ConsoleRequest, takeover_id: UUID) -> HttpResponse:
    takeover = _mine(request, takeover_id)
    said = _("%(name)s stays with %(giver)s, who is told.")
    pressed(
        request,
        lambda: actions.decline(by=request.user, takeover=takeover, at=timezone.now()),
        said=said % {"name": takeover.account.name, "giver": takeover.giver.display_name},
    )
    return redirect("takeovers:list")


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_POST
def withdraw(request: ConsoleRequest, takeover_id: UUID) -> HttpResponse:
    takeover = _mine(request, takeover_id)
    pressed(
        request,
        lambda: actions.withdraw(by=request.user, takeover=takeover, at=timezone.now()),
        said=_("You keep %(name)s.") % {"name": takeover.account.name},
    )
    return redirect("takeovers:list")


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    """For the owner alone; administrators choose another owner in the form of the account."""
    account = get_object_or_404(service_accounts.visible_to(request.user), pk=account_id)
    if account.owner_id != request.user.pk:
        if policies.may_manage(request.user):
            return redirect("service_accounts:edit", account.pk)
        refuse(request, Permission.SERVICE_ACCOUNT_MANAGE)
    form = HandOverForm(request.POST or None, account=account, person=request.user)
    made = submitted(
        form,
        lambda: actions.offer(
            by=request.user,
            account=account,
            to=form.cleaned_data["to"],
            note=form.cleaned_data["note"],
            at=timezone.now(),
        ),
    )
    if made is not None:
        said = _("%(name)s is offered to %(taker)s, who has to accept. Until then it is yours.")
        names = {"name": account.name, "taker": made.taker.display_name}
        messages.success(request, said % names)
        return redirect("takeovers:detail", made.pk)
    context = {
        "account": account,
        "form": form,
        "waiting": queries.offered_by(request.user).filter(account=account).first(),
    }
    return render(request, "takeovers/hand_over.html", context)


def _mine(request: ConsoleRequest, takeover_id: UUID) -> Takeover:
    return get_object_or_404(queries.visible_to(request.user), pk=takeover_id)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
