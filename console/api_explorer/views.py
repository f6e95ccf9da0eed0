from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.models import Group, Identity, ServiceAccount
from accounts.requests.policies import may_ask
from accounts.roles import reach
from console.api_explorer.forms import CallForm
from console.api_explorer.samples import samples
from console.ui import rights
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import submitted
from console.ui.lists import address
from tokens.explorer.actions import send
from tokens.explorer.dispatch import Answer, NotServed, Sent
from tokens.explorer.documents import namespaces
from tokens.explorer.operations import Operation, apis, operations
from tokens.scopes.coverage import covers
from tokens.scopes.effective import EffectiveRights, effective, of_identity

SEARCH_MAX_LENGTH: Final = 200
OWN_SHOWN: Final = 50
GROUPS_LOOKED_AT: Final = 50
"""Accounts of one's own that are offered while typing."""


@dataclass(frozen=True)
class Row:
    operation: Operation
    url: str
    carried: bool
    """Whether the person's own token may carry a scope that is enough."""


@requires(Permission.API_EXPLORER_USE)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    """The calls of one namespace and version, by API, each with the scopes it needs."""
    namespace, version = _chosen(request)
    found = operations(namespace, version)
    text = request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]
    api = request.GET.get("api", "")
    kept = [each for each in found.values() if _matches(each, text, api)]
    context = {
        "groups": _grouped(namespace, version, kept, request.user),
        "search": text,
        "filters": _filters(namespace, version, api, apis(found)),
        "chips": _chips(request, text, api),
        "keep": [{"name": "namespace", "value": namespace}],
        "tabs": [
            {
                "label": each.title,
                "url": f"?{urlencode({'namespace': key})}",
                "current": key == namespace,
            }
            for key, each in namespaces.items()
        ],
        "export_url": reverse("api_explorer:export", args=[namespace, version]),
    }
    return render(request, "api_explorer/list.html", context)


@requires(Permission.API_EXPLORER_USE)
@require_safe
def export(request: ConsoleRequest, namespace: str, version: str) -> HttpResponse:
    """The OpenAPI document, as a file."""
    del request
    if namespace not in namespaces or version not in namespaces.get(namespace).versions:
        raise Http404
    document = namespaces.get(namespace).document(version)
    name = f"steward-{namespace}-{version}.json"
    return JsonResponse(
        document,
        json_dumps_params={"indent": 2, "ensure_ascii": False},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@requires(Permission.API_EXPLORER_USE)
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: ConsoleRequest, namespace: str, version: str, operation: str) -> HttpResponseBase:
    """One call: filled in, and sent when the form is posted."""
    found = _operation(namespace, version, operation)
    # what changes something asks for the password again, as the pages that do it would
    view = step_up(_call) if found.writes and request.method == "POST" else _call
    return view(request, namespace, version, found)


def _call(
    request: ConsoleRequest, namespace: str, version: str, operation: Operation
) -> HttpResponse:
    form = CallForm(
        request.POST if request.method == "POST" else None,
        operation=operation,
        person=request.user,
        initial={"account": request.GET.get("account", "")},
    )
    sent: Sent | None = None
    answer: Answer | None = None
    if form.is_valid():
        sent = form.sent()
        answer = _sent(request, form, operation, sent)
    acting = form.cleaned_data.get("account") if form.is_bound else None
    acting = acting if isinstance(acting, Identity) else request.user
    context = {
        "operation": operation,
        "form": form,
        "back": _back(namespace, version),
        "scopes": rights.lines(_verdicts(acting, operation.scopes)),
        "ask_url": (ask_url := _ask_url(request.user, acting, operation)),
        "send_as": acting.is_person and not ask_url and _lacks(acting, operation),
        "acting": acting,
        "own": _own(request.user),
        "samples": samples(sent, needs=_needs(operation)) if sent else (),
        "sent": sent,
        "answer": answer,
        "body": _readable(answer) if answer else "",
    }
    return render(request, "api_explorer/call.html", context)


def _sent(
    request: ConsoleRequest, form: CallForm, operation: Operation, sent: Sent
) -> Answer | None:
    def act() -> Answer:
        return send(
            by=request.user,
            acting=form.cleaned_data["account"],
            operation=operation,
            sent=sent,
            asking=request,
            at=timezone.now(),
        )

    try:
        return submitted(form, act)
    except NotServed:
        form.add_error(None, _("Nothing is served at this address. Check the parts of the path."))
        return None


