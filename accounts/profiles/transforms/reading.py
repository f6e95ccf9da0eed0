"""Reading a definition: its size, its shape, and its attributes as the type declares them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from django.utils.translation import gettext as _

from accounts.profiles.transforms.base import (
    MAX_DEFINITION,
    Attribute,
    Definition,
    Kind,
    Problem,
    TransformType,
)
from accounts.profiles.transforms.values import constant, shown

MAX_JSON_DEPTH: Final = 100
"""Objects and lists within one another; MAX_DEPTH transforms need less."""

KEYS: Final = frozenset({"name", "type", "attributes", "requiresPeriodicRefresh", "id", "internal"})
"""The last two stand in exports, and mean nothing here."""

VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

FOREIGN: Final = re.compile(
    r"\$!?\{?(?:identity|oldValue|attributeDefinition|application|field|current)\b"
    r"|#(?:set|foreach|parse|include|macro|define|evaluate)\s*\(",
    re.ASCII,
)
"""Velocity that SailPoint runs and we do not: it reads objects, or it is a program."""

Report: TypeAlias = Callable[[str, str], None]
"""Takes a path and a message."""


@dataclass(slots=True)
class Fields:
    """The attributes of one transform, sorted by what is to be done with them."""

    constants: dict[str, Any] = field(default_factory=dict)
    nested: dict[str, Definition] = field(default_factory=dict)
    lists: dict[str, list[object]] = field(default_factory=dict)
    variables: dict[str, object] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)


def size_problem(definition: object) -> Problem | None:
    """What makes it unfit to be looked at any closer; walks without recursion."""
    waiting: list[tuple[object, int]] = [(definition, 1)]
    size = 0
    while waiting:
        value, depth = waiting.pop()
        size += 2
        if isinstance(value, str):
            if not _storable(value):
                return Problem(
                    "$", _("Remove the character that no text may hold (U+0000 or half a pair).")
                )
            size += len(value.encode())
        elif isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            waiting += [(key, depth) for key in value]
            waiting += [(item, depth + 1) for item in value.values()]
        elif isinstance(value, list | tuple):
            waiting += [(item, depth + 1) for item in value]
        elif not (value is None or isinstance(value, bool | int | float)) or _endless(value):
            return Problem(
                "$", _("Write it as JSON: objects, lists, texts, numbers, true, false, null.")
            )
        if depth > MAX_JSON_DEPTH:
            return Problem("$", _("Nest less deeply: objects and lists lie more than 100 deep."))
        if size > MAX_DEFINITION:
            return Problem("$", _("Shorten it: a definition has at most 64 KiB."))
    return None


def _storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _endless(value: object) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) >= 10**18


def flag_of(value: object) -> bool | None:
    """JSON's booleans, and the texts that exports have in their place; None for anything else."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def number_of(value: object) -> int | None:
    """A whole number, or a text of digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,9}", value.strip()):
        return int(value)
    return None


def read_attributes(
    part: TransformType, attributes: Mapping[str, object], path: str, report: Report
) -> tuple[Fields, list[Problem]]:
    """The attributes as declared, and notices; what is wrong goes to `report`."""
    fields = Fields()
    notices: list[Problem] = []
    declared = {attribute.name: attribute for attribute in part.attributes}
    for attribute in part.attributes:
        place = f"{path}.attributes.{attribute.name}"
        value = attributes.get(attribute.name)
        if value is None:
            if attribute.required:
                report(place, _("This attribute is required: %(help)s") % {"help": attribute.help})
            elif attribute.default is not None:
                fields.constants[attribute.name] = attribute.default
            continue
        READERS[attribute.kind](attribute, value, place, fields, report)
        if not attribute.template:
            notices += _foreign(value, place)
    for name, value in attributes.items():
        if name not in declared and value is not None:
            _read_other(part, str(name), value, f"{path}.attributes.{name}", fields, report)
    return fields, notices


def _read_other(
    part: TransformType, name: str, value: object, place: str, fields: Fields, report: Report
) -> None:
    if name == "input":
        _value(Attribute(name, Kind.VALUE, ""), value, place, fields, report)
        if not part.variables:
            return
    if not part.variables:
        known = ", ".join(sorted({"input", *(attribute.name for attribute in part.attributes)}))
        report(
            place,
            _("“%(type)s” has no such attribute. It has: %(known)s.")
            % {"type": part.type, "known": known},
        )
    elif not VARIABLE.fullmatch(name):
        report(place, _("Name a variable with letters, digits, _ and -, a letter first."))
    elif isinstance(value, str | int | float | Mapping):
        fields.variables[name] = value
    else:
        report(place, _("Give a variable a text or a transform."))


def _text(attribute: Attribute, value: object, place: str, fields: Fields, report: Report) -> None:
    if not isinstance(value, str | int | float):
        report(place, _("Write a text: %(help)s") % {"help": attribute.help})
        return
    text = value if isinstance(value, str) else constant(value)
    if attribute.choices:
        choice = next((c for c in attribute.choices if c.lower() == text.lower()), None)
        if choice is None:
            report(
                place,
                _("“%(text)s” is none of: %(choices)s.")
                % {"text": shown(text), "choices": ", ".join(attribute.choices)},
            )
            return
        text = choice
    fields.constants[attribute.name] = text


def _number(
    attribute: Attribute, value: object, place: str, fields: Fields, report: Report
) -> None:
    number = number_of(value)
    if number is None:
        report(place, _("Write a whole number: %(help)s") % {"help": attribute.help})
    elif attribute.minimum is not None and number < attribute.minimum:
        report(place, _("Write %(least)d or more.") % {"least": attribute.minimum})
    elif attribute.maximum is not None and number > attribute.maximum:
        report(place, _("Write %(most)d or less.") % {"most": attribute.maximum})
    else:
        fields.constants[attribute.name] = number


def _boolean(
    attribute: Attribute, value: object, place: str, fields: Fields, report: Report
) -> None:
    flag = flag_of(value)
    if flag is None:
        report(place, _("Write true or false: %(help)s") % {"help": attribute.help})
    else:
        fields.constants[attribute.name] = flag


def _value(attribute: Attribute, value: object, place: str, fields: Fields, report: Report) -> None:
    if isinstance(value, Mapping):
        fields.nested[attribute.name] = value
    elif isinstance(value, str | int | float):
        fields.constants[attribute.name] = value if isinstance(value, str) else constant(value)
    else:
        report(place, _("Write a text or a transform in braces."))


def _number_or_value(
    attribute: Attribute, value: object, place: str, fields: Fields, report: Report
) -> None:
    reader = _value if isinstance(value, Mapping) else _number
    reader(attribute, value, place, fields, report)


def _values(
    attribute: Attribute, value: object, place: str, fields: Fields, report: Report
) -> None:
    if not isinstance(value, list | tuple):
        report(place, _("Write a list in brackets: %(help)s") % {"help": attribute.help})
        return
    for index, item in enumerate(value):
        if not (item is None or isinstance(item, str | int | float | Mapping)):
            report(f"{place}[{index}]", _("Write a text or a transform in braces."))
    fields.lists[attribute.name] = list(value)


def _texts(attribute: Attribute, value: object, place: str, fields: Fields, report: Report) -> None:
    items = value if isinstance(value, list | tuple) else [value]
    texts = [item for item in items if isinstance(item, str)]
    if not texts or len(texts) != len(items):
        report(place, _("Write a list of texts: %(help)s") % {"help": attribute.help})
    fields.constants[attribute.name] = texts


def _table(attribute: Attribute, value: object, place: str, fields: Fields, report: Report) -> None:
    if not isinstance(value, Mapping):
        report(place, _("Write pairs in braces: %(help)s") % {"help": attribute.help})
        return
    table: dict[str, str | None] = {}
    for key, item in value.items():
        if isinstance(item, str) or item is None:
            table[str(key)] = item
        elif isinstance(item, int | float):
            table[str(key)] = constant(item)
        else:
            report(f'{place}["{key}"]', _("Write a text; a table holds no transforms."))
    fields.constants[attribute.name] = table


def _reference(
    attribute: Attribute, value: object, place: str, fields: Fields, report: Report
) -> None:
    if isinstance(value, str):
        fields.references[attribute.name] = value
    else:
        report(place, _("Write the name of a transform."))


READERS: Final[dict[Kind, Callable[[Attribute, object, str, Fields, Report], None]]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.VALUE: _value,
    Kind.NUMBER_OR_VALUE: _number_or_value,
    Kind.VALUES: _values,
    Kind.TEXTS: _texts,
    Kind.TABLE: _table,
    Kind.REFERENCE: _reference,
}


def _foreign(value: object, place: str) -> list[Problem]:
    """A notice for each text in which Velocity would have done what is not done here."""
    texts = value if isinstance(value, list | tuple) else [value]
    found = (FOREIGN.search(text) for text in texts if isinstance(text, str))
    message = _("“%(text)s” stays as it is written: templates read no objects here.")
    return [Problem(place, message % {"text": shown(m.group())}) for m in found if m]
