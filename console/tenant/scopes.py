"""The page of the catalogues: every scope that there is, and what decides who carries it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.authorization.levels import LEVELS
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import address
from tokens.scopes import in_force, picker
from tokens.scopes.catalogue import Mark, Publisher, Scope
from tokens.scopes.levels import EVERYBODY
from tokens.scopes.picker import PickerScope, PickerSection

MARK_STATES: Final = {Mark.UNDER_DEVELOPMENT: "development"}
"""Marks whose look has another name."""
SAID_BY_SECTION: Final = frozenset({Mark.UNDER_DEVELOPMENT, Mark.RESTRICTED})
"""Marks whose reason the introduction of their section gives already."""
SEARCH_MAX_LENGTH: Final = 200


@requires(Permission.TENANT_VIEW)
@require_safe
def scopes(request: ConsoleRequest) -> HttpResponse:
    """Every scope, by whose it is and in sections, narrowed by words and by whose it is."""
    catalogue = in_force.catalogue()
    text = request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]
    whose = {publisher.key: publisher for publisher in catalogue.publishers}
    chosen = whose.get(request.GET.get("catalogue", ""))
    sections = [
        section
        for section in picker.tree_for_picker(catalogue=catalogue)
        if chosen in (None, section.publisher)
    ]
    context = {
        "groups": _groups(sections, text.casefold().split()),
        "search": text,
        "filters": [_filter(list(whose.values()), chosen)],
        "chips": _chips(request, text, chosen),
        "may_manage": may(request.user, Permission.TENANT_MANAGE),
    }
    return render(request, "tenant/scopes.html", context)


def _filter(publishers: list[Publisher], chosen: Publisher | None) -> dict[str, Any]:
    every = {"value": "", "label": _("All catalogues and APIs")}
    return {
        "name": "catalogue",
        "label": _("Catalogue or API"),
        "value": chosen.key if chosen else "",
        "options": [every, *({"value": each.key, "label": each.title} for each in publishers)],
    }


def _chips(request: ConsoleRequest, text: str, chosen: Publisher | None) -> list[dict[str, str]]:
    chips = []
    if text:
        label = _("Search: %(text)s") % {"text": text}
        chips.append({"label": label, "remove_url": address(request, q="")})
    if chosen:
        chips.append({"label": chosen.title, "remove_url": address(request, catalogue="")})
    return chips


def _groups(sections: list[PickerSection], words: Collection[str]) -> list[dict[str, Any]]:
    """Publishers with their sections; of a search only the scopes that hold all of its words."""
    groups: dict[str, dict[str, Any]] = {}
    for section in sections:
        rows = [
            row
            for scope in section.scopes
            for row in _with_children(scope, said=bool(section.introduction))
            if _fits(row["scope"], words)
        ]
        if not rows:
            continue
        publisher = section.publisher
        group = groups.setdefault(
            publisher.key, {"publisher": publisher, "sections": [], "count": 0}
        )
        group["count"] += len(rows)
        group["sections"].append(
            {
                "title": section.title,
                "introduction": section.introduction,
                "scopes": rows,
                "by_levels": bool(rows[0]["scope"].levels),
                "open": bool(words),
            }
        )
    return list(groups.values())


def _fits(scope: Scope, words: Collection[str]) -> bool:
    said = f"{scope.name} {scope.purpose} {scope.plain}".casefold()
    return all(word in said for word in words)


def _with_children(entry: PickerScope, *, said: bool, depth: int = 0) -> Iterator[dict[str, Any]]:
    """`said`: the introduction of the section gives the reasons of some marks already."""
    yield {
        "scope": entry.scope,
        "is_child": depth > 0,
        "levels": _levels(entry.scope),
        "marks": [
            {
                "state": MARK_STATES.get(mark.key, mark.key.value),
                "label": mark.label,
                "reason": "" if said and mark.key in SAID_BY_SECTION else mark.reason,
            }
            for mark in entry.marks
        ],
    }
    for child in entry.children:
        yield from _with_children(child, said=said, depth=depth + 1)


def _levels(scope: Scope) -> str:
    """The user levels that carry a scope, by our names; by SailPoint's where we have none."""
    if EVERYBODY in scope.levels:
        return _("Everybody")
    ours = {level.capability: str(level.label) for level in LEVELS.values() if level.capability}
    named = [ours[name] for name in ours if name in scope.levels]
    others = sorted(scope.levels - ours.keys())
    return ", ".join([*named, *others])
