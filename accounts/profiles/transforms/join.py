"""`join`: values with a separator between them."""

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
from accounts.profiles.transforms.values import check_length


class Join(PlainTransform):
    type = "join"
    label = _lazy("Join")
    description = _lazy(
        "Writes values with a separator between them: those of a list, and each of an attribute "
        "that holds several; what has no value is left out."
    )
    attributes = (
        Attribute("values", Kind.VALUES, _lazy("Texts and transforms, in order."), required=True),
        Attribute("separator", Kind.TEXT, _lazy("What stands between them."), default=","),
    )
    sample = {
        "type": "join",
        "attributes": {"values": ["payments", "nightly"], "separator": "-"},
    }

    def build(self, node: Node) -> Evaluate:
        values, path, separator = node.lists["values"], node.path, node.text("separator")

        def join(run: Run, given: Value) -> Value:
            texts: list[str] = []
            length = 0
            for value in values:
                result = value(run, given)
                if result is None:
                    continue
                added = [result] if isinstance(result, str) else result
                texts += added
                length += sum(map(len, added))
                check_length(length + len(separator) * max(0, len(texts) - 1), path)
            return separator.join(texts)

        return join
