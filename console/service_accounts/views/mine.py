"""The owner's own page: what waits for them, what ends soon, and what they own."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Identity, Takeover
from accounts.requests.policies import may_ask
from accounts.service_accounts import actions, policies, queries
from accounts.takeovers.queries import offered_by
from console.service_accounts.forms import SuccessorForm
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.errors import submitted
from console.ui.lists import Order, paginate
from tokens.credentials.queries import waiting_for
from tokens.personal_access_tokens import pickups as token_pickups
from tokens.service_accounts import queries as with_tokens
from tokens.service_accounts.mine import Ending, coming_up, owned_by

ORDERS: Final = (Order("name", "sort_name"),)
WAITING_SHOWN: Final = 10


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def mine(request: ConsoleRequest) -> HttpResponse:
    person, now = request.user, timezone.now()
    page = paginate(request, owned_by(person).with_sort_name(), orders=ORDERS, default="name")
    sees_all = may(person, Permission.SERVICE_ACCOUNT_VIEW_ALL)
    listed = reverse("service_accounts:list")
    offered = {each.account_id: each for each in offered_by(person)[:200]}
    pickups = list(waiting_for(person, now)[:WAITING_SHOWN])
    waiting = {each.identity_id for each in pickups}
    context = {
        "page": page,
        "rows": [
            {
                "account": row.account,
                "menu_id": f"menu-{row.account.pk}",
                "state": row.account.status_at(now),
                "owner_left": row.account.owner_left_at is not None,
                "keys": row.keys,
                "key_waits": row.account.pk in waiting,
                "last_used_at": row.last_used_at,
                "offered": offered.get(row.account.pk),
            }
            for row in with_tokens.with_facts(page.rows, now)
        ],
        "list_url": f"{listed}?{urlencode({'owner': person.pk})}" if sees_all else listed,
        "takeovers": Takeover.objects.waiting().for_person(person).count(),
        "pickups": pickups,
        "token_pickups": list(token_pickups.waiting_for(person, now)[:WAITING_SHOWN]),
        "endings": [_ending(each, person, now) for each in coming_up(person, now)],
        "may_manage": policies.may_manage(person),
        "may_ask": may_ask(person),
    }
    return render(request, "service_accounts/mine.html", context)


def _ending(ending: Ending, person: Identity, now: datetime) -> dict[str, Any]:
    """One thing that ends, and the next step for this person."""
    account, credential = ending.account, ending.credential
    manages = policies.may_manage(person)
    if credential is None:
        what, action = _("The account itself"), _("Ask for more time")
        url = _ask("longer_life", account.pk)
        if manages:
            url, action = reverse("service_accounts:edit", args=[account.pk]), _("Change the end")
    elif ending.is_key:
        what, action = _("Key"), _("Ask for a new key")
        url = _ask("new_credential", account.pk) + "&credential=key_pair"
        if manages:
            url = reverse("credentials:regenerate", args=[account.pk])
            action = _("Regenerate Key")
    else:
        what, action = _("Personal access token “%(name)s”"), _("See the token")
        what = what % {"name": credential.name}
        url = reverse("personal_access_tokens:detail", args=[credential.pk])
    return {
        "account": account,
        "what": what,
        "ends_at": ending.ends_at,
        "is_over": ending.ends_at <= now,
        "url": url,
        "action": action,
    }


def _ask(kind: str, account_id: UUID) -> str:
    return f"{reverse('requests:new', args=[kind])}?{urlencode({'account': account_id})}"


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def successor(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    """Who comes after oneself. Whoever manages accounts names it in the form of the account."""
    account = get_object_or_404(queries.visible_to(request.user), pk=account_id)
    if account.owner_id != request.user.pk:
        refuse(request, Permission.SERVICE_ACCOUNT_MANAGE)
    form = SuccessorForm(request.POST or None, account=account, person=request.user)
    saved = submitted(
        form,
        lambda: actions.set_successor(
            by=request.user,
            account=account,
            successor=form.cleaned_data["successor"],
            at=timezone.now(),
        ),
    )
    if saved is not None:
        messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
        return redirect("service_accounts:detail", saved.pk)
    context = {"account": account, "form": form}
    return render(request, "service_accounts/successor.html", context)
