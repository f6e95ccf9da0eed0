"""The catalogue of scopes as `components/scopes_picker.html` takes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from tokens.scopes import in_force, picker
from tokens.scopes.catalogue import Mark
from tokens.scopes.effective import Held, effective
from tokens.scopes.picker import PickerScope

STATES: Final = {
    Mark.DEPRECATED: "deprecated",
    Mark.UNDER_DEVELOPMENT: "development",
    Mark.RESTRICTED: "restricted",
}
"""The marks that have a look of their own."""


def sections(chosen: Collection[str]) -> list[dict[str, Any]]:
    """All scopes with the chosen ones ticked.

    A child that is only covered stays unticked, so that it goes with its parent also where no
    script locks it.
    """
    return [
        {
            "title": section.title,
            "note": section.introduction,
            "scopes": [_entry(scope, chosen) for scope in section.scopes],
        }
        for section in picker.tree_for_picker(chosen)
    ]


def offered(held: Held, chosen: Collection[str]) -> list[dict[str, Any]]:
    """The scopes that a token can carry for its holder, and those of `chosen` that give nothing.

    A scope whose parent is out of reach stands in its place. `held` is what the holder has,
    without a token.
    """
    catalogue = in_force.catalogue()
    everything = replace(held, token=tuple(catalogue))
    verdicts = effective(everything, catalogue, catalogue=catalogue).verdicts
    reasons = {verdict.scope: verdict.reason for verdict in verdicts}
    return [
        {**section, "scopes": entries}
        for section in sections(chosen)
        if (entries := _within(section["scopes"], reasons))
    ]


def names_of(sections: Iterable[dict[str, Any]]) -> list[str]:
    """Every scope that stands in these sections."""
    waiting = [entry for section in sections for entry in section["scopes"]]
    found = []
    while waiting:
        entry = waiting.pop(0)
        found.append(entry["name"])
        waiting += entry["children"]
    return found


def _within(entries: list[dict[str, Any]], reasons: Mapping[str, str]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for entry in entries:
        children = _within(entry["children"], reasons)
        why = reasons.get(entry["name"], "")
        if not why or entry["selected"]:
            kept.append({**entry, "reason": why, "children": children})
        else:
            kept += children
    return kept


def _entry(item: PickerScope, chosen: Collection[str]) -> dict[str, Any]:
    scope = item.scope
    return {
        "name": scope.name,
        "purpose": scope.purpose,
        "plain": scope.plain,
        "reference": scope.reference,
        "note": scope.note,
        "selected": scope.name in chosen and not item.refusal,
        "disabled": bool(item.refusal),
        "reason": item.refusal,
        "mark": mark_of(item.marks),
        "children": [_entry(child, chosen) for child in item.children],
    }


def mark_of(marks: Iterable[picker.PickerMark]) -> str:
    """The state whose chip stands beside a scope, or ""."""
    return next((STATES[mark.key] for mark in marks if mark.key in STATES), "")


def presets() -> list[dict[str, Any]]:
    return [
        {"key": preset.key, "label": preset.title, "scopes": preset.scopes}
        for preset in picker.presets()
    ]


def scopes_of_preset(key: str) -> tuple[str, ...] | None:
    return next((preset.scopes for preset in picker.presets() if preset.key == key), None)
