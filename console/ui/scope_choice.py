"""The catalogue of scopes as `components/scopes_picker.html` takes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext as _

from tokens.scopes import in_force, levels, picker
from tokens.scopes.catalogue import Mark, Publisher
from tokens.scopes.effective import Held, effective
from tokens.scopes.picker import PickerScope

STATES: Final = {
    Mark.DEPRECATED: "deprecated",
    Mark.UNDER_DEVELOPMENT: "development",
    Mark.RESTRICTED: "restricted",
}
"""The marks that have a look of their own."""


LARGE: Final = 40
"""Scopes of one publisher from which on each of its sections is folded."""
SEARCH_MAX_LENGTH: Final = 200


def sections(
    chosen: Collection[str], *, search: str = "", holder: Held | None = None
) -> list[dict[str, Any]]:
    """All scopes with the chosen ones ticked; with `search`, those that fit it and the ticked.

    With `holder`, each says where the user levels of the account that is to have it do not carry
    it.
    A child that is only covered stays unticked, so that it goes with its parent also where no
    script locks it.
    """
    words = search[:SEARCH_MAX_LENGTH].casefold().split()
    found = []
    for section in picker.tree_for_picker(chosen):
        entries = [_entry(scope, chosen, section.publisher, holder) for scope in section.scopes]
        found.append(
            {
                "title": section.title,
                "note": section.introduction,
                "publisher": section.publisher.title,
                "publisher_note": section.publisher.introduction,
                "scopes": _fitting(entries, words) if words else entries,
            }
        )
    return _counted([section for section in found if section["scopes"]], is_search=bool(words))


def _fitting(entries: list[dict[str, Any]], words: Collection[str]) -> list[dict[str, Any]]:
    kept = []
    for entry in entries:
        said = f"{entry['name']} {entry['purpose']} {entry['plain']}".casefold()
        fits = all(word in said for word in words)
        children = entry["children"] if fits else _fitting(entry["children"], words)
        if fits or children or entry["selected"]:
            kept.append({**entry, "children": children})
    return kept


def _counted(sections: list[dict[str, Any]], *, is_search: bool = False) -> list[dict[str, Any]]:
    """Sections with what a person sees of them while they are folded."""
    for section in sections:
        entries = _flat(section["scopes"])
        section["count"] = len(entries)
        section["chosen"] = sum(entry["selected"] for entry in entries)
    for section in sections:
        group = [s for s in sections if s["publisher"] == section["publisher"]]
        count, chosen = sum(s["count"] for s in group), sum(s["chosen"] for s in group)
        section |= {
            "group_count": count,
            "group_chosen": chosen,
            "folds": count > LARGE,
            "open": is_search or section["chosen"] > 0,
            "group_open": is_search or chosen > 0 or count <= LARGE,
        }
    return sections


def _flat(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for entry in entries for each in (entry, *_flat(entry["children"]))]


def offered(
    held: Held, chosen: Collection[str], *, barred: Collection[str] = (), search: str = ""
) -> list[dict[str, Any]]:
    """The scopes that a token can carry for its holder, and those of `chosen` that give nothing.

    A scope whose parent is out of reach stands in its place. `held` is what the holder has,
    without a token. What is `barred` can be seen and not be ticked, because others give it. With
    `search` those that fit it and the ticked.
    """
    catalogue = in_force.catalogue()
    everything = replace(held, token=tuple(catalogue))
    verdicts = effective(everything, catalogue, catalogue=catalogue).verdicts
    reasons = {verdict.scope: verdict.reason for verdict in verdicts}
    ticked = [name for name in chosen if name not in barred]
    found = [
        {**section, "scopes": _locked(entries, barred)}
        for section in sections(ticked, search=search)
        if (entries := _within(section["scopes"], reasons))
    ]
    return _counted(found, is_search=bool(search.split()))


def _locked(entries: list[dict[str, Any]], barred: Collection[str]) -> list[dict[str, Any]]:
    found = []
    for entry in entries:
        kept = {**entry, "children": _locked(entry["children"], barred)}
        if entry["name"] in barred:
            reason = _("You cannot give it: ask an administrator to put it on the token.")
            kept |= {"disabled": True, "barred": True, "note": "", "reason": reason}
        found.append(kept)
    return found


def names_of(sections: Iterable[dict[str, Any]]) -> list[str]:
    """Every scope that stands in these sections."""
    return [entry["name"] for section in sections for entry in _flat(section["scopes"])]


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


def _entry(
    item: PickerScope, chosen: Collection[str], publisher: Publisher, holder: Held | None
) -> dict[str, Any]:
    scope = item.scope
    return {
        "name": scope.name,
        "purpose": scope.purpose,
        "plain": scope.plain,
        "reference": scope.reference,
        "note": item.marks[0].reason if scope.by_administrators else scope.note,
        "selected": scope.name in chosen and not item.refusal,
        "level": "" if holder is None or holder.carry(scope) else levels.wanted(scope),
        "disabled": bool(item.refusal),
        "reason": item.refusal,
        "mark": mark_of(item.marks),
        "alone": scope.by_administrators,
        "everything": scope.name == publisher.everything,
        "children": [_entry(child, chosen, publisher, holder) for child in item.children],
    }


def mark_of(marks: Iterable[picker.PickerMark]) -> str:
    """The state whose chip stands beside a scope, or ""."""
    return next((STATES[mark.key] for mark in marks if mark.key in STATES), "")


def presets() -> list[dict[str, Any]]:
    return [
        {"key": preset.key, "label": preset.title, "scopes": preset.scopes}
        for preset in picker.presets()
    ]


def with_preset(key: str, chosen: Iterable[str]) -> list[str] | None:
    """What was ticked, and the scopes of a preset; None where there is no such preset."""
    scopes = next((preset.scopes for preset in picker.presets() if preset.key == key), None)
    return None if scopes is None else list(dict.fromkeys([*chosen, *scopes]))
