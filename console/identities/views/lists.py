from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.authorization.levels import LEVELS, USER
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities import queries, registration
from accounts.identities.models import IdentityKind, IdentityQuerySet, Status
from accounts.identities.queries import Wanted
from accounts.identities.registration import Registration
from accounts.models import Identity
from accounts.profiles import attributes, exceptions
from accounts.profiles.lifecycle_states import queries as lifecycle_states
from console.identities import states
from console.identities.acts import acts
from console.identities.shown import levels_of, registration_of
from console.identities.tabs import tabs_of
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, Page, address, paginate, sort_url

ORDERS: Final = (
    Order("name", "display_name"),
    Order("user_name", "user_name_key"),
    Order("created", "created_at"),
)
"""Each has an index."""
SEARCH_MAX_LENGTH: Final = 200
FILTER_NAMES: Final = ("q", "kind", "level", "status", "registration", states.FILTER)
STATUSES: Final = (Status.ACTIVE, Status.DISABLED)


@requires(Permission.IDENTITY_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    wanted, now = wanted_by(request), timezone.now()
    return _answer(request, wanted, rows_for(request, now), now, "list")


@requires(Permission.IDENTITY_VIEW)
@require_safe
def incomplete(request: ConsoleRequest) -> HttpResponse:
    """Identities of a profile that lack what every identity should have."""
    wanted, now = wanted_by(request), timezone.now()
    rows = exceptions.incomplete_of(rows_for(request, now))
    return _answer(request, wanted, rows, now, "incomplete")


def rows_for(request: ConsoleRequest, now: datetime) -> IdentityQuerySet:
    """Whom this person may see and asks for."""
    rows = queries.for_list(request.user, wanted_by(request), now)
    return states.narrow(rows, request.GET.get(states.FILTER, ""))


def _answer(
    request: ConsoleRequest, wanted: Wanted, rows: IdentityQuerySet, now: datetime, tab: str
) -> HttpResponse:
    page = paginate(request, rows, orders=ORDERS, default="name")
    context = _frame(request, wanted, tab) | _results(request, page, now)
    whole = not request.htmx or request.htmx.history_restore_request  # type: ignore[attr-defined]
    name = "list.html" if whole else "_live_results.html"
    return render(request, f"identities/{name}", context)


def wanted_by(request: HttpRequest) -> Wanted:
    """The filters of the address; what makes no sense is as if it were not there."""
    asked = request.GET
    kind, level, status = (asked.get(name, "") for name in ("kind", "level", "status"))
    registered = asked.get("registration", "")
    return Wanted(
        text=asked.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH],
        kind=kind if kind in IdentityKind.values else "",
        level=level if level in LEVELS else "",
        status=status if status in STATUSES else "",
        registration=registered if registered in Registration.values else "",
    )


def _frame(request: ConsoleRequest, wanted: Wanted, tab: str) -> dict[str, Any]:
    """What stands around the table."""
    query = address(request, after="", before="").partition("?")[2]
    choices = states.choices()
    state = request.GET.get(states.FILTER, "")
    return {
        "tabs": tabs_of(request, tab),
        "is_incomplete": tab == "incomplete",
        "may_manage": may(request.user, Permission.IDENTITY_MANAGE),
        "may_export": tab == "list" and may(request.user, Permission.IDENTITY_EXPORT),
        "export_url": reverse("identities:export") + (f"?{query}" if query else ""),
        "search": wanted.text,
        "filters": _filters(wanted) + _state_filter(state, choices),
        "chips": _chips(request, wanted, dict(choices).get(state, "")),
        "clear_url": address(request, **dict.fromkeys((*FILTER_NAMES, "after", "before"), "")),
        "keep": [{"name": "sort", "value": request.GET["sort"]}] if "sort" in request.GET else [],
    }


def _filters(wanted: Wanted) -> list[dict[str, Any]]:
    kinds = [(kind.value, str(kind.label)) for kind in IdentityKind]
    levels = [(level.code, _level_words(level.code)) for level in LEVELS.values()]
    statuses = [(status.value, str(status.label)) for status in STATUSES]
    registrations = [(state.value, str(state.label)) for state in Registration]
    return [
        _filter("kind", _("Kind"), wanted.kind, _("Any kind"), kinds),
        _filter("level", _("User level"), wanted.level, _("Any user level"), levels),
        _filter("status", _("Status"), wanted.status, _("Any status"), statuses),
        _filter(
            "registration",
            _("Registration"),
            wanted.registration,
            _("Any registration"),
            registrations,
        ),
    ]


def _state_filter(state: str, choices: list[tuple[str, str]]) -> list[dict[str, Any]]:
    if not choices:
        return []
    chosen = state if state in dict(choices) else ""
    anything = _("Any lifecycle state")
    return [_filter(states.FILTER, _("Lifecycle State"), chosen, anything, choices)]


def _level_words(code: str) -> str:
    return _("User only") if code == USER else str(LEVELS[code].label)


def _filter(
    name: str, label: str, value: str, anything: str, options: list[tuple[str, str]]
) -> dict[str, Any]:
    listed = [{"value": v, "label": text} for v, text in [("", anything), *options]]
    return {"name": name, "label": label, "value": value, "options": listed}


def _chips(request: HttpRequest, wanted: Wanted, state: str) -> list[dict[str, str]]:
    """What narrows the list now, each with the address without it."""
    said: dict[str, str] = {}
    if wanted.text:
        said["q"] = _("Search: %(text)s") % {"text": wanted.text}
    if wanted.kind:
        said["kind"] = str(IdentityKind(wanted.kind).label)
    if wanted.level:
        said["level"] = _level_words(wanted.level)
    if wanted.status:
        said["status"] = str(Status(wanted.status).label)
    if wanted.registration:
        said["registration"] = str(Registration(wanted.registration).label)
    if state:
        said[states.FILTER] = _("Lifecycle State: %(state)s") % {"state": state}
    return [
        {"label": label, "remove_url": address(request, after="", before="", **{name: ""})}
        for name, label in said.items()
    ]


def _results(request: ConsoleRequest, page: Page[Identity], now: datetime) -> dict[str, Any]:
    columns = {
        order.name: {
            "url": sort_url(request, order.name, page.order, page.descending),
            "direction": ("descending" if page.descending else "ascending")
            if order.name == page.order
            else "",
        }
        for order in ORDERS
    }
    progress = registration.of_all(page.rows, now)
    held = lifecycle_states.states_of(page.rows)
    queries.read_roles(page.rows, now)
    labels = {name: str(info.label) for name, info in attributes.DEFAULTS.items()}
    rows = [
        {
            "identity": identity,
            "kind": identity.get_kind_display(),
            "registration": registration_of(progress[identity.pk]),
            "lifecycle_state": held.get(identity.pk),
            "missing": [labels[name] for name in exceptions.missing_in(identity)],
            "menu_id": f"menu-{identity.pk}",
            "state": queries.state_of(identity, now),
            "levels": levels_of(identity),
            "is_self": identity.pk == request.user.pk,
            "acts": acts(identity, by=request.user, now=now),
        }
        for identity in page.rows
    ]
    may_invite = may(request.user, Permission.IDENTITY_INVITE)
    may_disable = may(request.user, Permission.IDENTITY_DISABLE)
    may_set_levels = may(request.user, Permission.LEVEL_GRANT)
    return {
        "page": page,
        "rows": rows,
        "columns": columns,
        "has_menus": any(row["acts"] for row in rows),
        "has_bulk": may_invite or may_disable or may_set_levels,
        "may_invite": may_invite,
        "may_disable": may_disable,
        "may_set_levels": may_set_levels,
    }