def _chosen(request: HttpRequest) -> tuple[str, str]:
    """Namespace and version of the address, or the usual ones."""
    names = list(namespaces.keys())
    namespace = request.GET.get("namespace", names[0])
    if namespace not in namespaces:
        raise Http404
    versions = namespaces.get(namespace).versions
    version = request.GET.get("version", versions[0])
    if version not in versions:
        raise Http404
    return namespace, version


def _operation(namespace: str, version: str, name: str) -> Operation:
    if namespace not in namespaces or version not in namespaces.get(namespace).versions:
        raise Http404
    found = operations(namespace, version).get(name)
    if found is None:
        raise Http404
    return found


def _matches(operation: Operation, text: str, api: str) -> bool:
    if api and operation.api != api:
        return False
    told = " ".join([operation.name, operation.path, operation.summary, *operation.scopes])
    return text.casefold() in told.casefold()


def _grouped(
    namespace: str, version: str, found: Iterable[Operation], person: Identity
) -> list[tuple[str, list[Row]]]:
    """By API, in the order of their names."""
    kept = list(found)
    names = list(dict.fromkeys(scope for each in kept for scope in each.scopes))
    carried = {v.scope for v in _verdicts(person, names).verdicts if v.allowed}
    groups: dict[str, list[Row]] = {}
    for each in sorted(kept, key=lambda each: each.api):
        url = reverse("api_explorer:call", args=[namespace, version, each.name])
        may = not each.scopes or not carried.isdisjoint(each.scopes)
        groups.setdefault(each.api, []).append(Row(each, url, may))
    return list(groups.items())


def _verdicts(holder: Identity, scopes: Iterable[str]) -> EffectiveRights:
    names = list(scopes)
    return effective(of_identity(holder, token=names), names)


def _filters(namespace: str, version: str, api: str, names: list[str]) -> list[dict[str, Any]]:
    versions = namespaces.get(namespace).versions
    every = [{"value": "", "label": _("All APIs")}]
    return [
        {
            "name": "api",
            "label": _("API"),
            "value": api,
            "options": [*every, *({"value": name, "label": name} for name in names)],
        },
        {
            "name": "version",
            "label": _("Version"),
            "value": version,
            "options": [{"value": each, "label": each} for each in versions],
        },
    ]


def _chips(request: HttpRequest, text: str, api: str) -> list[dict[str, str]]:
    told = (("q", text, _("Search: %(text)s")), ("api", api, _("API: %(text)s")))
    return [
        {"label": said % {"text": value}, "remove_url": address(request, **{name: ""})}
        for name, value, said in told
        if value
    ]


def _back(namespace: str, version: str) -> str:
    chosen = urlencode({"namespace": namespace, "version": version})
    return f"{reverse('api_explorer:list')}?{chosen}"


def _own(person: Identity) -> list[str]:
    own = ServiceAccount.objects.existing().filter(owner=person).order_by("name")
    return list(own.values_list("name", flat=True)[:OWN_SHOWN])


def _lacks(acting: Identity, operation: Operation) -> bool:
    return bool(operation.scopes) and not _verdicts(acting, operation.scopes).granted


def _ask_url(person: Identity, acting: Identity, operation: Operation) -> str:
    """Where a scope that is missing is asked for; empty where nothing is missing or to be asked."""
    if not _lacks(acting, operation) or not may_ask(person):
        return ""
    if acting.is_person:
        group = _group_with(operation.scopes)
        if group is None:
            return ""
        return f"{reverse('requests:new', args=['group_membership'])}?group={group.pk}"
    given = urlencode({"account": acting.pk, "scopes": operation.scopes[0]})
    return f"{reverse('requests:new', args=['more_scopes'])}?{given}"


def _group_with(scopes: Iterable[str]) -> Group | None:
    """A group that may be requested and gives its members one of these scopes."""
    for group in Group.objects.filter(may_be_requested=True).order_by("name")[:GROUPS_LOOKED_AT]:
        given = reach.of_group(group.pk).scopes
        if any(covers(given, scope, imply_esv=False) for scope in scopes):
            return group
    return None


def _needs(operation: Operation) -> str:
    if operation.open:
        return _("It answers without a token, too.")
    if not operation.scopes:
        return _("STEWARD_TOKEN holds an access token.")
    said = _("STEWARD_TOKEN holds an access token with the scope %(scope)s.")
    return said % {"scope": operation.scopes[0]}


def _readable(answer: Answer) -> str:
    """The body as text; JSON with indentation."""
    text = answer.body.decode("utf-8", "replace")
    if "json" in dict(answer.headers).get("Content-Type", "") and not answer.cut:
        try:
            return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            return text
    return text
