from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Min, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.lib.errors import DomainError
from console.apis import asking, removal
from console.apis.forms import ApiForm, RemoveForm
from console.ui import conflicts
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.conflicts import Conflict
from console.ui.errors import add_error, submitted
from console.ui.lists import Order, address, chosen_order, paginate, sort_url
from tokens.apis import actions, queries
from tokens.models import Api
from tokens.oauth.audiences import TOKEN_PATHS

METHODS: Final = ["GET", "HEAD", "POST"]
ORDERS: Final = (Order("name", "folded"), Order("changed", "changed_at"))
SCOPE_ORDERS: Final = (Order("name", "name"),)
SEARCH_MAX_LENGTH: Final = 200
WITH_ACCOUNTS: Final = Api.objects.select_related("account__identity")


@requires(Permission.TENANT_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    text = _typed(request)
    page = paginate(request, queries.for_list(text), orders=ORDERS, default="name")
    context = {
        "page": page,
        "columns": _columns(request, ORDERS),
        "search": text,
        "chips": _searched(request, text),
        "keep": _keep(request),
        "may_manage": may(request.user, Permission.TENANT_MANAGE),
    }
    return render(request, "apis/list.html", context)


def _typed(request: ConsoleRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]


def _searched(request: ConsoleRequest, text: str) -> list[dict[str, str]]:
    clear = address(request, q="", after="", before="")
    said = _("Search: %(text)s") % {"text": text}
    return [{"label": said, "remove_url": clear}] if text else []


def _keep(request: ConsoleRequest) -> list[dict[str, str]]:
    return [{"name": "sort", "value": request.GET["sort"]}] if "sort" in request.GET else []


def _columns(request: ConsoleRequest, orders: Sequence[Order]) -> dict[str, dict[str, str]]:
    order, descending = chosen_order(request, orders, "name")
    return {
        each.name: {
            "url": sort_url(request, each.name, order.name, descending),
            "direction": ("descending" if descending else "ascending") if each == order else "",
        }
        for each in orders
    }


@requires(Permission.TENANT_VIEW)
@require_safe
def detail(request: ConsoleRequest, api_id: UUID) -> HttpResponse:
    rows = WITH_ACCOUNTS.annotate(
        first=Min("scopes__name"),
        # what others could not be given would be no example
        example=Min("scopes__name", filter=Q(scopes__restricted=False)),
    )
    api: Any = get_object_or_404(rows, pk=api_id)
    context = _scopes(request, api) | {
        "api": api,
        "has_scopes": api.first is not None,
        "facts": [*_facts(api, api.example), *asking.facts(request.user, api), *_made(api)],
        "stopped": asking.why_stopped(api.account, timezone.now()),
        "may_manage": may(request.user, Permission.TENANT_MANAGE),
    }
    return render(request, "apis/detail.html", context)


def _scopes(request: ConsoleRequest, api: Api) -> dict[str, Any]:
    """The page of its scopes that is open."""
    text, which = _typed(request), request.GET.get("show", "")
    kinds = {"restricted": _("Restricted"), "open": _("Not restricted")}
    wanted = {"restricted": True, "open": False}.get(which)
    rows = queries.scopes_for_list(api, text, restricted=wanted)
    chips = _searched(request, text)
    if which in kinds:
        clear = address(request, show="", after="", before="")
        chips.append({"label": kinds[which], "remove_url": clear})
    options = [("", _("All")), *kinds.items()]
    return {
        "page": paginate(request, rows, orders=SCOPE_ORDERS, default="name"),
        "columns": _columns(request, SCOPE_ORDERS),
        "search": text,
        "chips": chips,
        "keep": _keep(request),
        "filters": [
            {
                "name": "show",
                "label": _("Show"),
                "value": which if which in kinds else "",
                "options": [{"value": value, "label": label} for value, label in options],
            }
        ],
    }


def _facts(api: Api, example: str | None) -> list[dict[str, Any]]:
    asked = example or _("a scope of this API")
    return [
        {"label": _("Audience"), "value": api.audience, "copy": True},
        {"label": _("Description"), "value": api.description or _("None")},
        {
            "label": _("How a program gets a token for it"),
            "value": _("It asks %(path)s for scope=%(scope)s, and for no scope of another API.")
            % {"path": TOKEN_PATHS[1], "scope": asked},
        },
    ]


def _made(api: Api) -> list[dict[str, Any]]:
    return [
        {"label": _("Added by"), "value": api.created_by},
        {"label": _("Added"), "at": api.created_at, "exact": True},
    ]


def _page(
    request: ConsoleRequest,
    form: ApiForm,
    api: Api | None = None,
    conflict: Conflict | None = None,
) -> HttpResponse:
    names = asking.names_offered(request.user)
    context = {"form": form, "api": api, "account_names": names, "conflict": conflict}
    return render(request, "apis/form.html", context)


@requires(Permission.TENANT_MANAGE)
@require_http_methods(METHODS)
def new(request: ConsoleRequest) -> HttpResponse:
    form = ApiForm(request.POST or None, person=request.user)
    api = submitted(
        form,
        lambda: actions.create(by=request.user, draft=form.draft(), at=timezone.now()),
    )
    if api is None:
        return _page(request, form)
    said = _("The API %(name)s is added. Now add the scopes that it asks for.")
    messages.success(request, said % {"name": api.name})
    return redirect("apis:detail", api.pk)


@requires(Permission.TENANT_MANAGE)
@require_http_methods(METHODS)
@step_up
def edit(request: ConsoleRequest, api_id: UUID) -> HttpResponse:
    """The audience says which server takes its tokens: to change it asks for the password."""
    api = get_object_or_404(WITH_ACCOUNTS, pk=api_id)
    form = ApiForm(
        request.POST or None,
        person=request.user,
        account=api.account,
        initial=conflicts.opened(ApiForm.initial_of(api)),
    )
    conflict: Conflict | None = None
    if form.is_valid():
        try:
            saved = actions.edit(
                by=request.user,
                api=api,
                draft=form.draft(),
                revision=form.cleaned_data["revision"] or 0,
                at=timezone.now(),
            )
        except actions.EditConflict as error:
            conflict = form.compare(request.POST, error.current)
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
            return redirect("apis:detail", api.pk)
    return _page(request, form, api, conflict)


@requires(Permission.TENANT_MANAGE)
@require_http_methods(METHODS)
@step_up
def remove(request: ConsoleRequest, api_id: UUID) -> HttpResponse:
    api = get_object_or_404(Api, pk=api_id)
    names = [scope.name for scope in queries.scopes_of(api)]
    form = RemoveForm(request.POST or None, called=api.name)
    removed = submitted(
        form,
        lambda: actions.remove(
            by=request.user, api=api, at=timezone.now(), seen=form.cleaned_data["seen"]
        ),
    )
    if removed is not None:
        messages.success(request, _("The API %(name)s is removed.") % {"name": removed.name})
        return redirect("apis:list")
    context = {
        "api": api,
        "called": api.name,
        "names": names,
        **removal.shown(form, queries.holders(names), removal.of_api(api, len(names))),
    }
    return render(request, "apis/remove.html", context)
