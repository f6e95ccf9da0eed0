from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import queries as audit
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities import policies, queries, registration
from accounts.models import Event, Identity, ServiceAccount
from accounts.profiles.lifecycle_states import queries as lifecycle_states
from accounts.profiles.lifecycle_states.queries import StateOf
from accounts.second_factors import queries as second_factors
from accounts.sign_in import rules
from accounts.sign_in.rules import Rules
from console.identities import attention, mailed, origins
from console.identities.acts import acts
from console.identities.shown import levels_of, registration_of
from console.ui import events, memberships, password_age
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, paginate
from tokens.access_tokens.policies import may_revoke_all
from tokens.models import Credential

OWNED_SHOWN: Final = 20
ACTIVITY_ORDERS: Final = (Order("at", "at"),)


@requires(Permission.IDENTITY_VIEW)
@require_safe
def detail(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    identity, now = _load(request, identity_id), timezone.now()
    lifecycle = lifecycle_states.states_of([identity]).get(identity.pk)
    owned = list(_owned_by(identity)[: OWNED_SHOWN + 1])
    context = _frame(request, identity, now, current="detail") | {
        "facts": _facts(identity, lifecycle, rules.of_request(request), now),
        "notes": attention.notes(identity, now),
        "values": origins.values_of(identity, lifecycle, person=request.user),
        "accounts": origins.accounts_of(identity, person=request.user),
        "mailed": mailed.links_of(identity, now),
        "may_retry": may(request.user, Permission.IDENTITY_INVITE),
        "owned": [{"account": a, "state": a.status_at(now).value} for a in owned[:OWNED_SHOWN]],
        "more_owned": len(owned) > OWNED_SHOWN,
        "may_revoke_tokens": _has_tokens(identity) and may_revoke_all(request.user, identity),
    }
    return render(request, "identities/detail.html", context)


@requires(Permission.IDENTITY_VIEW)
@require_safe
def groups(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    """The groups that somebody belongs to, and by which way they have each role."""
    identity, now = _load(request, identity_id), timezone.now()
    context = _frame(request, identity, now, current="groups")
    context |= memberships.shown(request, identity, now)
    return render(request, "identities/groups.html", context)


@requires(Permission.AUDIT_VIEW)
@require_safe
def activity(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    """What happened to somebody or, with `?show=did`, what they did themselves."""
    identity = _load(request, identity_id)
    did = request.GET.get("show") == "did"
    found = (
        Event.objects.filter(actor_id=identity.actor_id)
        if did
        else audit.about(identity.audit_type, identity.pk)
    )
    page = paginate(request, found, orders=ACTIVITY_ORDERS, default="-at")
    options = [("", _("What happened to them")), ("did", _("What they did"))]
    context = _frame(request, identity, timezone.now(), current="activity") | {
        "page": page,
        "lines": events.lines(page.rows, person=request.user),
        "filters": [
            {
                "name": "show",
                "label": _("Show"),
                "value": "did" if did else "",
                "options": [{"value": value, "label": label} for value, label in options],
            }
        ],
    }
    return render(request, "identities/activity.html", context)


def _load(request: ConsoleRequest, identity_id: UUID) -> Identity:
    rows = queries.visible_to(request.user).select_related("service_account")
    return get_object_or_404(rows, pk=identity_id)


def _owned_by(identity: Identity) -> Any:
    return (
        ServiceAccount.objects.existing()
        .filter(owner=identity)
        .select_related("identity")
        .order_by("name", "pk")
    )


def _has_tokens(identity: Identity) -> bool:
    """Whether there was ever anything that access tokens were issued for."""
    return identity.is_person and Credential.objects.filter(identity=identity).exists()


def _frame(
    request: ConsoleRequest, identity: Identity, now: datetime, *, current: str
) -> dict[str, Any]:
    """What stands on each page of one identity."""
    views = [("detail", _("Overview")), ("groups", _("Groups and roles"))]
    if may(request.user, Permission.AUDIT_VIEW):
        views.append(("activity", _("Activity")))
    tabs = [
        {
            "label": label,
            "url": reverse(f"identities:{view}", args=[identity.pk]),
            "current": view == current,
        }
        for view, label in views
    ]
    return {
        "identity": identity,
        "state": queries.state_of(identity, now),
        "levels": levels_of(identity),
        "is_self": identity.pk == request.user.pk,
        "acts": acts(identity, by=request.user, now=now),
        "tabs": tabs if len(tabs) > 1 else [],
    }


def _manager(identity: Identity) -> str:
    """Who it is and, where a mapping says so, by which source and profile."""
    name = identity.manager.display_name if identity.manager else _("None")
    origin = policies.not_edited_by_hand(identity).get("manager")
    said = _("%(name)s, from %(origin)s")
    return said % {"name": name, "origin": origin} if origin else name


def _lifecycle(state: StateOf | None) -> list[dict[str, Any]]:
    """The life-cycle state of an identity that is in one."""
    if state is None:
        return []
    name = _("%(state)s, set by hand") % {"state": state.name} if state.is_manual else state.name
    return [{"label": _("Lifecycle State"), "value": name}]


def _facts(
    identity: Identity, lifecycle: StateOf | None, held: Rules, now: datetime
) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"label": _("User name"), "value": identity.user_name, "copy": True},
        {"label": _("Status"), "state": queries.state_of(identity, now)},
    ]
    return [
        *facts,
        {"label": _("Registration"), "value": registration_of(registration.of(identity, now))},
        {"label": _("E-mail"), "value": identity.email or _("None")},
        {"label": _("User levels"), "value": ", ".join(levels_of(identity))},
        {
            "label": _("Manager"),
            "value": _manager(identity),
        },
        {
            "label": _("Second factor"),
            "value": _("Set up") if second_factors.has_one(identity) else _("None"),
        },
        *password_age.facts(identity, held, now),
        {"label": _("Last signed in"), "at": identity.last_login, "missing": _("Never signed in")},
        {"label": _("Kind"), "value": identity.get_kind_display()},
        *_lifecycle(lifecycle),
        {"label": _("Where it came from"), "value": identity.get_origin_display()},
        {"label": _("Created"), "at": identity.created_at, "exact": True},
        {"label": _("ID"), "value": identity.pk, "copy": True},
    ]
