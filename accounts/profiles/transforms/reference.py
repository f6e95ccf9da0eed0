"""`reference`: what another transform answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
    Run,
    Value,
)


class Reference(PlainTransform):
    type = "reference"
    label = _lazy("Reference")
    description = _lazy(
        "Answers what another transform answers, so that one definition serves many."
    )
    attributes = (
        Attribute("id", Kind.REFERENCE, _lazy("The name of the transform."), required=True),
    )
    sample = {
        "type": "reference",
        "attributes": {"id": "Display name of a service account"},
    }

    def build(self, node: Node) -> Evaluate:
        target, read = node.nested["id"], node.nested.get("input")
        if read is None:
            return target

        def refer(run: Run, given: Value) -> Value:
            return target(run, read(run, given))

        return refer
