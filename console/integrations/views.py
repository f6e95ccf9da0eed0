from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.audit import queries as audit
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.integrations import actions
from accounts.integrations.csv_list import CSV
from accounts.integrations.models import Environment
from accounts.integrations.policies import may_declare
from accounts.lib.errors import DomainError
from accounts.models import Integration, ServiceAccount
from accounts.service_accounts.actions import AccountGone
from console.integrations.forms import IntegrationForm
from console.ui import conflicts, downloads, events, integrations
from console.ui.access import ConsoleRequest, refuse, requires
from console.ui.errors import add_error, submitted
from console.ui.lists import Order, address, chosen_order, paginate, sort_url
from tokens.usage import queries as usage
from tokens.usage.declared import scopes_to_need

ORDERS: Final = (Order("name", "name"), Order("changed", "changed_at"))
SEARCH_MAX_LENGTH: Final = 200
EVENTS_SHOWN: Final = 20


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    """All by permission, else those of one's own accounts and those that one answers for."""
    text, environment = _asked(request)
    page = paginate(request, _rows(request), orders=ORDERS, default="name")
    order, descending = chosen_order(request, ORDERS, "name")
    sees_all = may(request.user, Permission.SERVICE_ACCOUNT_VIEW_ALL)
    context = {
        "page": page,
        "rows": page.rows,
        "search": text,
        "filters": [_filter(environment)],
        "chips": _chips(request, text, environment),
        "keep": [{"name": "sort", "value": request.GET["sort"]}] if "sort" in request.GET else [],
        "columns": {
            each.name: {
                "url": sort_url(request, each.name, order.name, descending),
                "direction": ("descending" if descending else "ascending") if each == order else "",
            }
            for each in ORDERS
        },
        "sees_all": sees_all,
        "accounts_url": reverse(f"service_accounts:{'list' if sees_all else 'mine'}"),
        "export_url": downloads.url(request, "integrations:export")
        if may(request.user, Permission.SERVICE_ACCOUNT_EXPORT)
        else "",
        "narrowed": bool(text or environment),
    }
    return render(request, "integrations/list.html", context)


