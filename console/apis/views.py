from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from console.apis import asking, removal
from console.apis.forms import ApiForm, RemoveForm
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import submitted
from tokens.apis import actions, queries
from tokens.models import Api, ApiScope
from tokens.oauth.audiences import TOKEN_PATHS

METHODS: Final = ["GET", "HEAD", "POST"]
WITH_ACCOUNTS: Final = Api.objects.select_related("account__identity")


@requires(Permission.TENANT_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    context = {
        "apis": queries.for_list(),
        "may_manage": may(request.user, Permission.TENANT_MANAGE),
    }
    return render(request, "apis/list.html", context)


@requires(Permission.TENANT_VIEW)
@require_safe
def detail(request: ConsoleRequest, api_id: UUID) -> HttpResponse:
    api = get_object_or_404(WITH_ACCOUNTS, pk=api_id)
    scopes = queries.scopes_of(api)
    context = {
        "api": api,
        "scopes": scopes,
        "facts": [*_facts(api, scopes), *asking.facts(request.user, api), *_made(api)],
        "stopped": asking.why_stopped(api.account, timezone.now()),
        "may_manage": may(request.user, Permission.TENANT_MANAGE),
    }
    return render(request, "apis/detail.html", context)


def _facts(api: Api, scopes: list[ApiScope]) -> list[dict[str, Any]]:
    asked = scopes[0].name if scopes else _("a scope of this API")
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


def _page(request: ConsoleRequest, form: ApiForm, api: Api | None = None) -> HttpResponse:
    names = asking.names_offered(request.user)
    return render(request, "apis/form.html", {"form": form, "api": api, "account_names": names})


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
        initial=ApiForm.initial_of(api),
    )
    saved = submitted(
        form,
        lambda: actions.edit(
            by=request.user,
            api=api,
            draft=form.draft(),
            revision=form.cleaned_data["revision"] or 0,
            at=timezone.now(),
        ),
    )
    if saved is None:
        return _page(request, form, api)
    messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
    return redirect("apis:detail", api.pk)


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
