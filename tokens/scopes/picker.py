"""The catalogue as people choose from it and as clients read it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NotRequired, TypedDict

from django.utils.translation import gettext as _

from tokens.scopes import in_force
from tokens.scopes.catalogue import Catalogue, Mark, Preset, Publisher, Scope
from tokens.scopes.coverage import Coverage, covers, grantable
from tokens.scopes.files import installed

PING: Final = "ping"
"""The catalogue whose clients read a tree of scopes."""


@dataclass(frozen=True, slots=True)
class PickerMark:
    """A mark beside a scope: its key for the style, its name and its reason for people."""

    key: Mark
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class PickerScope:
    """One tick box. Locked ones are covered by a ticked parent; refused ones cannot be ticked."""

    scope: Scope
    marks: tuple[PickerMark, ...]
    refusal: str
    """Why it cannot be chosen; empty when it can."""
    checked: bool
    locked: bool
    children: tuple["PickerScope", ...]


@dataclass(frozen=True, slots=True)
class PickerSection:
    """One heading of the picker with the scopes below it."""

    title: str
    introduction: str
    scopes: tuple[PickerScope, ...]
    publisher: Publisher


class PublishedScope(TypedDict):
    """An entry of /environment/scopes/service-accounts."""

    scope: str
    description: str
    childScopes: NotRequired[list["PublishedScope"]]


def tree_for_picker(
    chosen: Collection[str] = (), *, catalogue: Catalogue | None = None
) -> list[PickerSection]:
    """All scopes in their sections, with the chosen ones ticked."""
    catalogue = catalogue or in_force.catalogue()
    return [
        PickerSection(
            section.title,
            section.introduction,
            tuple(
                _picker_scope(scope, chosen, catalogue)
                for scope in section.scopes
                if scope.parent is None
            ),
            section.publisher,
        )
        for section in catalogue.sections
    ]


def _picker_scope(scope: Scope, chosen: Collection[str], catalogue: Catalogue) -> PickerScope:
    refusal = grantable(scope.name, catalogue=catalogue) or ""
    coverage = covers(chosen, scope.name, imply_esv=False, catalogue=catalogue)
    above = any(ancestor in chosen for ancestor in catalogue.ancestors(scope.name))
    return PickerScope(
        scope=scope,
        marks=_marks(scope),
        refusal=refusal,
        checked=bool(coverage),
        locked=bool(refusal) or above,
        children=tuple(
            _picker_scope(child, chosen, catalogue) for child in catalogue.children(scope.name)
        ),
    )


def _marks(scope: Scope) -> tuple[PickerMark, ...]:
    marks = dict(scope.marks)
    if scope.by_administrators:
        marks[Mark.RESTRICTED] = _(
            "Only administrators give it, after confirming their password. Its parent does not "
            "cover it."
        )
    return tuple(PickerMark(mark, mark_label(mark), why) for mark, why in marks.items())


def mark_label(mark: Mark) -> str:
    """The mark in a word or two."""
    labels = {
        Mark.DEPRECATED: _("Deprecated"),
        Mark.UNDER_DEVELOPMENT: _("Under development"),
        Mark.RESTRICTED: _("Restricted"),
        Mark.ADD_ON: _("Add-on"),
    }
    return labels[mark]


def presets(*, catalogue: Catalogue | None = None) -> tuple[Preset, ...]:
    """Sets of scopes to start from."""
    return (catalogue or in_force.catalogue()).presets


def in_plain_words(
    scopes: Collection[str], *, imply_esv: bool = False, catalogue: Catalogue | None = None
) -> list[str]:
    """What an account with these scopes will be able to do, a line each, broadest said once."""
    catalogue = catalogue or in_force.catalogue()
    lines = []
    for name in catalogue.in_order(scopes):
        scope = catalogue.get(name)
        if scope is None or grantable(name, catalogue=catalogue) is not None:
            continue
        if not any(ancestor in scopes for ancestor in catalogue.ancestors(name)):
            lines.append(scope.plain or scope.purpose)
    return lines + (_implied_in_plain_words(scopes, catalogue) if imply_esv else [])


def _implied_in_plain_words(scopes: Collection[str], catalogue: Catalogue) -> list[str]:
    lines = []
    for name in catalogue.in_order(scopes):
        implies = (scope := catalogue.get(name)) and scope.implies
        if not implies:
            continue
        how = covers(scopes, implies.scope, imply_esv=True, catalogue=catalogue)
        target = catalogue.get(implies.scope)
        if how is Coverage.DEPRECATED_IMPLICATION and target:
            line = _("%(ability)s, because %(scope)s still implies it (deprecated)")
            lines.append(line % {"ability": target.plain or target.purpose, "scope": name})
    return lines


def environment_tree(*, catalogue: Catalogue | None = None) -> list[PublishedScope]:
    """The tree that /environment/scopes/service-accounts answers, by name: its vendor's alone."""
    catalogue = catalogue or installed()
    sections = [section for section in catalogue.sections if section.publisher.key == PING]
    roots = sorted(
        (scope for section in sections for scope in section.scopes), key=lambda scope: scope.name
    )
    return [
        _published(scope, catalogue)
        for scope in roots
        if scope.parent is None and scope.published and not scope.restricted
    ]


def _published(scope: Scope, catalogue: Catalogue) -> PublishedScope:
    entry: PublishedScope = {"scope": scope.name, "description": scope.description}
    children = [child for child in catalogue.children(scope.name) if child.published]
    if children:
        entry["childScopes"] = [_published(child, catalogue) for child in children]
    return entry
