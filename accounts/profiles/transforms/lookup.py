"""`lookup`: the text that a table has for another."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
)
from accounts.profiles.transforms.values import on_text, shown


class Lookup(PlainTransform):
    type = "lookup"
    label = _lazy("Lookup")
    description = _lazy(
        "Answers what a table has for the input, else what it has for the key “default”; without "
        "that key, an input that the table has not is an error."
    )
    attributes = (
        Attribute(
            "table", Kind.TABLE, _lazy("Each input with its answer, and “default”."), required=True
        ),
    )
    sample = {
        "type": "lookup",
        "attributes": {"table": {"prd": "Production", "tst": "Test", "default": "Unknown"}},
    }

    def build(self, node: Node) -> Evaluate:
        table = node.table("table")
        if "default" in table:
            default = table["default"]
            return on_text(node, lambda text: table.get(text, default))

        def look_up(text: str) -> str | None:
            if text in table:
                return table[text]
            raise node.error(
                _("The table has no key “%(text)s”: add it, or a key “default”.")
                % {"text": shown(text)}
            )

        return on_text(node, look_up)
