from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.audit import queries as audit
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.gui_access import may_remove, may_restore
from accounts.identities.policies import may_act_on
from accounts.integrations.policies import may_declare
from accounts.integrations.queries import of_account as declared_for
from accounts.models import ServiceAccount
from accounts.service_accounts import policies, queries
from accounts.sign_in import rules
from accounts.tenant.catalogue import IDM_REACHES_ESV
from accounts.tenant.queries import is_on
from console.service_accounts import activity as activities
from console.service_accounts import attention, scopes_table
from console.ui import abilities, memberships, password_age, rights, samples
from console.ui import integrations as shown_integrations
from console.ui.access import ConsoleRequest, requires
from console.ui.levels import labels_of
from console.ui.lists import Order, paginate
from console.ui.personal_access_tokens import row
from tokens.access_tokens.policies import may_revoke_all
from tokens.apis.queries import asking_as
from tokens.credentials.models import CredentialStatus
from tokens.models import Credential
from tokens.personal_access_tokens import queries as personal_access_tokens
from tokens.personal_access_tokens.policies import may_make_for, takes_tokens, why_not_for
from tokens.reminders.due import STEPS
from tokens.reminders.queries import last_told
from tokens.scopes.effective import effective, of_identity
from tokens.service_accounts import queries as with_tokens
from tokens.service_accounts.overview import living_by_token
from tokens.usage import queries as usage
from tokens.usage.declared import scopes_to_need, undeclared

