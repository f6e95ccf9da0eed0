from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import queries as audit
from accounts.audit.queries import Wanted
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Event, Identity, Takeover
from accounts.requests.policies import may_ask
from accounts.service_accounts import policies, queries
from accounts.sources.policies import may_add
from console.overview import attention, pipeline
from console.ui import events
from console.ui.access import ConsoleRequest, requires
from console.ui.asking import whom_to_ask
from console.ui.waiting import requests_to_decide
from tokens.credentials.queries import waiting_for
from tokens.personal_access_tokens import pickups as token_pickups
from tokens.service_accounts import overview
from tokens.service_accounts import queries as with_tokens
from tokens.service_accounts.overview import Numbers
from tokens.service_accounts.queries import EXPIRING_WITHIN, with_facts

EVENTS_SHOWN: Final = 8
EVENTS_READ: Final = 60
EVERYDAY: Final = frozenset({"sign_in.succeeded", "sign_in.confirmed", "sign_out"})
"""What people do all the time and nobody needs to hear of."""
MINE_SHOWN: Final = 10
WAITING_SHOWN: Final = 10


@requires(Permission.CONSOLE_OPEN)
@require_safe
def show(request: ConsoleRequest) -> HttpResponse:
    person, now = request.user, timezone.now()
    sees_all = may(person, Permission.SERVICE_ACCOUNT_VIEW_ALL)
    may_manage = policies.may_manage(person)
    accounts = queries.visible_to(person)
    context: dict[str, Any] = {
        "sees_all": sees_all,
        "may_manage": may_manage,
        "may_add_sources": may_add(person),
        "has_accounts": accounts.exists(),
        "waiting": list(waiting_for(person, now)[:WAITING_SHOWN]),
        "waiting_tokens": list(token_pickups.waiting_for(person, now)[:WAITING_SHOWN]),
        "takeovers": Takeover.objects.waiting().for_person(person).count(),
        "to_decide": requests_to_decide(person),
        "may_ask": may_ask(person),
    }
    if context["has_accounts"]:
        glance = overview.glance(person, now)
        context["figures"] = list(_figures(glance.numbers, person, now))
        context["matters"] = attention.matters(glance, now, person=person)
        if context["matters"] and not may_manage:
            context["ask"] = whom_to_ask(Permission.SERVICE_ACCOUNT_MANAGE)
    matters = context.get("matters", []) + pipeline.matters(person, now)
    # each kind has its own order; what has stopped comes before what will
    context["matters"] = sorted(matters, key=lambda matter: matter.tone != "danger")
    if not sees_all:
        context["mine"] = _mine(person, now)
    if may(person, Permission.AUDIT_VIEW):
        context["lines"] = events.lines(_latest(), person=person)
    return render(request, "overview/show.html", context)


def _latest() -> list[Event]:
    """The newest events but for those of every day."""
    newest = audit.for_list(Wanted(without_issued=True))[:EVENTS_READ]
    return [event for event in newest if event.action not in EVERYDAY][:EVENTS_SHOWN]


def _figures(counted: Numbers, person: Identity, now: datetime) -> Iterator[dict[str, str]]:
    """The numbers, each leading to the list that it counts."""
    sees_all = may(person, Permission.SERVICE_ACCOUNT_VIEW_ALL)
    listed = reverse("service_accounts:list")
    yield _figure(counted.active, _("Active"), f"{listed}?status=active")
    if counted.disabled or sees_all:
        yield _figure(counted.disabled, _("Disabled"), f"{listed}?status=disabled")
    if counted.ended or sees_all:
        yield _figure(counted.ended, _("Ended"), f"{listed}?status=ended")
    yield _figure(counted.expiring, _("Keys end within 30 days"), f"{listed}?expiring=30")
    yield _figure(counted.unused, _("Unused for 90 days"), f"{listed}?unused=90")
    if sees_all:
        yield _figure(counted.no_owner, _("Without an owner"), f"{listed}?status=no_owner")
        if counted.owner_left:
            yield _figure(counted.owner_left, _("Their owner left"), f"{listed}?status=owner_left")
    if may(person, Permission.AUDIT_VIEW):
        since = now - overview.REFUSALS_WITHIN
        refusals = audit.refusals_since(since, cap=overview.COUNTED + 1)
        log = reverse("audit:list")
        yield _figure(refusals, _("Refusals in 24 hours"), f"{log}?outcome=refused&period=24h")


def _figure(count: int, label: str, url: str) -> dict[str, str]:
    most = overview.COUNTED
    number = f"{count:,}" if count <= most else _("%(most)s+") % {"most": f"{most:,}"}
    return {"number": number, "label": label, "url": url}


def _mine(person: Identity, now: datetime) -> list[dict[str, Any]]:
    """The accounts that someone owns, those with the soonest end of a key first."""
    accounts = list(queries.visible_to(person).order_by("name", "pk")[:MINE_SHOWN])
    offers = with_tokens.open_offers(accounts, now)
    return [
        {
            "account": row.account,
            "state": row.account.status_at(now),
            "keys": row.keys,
            "offer": offers.get(row.account.pk),
            "ends_soon": row.keys.ends_at is not None and row.keys.ends_at <= now + EXPIRING_WITHIN,
            "last_used_at": row.last_used_at,
        }
        for row in with_facts(accounts, now)
    ]
