"""`firstValid`: the first value that there is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
    Run,
    TransformError,
    TransformTooCostly,
    Value,
)


class FirstValid(PlainTransform):
    type = "firstValid"
    label = _lazy("First valid")
    description = _lazy(
        "Takes the first of several values that is there; an empty text is there, too."
    )
    attributes = (
        Attribute(
            "values", Kind.VALUES, _lazy("Texts and transforms, the best first."), required=True
        ),
        Attribute(
            "ignoreErrors",
            Kind.BOOLEAN,
            _lazy("Whether a value that cannot be calculated counts as missing."),
            default=False,
        ),
    )
    sample = {
        "type": "firstValid",
        "attributes": {
            "values": [
                {
                    "type": "accountAttribute",
                    "attributes": {"sourceName": "Service Accounts", "attributeName": "purpose"},
                },
                "not stated",
            ]
        },
    }

    def build(self, node: Node) -> Evaluate:
        values = node.lists["values"]

        def first(run: Run, given: Value) -> Value:
            for value in values:
                result = value(run, given)
                if result is not None and result != []:
                    return result
            return None

        def first_without_error(run: Run, given: Value) -> Value:
            for value in values:
                try:
                    result = value(run, given)
                except TransformTooCostly:
                    raise
                except TransformError:
                    continue
                if result is not None and result != []:
                    return result
            return None

        return first_without_error if node.flag("ignoreErrors") else first
