"""`static`: a fixed text, or a template over declared variables."""

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
from accounts.profiles.transforms.grammar.template import Variables, template_of
from accounts.profiles.transforms.values import constantly


class Static(PlainTransform):
    type = "static"
    label = _lazy("Static")
    description = _lazy(
        "Answers a fixed text, in which $name stands for a variable declared beside it and "
        "#if($name == 'text')…#else…#end chooses."
    )
    attributes = (Attribute("value", Kind.TEXT, _lazy("The text."), required=True, template=True),)
    variables = True
    sample = {
        "type": "static",
        "attributes": {
            "kind": {
                "type": "accountAttribute",
                "attributes": {"sourceName": "Service Accounts", "attributeName": "kind"},
            },
            "value": "#if($!kind == 'batch')Runs at night#{else}Runs by day#end",
        },
    }

    def build(self, node: Node) -> Evaluate:
        template = template_of(node, node.text("value"), at="value")
        if template.constant is not None:
            return constantly(template.constant)
        variables, path = node.variables, node.path

        def render(run: Run, given: Value) -> Value:
            return template.render(Variables(variables, run, given, path))

        return render