SPARKLINE_DAYS: Final = 30
REMINDED_WITHIN: Final = timedelta(days=STEPS[0] + 1)
"""Nobody is reminded of an end that is further away."""
SUGGESTED: Final = 20
"""Clients that nobody has declared are listed at most so many, the latest first."""
ACTIVITY_ORDERS: Final = (Order("time", "at"),)


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def detail(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    now = timezone.now()
    account, keys = _load(request, account_id)
    offer = with_tokens.open_offer(account, now)
    ends = {None: account.ends_at} | {key.pk: key.expires_at for key in keys}
    soon = {key: at for key, at in ends.items() if at and now < at <= now + REMINDED_WITHIN}
    told = last_told(account, soon) if soon else {}
    working = personal_access_tokens.working(account.identity, now)
    # a provisioning client has a token of another kind, and no key
    lives = bool(working) or (not keys and bool(living_by_token([account.pk], now)))
    noted = attention.Facts(account, keys, offer, now, told, lives)
    impact = usage.impact(account, now)
    days = usage.by_day(account, now, days=SPARKLINE_DAYS)
    context = _frame(request, account, keys, "detail", now) | {
        "notes": [
            *attention.notes(
                noted, person=request.user, may_manage=policies.may_manage(request.user)
            ),
            *attention.takeovers(noted, request.user),
            *attention.gui_access(account, request.user),
        ],
        "facts": _facts(account, _password_age(request, account, now), now),
        "daily": [count for _day, count in days],
        "days": [(f"{day:%d %b}", count) for day, count in days],
        "total": sum(count for _day, count in days),
        "consumers": impact.consumers,
        "live_tokens": impact.live_tokens,
        "refusals": audit.recent_refusals(account.audit_type, account.pk),
        "abilities": abilities.of_account(account, working),
        "may_remove_gui_access": may_remove(request.user, account.identity),
        "early": (early := attention.missing_to_remove(account)),
        "waits": bool(early) and not may_restore(request.user, account.identity),
    }
    return render(request, "service_accounts/detail.html", context)


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def keys(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    now = timezone.now()
    account, found = _load(request, account_id)
    context = _frame(request, account, found, "keys", now) | {
        "keys": [_key(key, now) for key in found],
        "offer": with_tokens.open_offer(account, now),
        "sees_log": may(request.user, Permission.AUDIT_VIEW),
    }
    return render(request, "service_accounts/keys.html", context)


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def tokens(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    """Its personal access tokens, as far as this person may see them."""
    now = timezone.now()
    account, found = _load(request, account_id)
    held = personal_access_tokens.held_by(account.identity)
    seen = held & personal_access_tokens.visible_to(request.user)
    context = _frame(request, account, found, "tokens", now) | {
        "rows": [row(token, now) for token in seen],
        "may_make": may_make_for(request.user, account.identity),
        "takes_tokens": takes_tokens(account.identity, now),
        "why_not": why_not_for(request.user, account.identity),
    }
    return render(request, "service_accounts/tokens.html", context)


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def scopes(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    now = timezone.now()
    account, found = _load(request, account_id)
    implied = is_on(IDM_REACHES_ESV)
    held = of_identity(account.identity)
    working = personal_access_tokens.working(account.identity, now)
    by_token = abilities.held_by_tokens(account, working)
    used = usage.impact(account, now).scopes
    context = _frame(request, account, found, "scopes", now) | {
        "table": scopes_table.assigned(
            held, used, by_role=memberships.ways_to_scopes(account.identity, now)
        ),
        "implied": scopes_table.implied(held, used) if implied else [],
        "by_token": rights.lines(effective(by_token), used=used),
        "gone": scopes_table.no_longer_allowed(held, by_token, used),
        "abilities": abilities.of_account(account, working, imply_esv=implied),
        "levels": ", ".join(labels_of(account.identity.levels)),
    }
    return render(request, "service_accounts/scopes.html", context)


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def groups(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    """The groups that it belongs to, and by which way it has each role."""
    now = timezone.now()
    account, found = _load(request, account_id)
    context = _frame(request, account, found, "groups", now)
    context |= memberships.shown(request, account.identity, now)
    return render(request, "service_accounts/groups.html", context)


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def integrations(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    """The programs that were declared to use it, and the clients that were only seen to."""
    now = timezone.now()
    account, found = _load(request, account_id)
    declared = list(declared_for(account))
    consumers = usage.impact(account, now).consumers
    had = scopes_to_need(account, now)
    context = _frame(request, account, found, "integrations", now) | {
        "rows": shown_integrations.rows(declared, consumers, had),
        "suggestions": [
            shown_integrations.suggestion(account, each)
            for each in undeclared(consumers, declared)[:SUGGESTED]
        ],
        "may_declare": may_declare(request.user, account),
    }
    return render(request, "service_accounts/integrations.html", context)


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def activity(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    now = timezone.now()
    account, found = _load(request, account_id)
    kind = activities.chosen_kind(request.GET.get("show", ""))
    events = activities.narrow(audit.about_account(account.pk), kind)
    page = paginate(request, events, orders=ACTIVITY_ORDERS, default="-time")
    context = _frame(request, account, found, "activity", now) | {
        "page": page,
        "lines": activities.lines(page.rows, person=request.user),
        "filters": [activities.filter_of(kind)],
        "narrowed": bool(kind),
    }
    return render(request, "service_accounts/activity.html", context)


def _load(request: ConsoleRequest, account_id: UUID) -> tuple[ServiceAccount, list[Credential]]:
    """The account and all of its keys; 404 where this person may not see it."""
    account = get_object_or_404(queries.visible_to(request.user), pk=account_id)
    return account, with_tokens.keys_for_page(account)


def _frame(
    request: ConsoleRequest,
    account: ServiceAccount,
    keys: list[Credential],
    tab: str,
    now: datetime,
) -> dict[str, Any]:
    """What stands around every tab."""
    usable = sum(key.status_at(now) in USABLE for key in keys)
    named = [
        ("detail", _("Overview"), None),
        ("keys", _("Keys"), usable),
        ("tokens", _("Personal access tokens"), None),
        ("scopes", _("Scopes"), len(set(of_identity(account.identity).all))),
        ("groups", _("Groups and roles"), None),
        ("integrations", _("Integrations"), account.integrations.count()),
        ("activity", _("Activity"), None),
    ]
    return {
        "account": account,
        "state": account.status_at(now),
        "is_enabled": account.identity.disabled_at is None,
        "may_manage": policies.may_manage(request.user),
        "is_owner": account.owner_id == request.user.pk,
        "may_revoke_tokens": may_revoke_all(request.user, account),
        "may_set_levels": may_act_on(request.user, account.identity, Permission.LEVEL_GRANT),
        "sees_all": may(request.user, Permission.SERVICE_ACCOUNT_VIEW_ALL),
        "tabs": [
            {
                "label": label,
                "url": reverse(f"service_accounts:{name}", args=[account.pk]),
                "current": name == tab,
                "count": count,
            }
            for name, label, count in named
        ],
    }


USABLE: Final = (CredentialStatus.ACTIVE, CredentialStatus.RETIRING)


def _password_age(
    request: ConsoleRequest, account: ServiceAccount, now: datetime
) -> list[dict[str, Any]]:
    held, identity = rules.of_request(request), account.identity
    may_end = policies.may_manage(request.user) and not identity.web_services_only
    end_url = reverse("service_accounts:password_age", args=[account.pk]) if may_end else ""
    return password_age.facts(identity, held, now, end_url=end_url)


def _facts(
    account: ServiceAccount, password: list[dict[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    owner = account.owner
    return [
        {
            "label": _("ID"),
            "value": str(account.pk),
            "copy": True,
            "copy_label": _("Copy the ID"),
        },
        {
            "label": _("Token endpoint"),
            "value": samples.token_url(),
            "copy": True,
            "copy_label": _("Copy the address of the token endpoint"),
        },
        {"label": _("Owner"), "value": owner.display_name if owner else _("No owner")},
        {
            "label": _("Successor"),
            "value": account.successor.display_name if account.successor else _("None named"),
        },
        {"label": _("Contact e-mail"), "value": account.identity.email or _("None")},
        {"label": _("Status"), "value": "", "state": account.status_at(now)},
        {"label": _("User levels"), "value": ", ".join(labels_of(account.identity.levels))},
        {
            "label": _("Web services access only"),
            "value": _("Yes: it signs in nowhere")
            if account.identity.web_services_only
            else _("No")
            if account.identity.is_registered
            else _("No, but nobody has registered to sign in as it"),
        },
        *password,
        {"label": _("Created"), "at": account.created_at},
        {"label": _("Created by"), "value": account.created_by},
        {"label": _("End date"), "at": account.ends_at, "missing": _("No end"), "exact": True},
        *_last_used(account),
        {"label": _("Description"), "value": account.description or _("No description")},
        *_apis(account),
    ]


def _last_used(account: ServiceAccount) -> list[dict[str, Any]]:
    use = usage.last_used([account.pk]).get(account.pk)
    never = _("Never used")
    return [
        {"label": _("Last used"), "at": use.last_used_at if use else None, "missing": never},
        {
            "label": _("Last used from"),
            "value": use.last_address if use and use.last_address else never,
        },
    ]


def _apis(account: ServiceAccount) -> list[dict[str, Any]]:
    """The tenant's own APIs that it is; most accounts are none."""
    names = asking_as(account)
    if not names:
        return []
    label = ngettext("Asks about tokens for the API", "Asks about tokens for the APIs", len(names))
    return [{"label": label, "value": ", ".join(names)}]


def _key(key: Credential, now: datetime) -> dict[str, Any]:
    status = key.status_at(now)
    soon = status in USABLE and key.ends_at is not None
    soon = soon and key.ends_at <= now + with_tokens.EXPIRING_WITHIN  # type: ignore[operator]
    return {
        "key": key,
        "state": "expiring" if soon and status == CredentialStatus.ACTIVE else status,
        "unconfirmed": status in USABLE and key.stored_at is None and key.last_used_at is None,
        "may_revoke": status != CredentialStatus.REVOKED,
        "ended_at": key.revoked_at if status == CredentialStatus.REVOKED else key.ends_at,
        "ends": _ends(status),
    }


def _ends(status: CredentialStatus) -> str:
    said: dict[str, Callable[[], str]] = {
        CredentialStatus.REVOKED: lambda: _("Revoked"),
        CredentialStatus.RETIRED: lambda: _("Replaced"),
        CredentialStatus.EXPIRED: lambda: _("Expired"),
        CredentialStatus.RETIRING: lambda: _("Stops"),
    }
    return said.get(status, lambda: _("Expires"))()
