"""What an editor tells about the types: words, attributes, and a sample to start from."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms import transform_types
from accounts.profiles.transforms.base import Attribute, Definition, Kind, TransformType

KINDS: dict[Kind, str | Promise] = {
    Kind.TEXT: _lazy("text"),
    Kind.NUMBER: _lazy("whole number"),
    Kind.BOOLEAN: _lazy("true or false"),
    Kind.VALUE: _lazy("text or transform"),
    Kind.NUMBER_OR_VALUE: _lazy("whole number or transform"),
    Kind.VALUES: _lazy("list of texts and transforms"),
    Kind.TEXTS: _lazy("list of texts"),
    Kind.TABLE: _lazy("pairs of texts"),
    Kind.REFERENCE: _lazy("name of a transform"),
}


@dataclass(frozen=True, slots=True)
class AttributeDescription:
    """One attribute, in words."""

    name: str
    kind: str
    required: bool
    default: str
    choices: tuple[str, ...]
    help: str


@dataclass(frozen=True, slots=True)
class Description:
    """One type, or one operation of the type `rule`, in words."""

    key: str
    type: str
    operation: str
    label: str
    description: str
    attributes: tuple[AttributeDescription, ...]
    variables: bool
    """Whether other attributes may be declared, for `$name` to stand for."""
    sample: Definition
    sample_json: str


def describe() -> list[Description]:
    """All types in the order of their registration, in the language of the reader."""
    return [_description(key, part) for key, part in transform_types.items()]


def _description(key: str, part: TransformType) -> Description:
    given = Attribute(
        "input",
        Kind.VALUE,
        _("What to work on; without it, the attribute that the mapping names."),
    )
    return Description(
        key=key,
        type=part.type,
        operation=part.operation,
        label=str(part.label),
        description=str(part.description),
        attributes=tuple(_attribute(a) for a in (*part.attributes, given)),
        variables=part.variables,
        sample=part.sample,
        sample_json=json.dumps(part.sample, indent=2, ensure_ascii=False),
    )


def _attribute(attribute: Attribute) -> AttributeDescription:
    default = "" if attribute.default is None else json.dumps(attribute.default)
    return AttributeDescription(
        name=attribute.name,
        kind=str(KINDS[attribute.kind]),
        required=attribute.required,
        default=default,
        choices=attribute.choices,
        help=str(attribute.help),
    )
