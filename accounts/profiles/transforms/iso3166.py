"""`iso3166`: the code of a country."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
)
from accounts.profiles.transforms.data.countries import country
from accounts.profiles.transforms.values import on_text

FORMATS: Final = ("alpha2", "alpha3", "numeric")

MAX_NAME: Final = 200
"""Characters; no country is called so."""


class Iso3166(PlainTransform):
    type = "iso3166"
    label = _lazy("ISO 3166 country")
    description = _lazy(
        "Answers the code of a country from its name or another code; what is no country has no "
        "value."
    )
    attributes = (
        Attribute(
            "format",
            Kind.TEXT,
            _lazy("Two letters (alpha2), three (alpha3) or digits (numeric)."),
            default="alpha2",
            choices=FORMATS,
        ),
    )
    sample = {"type": "iso3166", "attributes": {"format": "alpha3"}}

    def build(self, node: Node) -> Evaluate:
        position = FORMATS.index(node.text("format"))

        def convert(text: str) -> str | None:
            found = country(text) if len(text) <= MAX_NAME else None
            return found[position] if found else None

        return on_text(node, convert)
