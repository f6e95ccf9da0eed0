from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.lib.headers import content_disposition
from accounts.models import Transform
from accounts.profiles import policies, sailpoint, usage
from accounts.profiles.transforms.describe import Description, describe
from accounts.profiles.usage import Usage
from console.transforms.views.editor import as_text
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, address, paginate, sort_url

ORDERS: Final = (Order("name", "name"), Order("type", "type"), Order("changed", "changed_at"))
SEARCH_MAX_LENGTH: Final = 200


@requires(Permission.PROFILE_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    text, kind = _search(request), request.GET.get("type", "")
    labels = {d.type: d.label for d in reversed(describe())}
    found = Transform.objects.all()
    if text:
        found = found.filter(Q(name__icontains=text) | Q(type__icontains=text))
    if kind in labels:
        found = found.filter(type=kind)
    page = paginate(request, found, orders=ORDERS, default="name")
    uses = usage.of_all()
    context = {
        "rows": [
            {"transform": t, "label": labels.get(t.type, ""), "used": used_in_words(uses, t.name)}
            for t in page.rows
        ],
        "page": page,
        "search": text,
        "filters": [_type_filter(kind)],
        "chips": _chips(request, text, labels.get(kind)),
        "may_manage": policies.may_manage(request.user),
        "name_url": sort_url(request, "name", page.order, page.descending),
        "type_url": sort_url(request, "type", page.order, page.descending),
        "changed_url": sort_url(request, "changed", page.order, page.descending),
        "direction": "descending" if page.descending else "ascending",
    }
    return render(request, "transforms/list.html", context)


def _search(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]


def _type_filter(chosen: str) -> dict[str, Any]:
    used = Transform.objects.order_by("type").values_list("type", flat=True).distinct()
    options = [{"value": "", "label": _("All types")}]
    options += [{"value": kind, "label": kind} for kind in used]
    return {"name": "type", "label": _("Type"), "value": chosen, "options": options}


def _chips(request: HttpRequest, text: str, kind: str | None) -> list[dict[str, Any]]:
    chips = []
    if text:
        label = _("Search: %(text)s") % {"text": text}
        chips.append({"label": label, "remove_url": address(request, q="", after="", before="")})
    if kind:
        label = _("Type: %(type)s") % {"type": kind}
        chips.append({"label": label, "remove_url": address(request, type="", after="", before="")})
    return chips


def used_in_words(uses: Mapping[str, Usage], name: str) -> str | Promise:
    """Such as "2 mappings, 1 transform"; "" where nothing names it."""
    use = uses.get(name, Usage())
    mappings = ngettext("%(n)d mapping", "%(n)d mappings", use.mappings) % {"n": use.mappings}
    others = ngettext("%(n)d transform", "%(n)d transforms", use.transforms)
    parts = [mappings] if use.mappings else []
    parts += [others % {"n": use.transforms}] if use.transforms else []
    return ", ".join(parts)


@requires(Permission.PROFILE_VIEW)
@require_safe
def types(request: ConsoleRequest) -> HttpResponse:
    """All types with their attributes and an example each, to start from."""
    text = _search(request)
    shown = [d for d in describe() if text.casefold() in _words(d)]
    context = {
        "types": shown,
        "search": text,
        "chips": _chips(request, text, None),
        "may_manage": policies.may_manage(request.user),
    }
    return render(request, "transforms/types.html", context)


def _words(description: Description) -> str:
    names = " ".join(attribute.name for attribute in description.attributes)
    return f"{description.key} {description.label} {description.description} {names}".casefold()


@requires(Permission.PROFILE_VIEW)
@require_safe
def detail(request: ConsoleRequest, transform_id: UUID) -> HttpResponse:
    transform = get_object_or_404(Transform, pk=transform_id)
    kind = next((d for d in describe() if d.type == transform.type), None)
    refresh = transform.definition.get("requiresPeriodicRefresh")
    context = {
        "transform": transform,
        "text": as_text(transform.definition),
        "mappings": usage.mappings_of(transform),
        "users": usage.transforms_of(transform),
        "may_manage": policies.may_manage(request.user),
        "facts": [
            {"label": _("Type"), "value": kind.label if kind else transform.type},
            {
                "label": _("Periodic refresh"),
                "value": _("Calculated again at each refresh")
                if refresh
                else _("When something changes"),
            },
            {"label": _("Created"), "at": transform.created_at},
            {"label": _("Created by"), "value": transform.created_by},
            {"label": _("Changed"), "at": transform.changed_at},
            {"label": _("ID"), "value": str(transform.pk), "copy": True},
        ],
    }
    return render(request, "transforms/detail.html", context)


@requires(Permission.PROFILE_VIEW)
@require_safe
def export(_request: ConsoleRequest) -> HttpResponse:
    """All transforms in SailPoint's form, which Import takes."""
    rows = Transform.objects.order_by("name", "pk")
    text = json.dumps(sailpoint.export_transforms(rows), indent=2, ensure_ascii=False)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition("transforms.json")
    return answer
