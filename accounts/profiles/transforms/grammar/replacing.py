"""One replacement of a pattern, by the quickest way that is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from django.utils.translation import gettext as _

from accounts.profiles.transforms.base import Node, Run
from accounts.profiles.transforms.grammar.java_regex import (
    BadPattern,
    Replacement,
    literal_of,
    pattern_of,
    replacement_of,
)
from accounts.profiles.transforms.values import LONG, check_length

Replacer: TypeAlias = Callable[[str, Run], str]


def replacer_of(node: Node, regex: str, replacement: str, *, at: tuple[str, str]) -> Replacer:
    """How to replace every match of `regex`; `at` names the attributes of both.

    Raises:
        Refused: one of them cannot be used.
    """
    if not regex:
        node.refuse(_("Write a regular expression: an empty one fits everywhere."), at=at[0])
    literal = literal_of(regex)
    if literal is not None:
        parts = _replacement(node, replacement, 0, {}, at=at[1]).parts
        if all(isinstance(part, str) for part in parts):
            return _plainly(literal, "".join(map(str, parts)), node.path)
    pattern, path = pattern_of(node, regex, at=at[0]), node.path
    filled = _replacement(node, replacement, pattern.groups, pattern.group_names, at=at[1])
    return lambda text, run: filled.replace(pattern, text, run, path)


def _replacement(
    node: Node, source: str, groups: int, names: dict[str, int], *, at: str
) -> Replacement:
    try:
        return replacement_of(source, groups, names)
    except BadPattern as error:
        node.refuse(str(error), at=at)


def _plainly(wanted: str, replacement: str, path: str) -> Replacer:
    growth = len(replacement) - len(wanted)

    def replace(text: str, run: Run) -> str:
        if len(text) > LONG:
            run.check_time(path)
        if growth > 0:
            check_length(len(text) + growth * text.count(wanted), path)
        return text.replace(wanted, replacement)

    return replace
