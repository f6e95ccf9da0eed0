"""`conditional`: one of two values, by whether two texts are the same."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _
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
from accounts.profiles.transforms.grammar.template import Template, Variables, template_of

OPERATOR: Final = re.compile(r"\seq\s")


class Conditional(PlainTransform):
    type = "conditional"
    label = _lazy("Conditional")
    description = _lazy(
        "Compares two texts, capitals and small letters apart, and answers one of two values."
    )
    attributes = (
        Attribute(
            "expression",
            Kind.TEXT,
            _lazy("“A eq B”, where $name stands for a variable declared beside it."),
            required=True,
            template=True,
        ),
        Attribute(
            "positiveCondition",
            Kind.VALUE,
            _lazy("The answer if they are the same."),
            required=True,
            template=True,
        ),
        Attribute(
            "negativeCondition",
            Kind.VALUE,
            _lazy("The answer if they differ."),
            required=True,
            template=True,
        ),
    )
    variables = True
    sample = {
        "type": "conditional",
        "attributes": {
            "expression": "$environment eq production",
            "positiveCondition": "critical",
            "negativeCondition": "ordinary",
            "environment": {
                "type": "firstValid",
                "attributes": {
                    "values": [
                        {"type": "identityAttribute", "attributes": {"name": "environment"}},
                        "unknown",
                    ]
                },
            },
        },
    }

    def build(self, node: Node) -> Evaluate:
        sides = OPERATOR.split(node.text("expression"))
        if len(sides) != 2 or not all(side.strip() for side in sides):
            node.refuse(
                _("Write the expression as “A eq B”: eq is the only comparison, and stands once."),
                at="expression",
            )
        left, right = (template_of(node, side.strip(), at="expression") for side in sides)
        positive = _answer(node, "positiveCondition")
        negative = _answer(node, "negativeCondition")
        readers, path = node.variables, node.path

        def choose(run: Run, given: Value) -> Value:
            variables = Variables(readers, run, given, path)
            same = left.render(variables) == right.render(variables)
            answer = positive if same else negative
            if isinstance(answer, Template):
                return answer.render(variables)
            return answer(run, given)

        return choose


def _answer(node: Node, name: str) -> Template | Evaluate:
    nested = node.nested.get(name)
    return nested or template_of(node, node.text(name), at=name)
