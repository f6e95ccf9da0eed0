"""`displayName`: the preferred or first name, and the last name."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Evaluate,
    Node,
    PlainTransform,
    Run,
    Value,
)
from accounts.profiles.transforms.values import bounded, entering, text_of

PREFERRED: Final = "preferredName"
FIRST: Final = "firstname"
LAST: Final = "lastname"


class DisplayName(PlainTransform):
    type = "displayName"
    label = _lazy("Display name")
    description = _lazy(
        "Writes the identity's preferred name, or else its first name, and then its last name."
    )
    sample = {"type": "displayName"}

    def build(self, node: Node) -> Evaluate:
        node.uses.identity_attributes.update((PREFERRED, FIRST, LAST))
        path = node.path

        def read(run: Run, name: str) -> str:
            value = entering(run.subject.identity_attribute(name), path)
            return (text_of(value, path) or "").strip()

        def display_name(run: Run, _given: Value) -> Value:
            names = (read(run, PREFERRED) or read(run, FIRST), read(run, LAST))
            return bounded(" ".join(name for name in names if name), path) or None

        return display_name