def _asked(request: ConsoleRequest) -> tuple[str, str]:
    """What is searched for, and in which environment."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]
    environment = request.GET.get("environment", "")
    return text, environment if environment in Environment.values else ""


def _rows(request: ConsoleRequest) -> QuerySet[Integration]:
    text, environment = _asked(request)
    rows = Integration.objects.visible_to(request.user).select_related("account", "owner")
    if text:
        named = Q(name__icontains=text) | Q(application__icontains=text)
        rows = rows.filter(named | Q(account__name__icontains=text) | Q(contact__icontains=text))
    return rows.filter(environment=environment) if environment else rows


def _filter(environment: str) -> dict[str, Any]:
    options = [{"value": "", "label": _("All environments")}]
    options += [{"value": value, "label": str(label)} for value, label in Environment.choices]
    named = _("Environment")
    return {"name": "environment", "label": named, "value": environment, "options": options}


def _chips(request: ConsoleRequest, text: str, environment: str) -> list[dict[str, str]]:
    chips = []
    if text:
        label = _("Search: %(text)s") % {"text": text}
        chips.append({"label": label, "remove_url": address(request, q="", after="", before="")})
    if environment:
        url = address(request, environment="", after="", before="")
        chips.append({"label": str(Environment(environment).label), "remove_url": url})
    return chips


@requires(Permission.SERVICE_ACCOUNT_EXPORT)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    filters = downloads.asked(request, "q", "environment")
    return downloads.csv_file(request, CSV, _rows(request), filters)


def _load(request: ConsoleRequest, integration_id: UUID) -> Integration:
    rows = Integration.objects.visible_to(request.user)
    rows = rows.select_related("account__identity", "owner")
    return get_object_or_404(rows, pk=integration_id)


def _gone(request: ConsoleRequest, error: DomainError) -> HttpResponse:
    messages.error(request, error.message)
    return redirect("integrations:list")


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_safe
def detail(request: ConsoleRequest, integration_id: UUID) -> HttpResponse:
    integration, now = _load(request, integration_id), timezone.now()
    account = integration.account
    sees_account = ServiceAccount.objects.visible_to(request.user).filter(pk=account.pk).exists()
    consumers = usage.impact(account, now).consumers
    row = integrations.row(integration, consumers, scopes_to_need(account, now))
    seen = [
        each
        for each in consumers
        if integration.is_seen_in(client=each.client, address=each.address)
    ]
    context = {
        "integration": integration,
        "row": row,
        "facts": _facts(integration, row, sees_account=sees_account),
        "consumers": seen if sees_account else [],
        "sees_account": sees_account,
        "may_edit": may_declare(request.user, account),
        "lines": events.lines(
            audit.about(integration.audit_type, integration.pk)[:EVENTS_SHOWN], person=request.user
        )
        if sees_account
        else [],
    }
    return render(request, "integrations/detail.html", context)


def _facts(
    integration: Integration, row: integrations.Row, *, sees_account: bool
) -> list[dict[str, Any]]:
    account: dict[str, Any] = {"label": _("Service account"), "value": integration.account.name}
    if sees_account:
        account["url"] = reverse("service_accounts:detail", args=[integration.account_id])
    owner = integration.owner
    unseen = _("Not in the last 90 days") if row.is_known else _("Not known")
    return [
        account,
        {"label": _("Application"), "value": integration.application},
        {"label": _("Environment"), "value": integration.get_environment_display()},
        {"label": _("Owner"), "value": _owner(integration) if owner else _("Nobody named")},
        {"label": _("Contact"), "value": integration.contact or _("None")},
        {"label": _("Last seen"), "at": row.last_seen_at, "missing": unseen},
        {"label": _("Client"), "value": integration.client or _("Any")},
        {"label": _("Address"), "value": integration.address or _("Any")},
        {"label": _("Notes"), "value": integration.notes or _("None")},
        {"label": _("Declared"), "at": integration.created_at, "exact": True},
        {"label": _("Declared by"), "value": integration.created_by},
        {"label": _("ID"), "value": str(integration.pk), "copy": True, "copy_label": _("Copy ID")},
    ]


def _owner(integration: Integration) -> str:
    owner = integration.owner
    assert owner is not None
    if owner.is_active:
        return owner.display_name
    return _("%(name)s, who has left") % {"name": owner.display_name}


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ConsoleRequest, account_id: UUID) -> HttpResponse:
    account = get_object_or_404(
        ServiceAccount.objects.visible_to(request.user).select_related("identity", "owner"),
        pk=account_id,
    )
    if not may_declare(request.user, account):
        refuse(request, Permission.SERVICE_ACCOUNT_MANAGE)
    now = timezone.now()
    had = scopes_to_need(account, now)
    form = IntegrationForm(
        request.POST or None, by=request.user, had=had, initial=_observed(request, account)
    )
    made = submitted(
        form,
        lambda: actions.declare(by=request.user, account=account, draft=form.draft(), at=now),
    )
    if made is not None:
        said = _("%(name)s is declared. Whoever changes %(account)s is told of it.")
        messages.success(request, said % {"name": made.name, "account": account.name})
        return redirect("service_accounts:integrations", account.pk)
    context = {"form": form, "account": account, "has_scopes": "scopes" in form.fields}
    return render(request, "integrations/form.html", context)


def _observed(request: ConsoleRequest, account: ServiceAccount) -> dict[str, Any]:
    """What the form opens on: what was observed, by the address of a suggestion."""
    owner = account.owner
    return {
        "owner": owner.user_name if owner is not None and owner.is_active else "",
        "client": request.GET.get("client", ""),
        "address": request.GET.get("address", ""),
        "scopes": request.GET.getlist("scope"),
    }


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, integration_id: UUID) -> HttpResponse:
    integration, now = _load(request, integration_id), timezone.now()
    if not may_declare(request.user, integration.account):
        refuse(request, Permission.SERVICE_ACCOUNT_MANAGE)
    form = IntegrationForm(
        request.POST or None,
        by=request.user,
        had=scopes_to_need(integration.account, now),
        integration=integration,
        initial=conflicts.opened(IntegrationForm.stored(integration)),
    )
    found: conflicts.Conflict | None = None
    if form.is_valid():
        revision = form.cleaned_data["revision"] or 0
        try:
            actions.edit(
                by=request.user,
                integration=integration,
                draft=form.draft(),
                revision=revision,
                at=now,
            )
        except actions.EditConflict as error:
            who = conflicts.who_changed(error.integration, ("integration.edited",))
            current = IntegrationForm.stored(error.integration)
            found = conflicts.resolve(form, request.POST, current=current, who=who)
            form.data = found.data
        except (actions.IntegrationGone, AccountGone) as error:
            return _gone(request, error)
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("integrations:detail", integration.pk)
    context = {
        "form": form,
        "account": integration.account,
        "integration": integration,
        "has_scopes": "scopes" in form.fields,
        "conflict": found,
    }
    return render(request, "integrations/form.html", context)


@requires(Permission.SERVICE_ACCOUNT_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: ConsoleRequest, integration_id: UUID) -> HttpResponse:
    integration = _load(request, integration_id)
    account = integration.account
    if not may_declare(request.user, account):
        refuse(request, Permission.SERVICE_ACCOUNT_MANAGE)
    if request.method == "POST":
        try:
            actions.remove(by=request.user, integration=integration, at=timezone.now())
        except (actions.IntegrationGone, AccountGone) as error:
            return _gone(request, error)
        messages.success(request, _("%(name)s is removed.") % {"name": integration.name})
        return redirect("service_accounts:integrations", account.pk)
    return render(request, "integrations/remove.html", {"integration": integration})
