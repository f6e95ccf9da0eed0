"""`dateCompare`: one of two values, by which of two dates is the earlier."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime
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
from accounts.profiles.transforms.grammar.dates import NOW, Unreadable, read_iso
from accounts.profiles.transforms.values import constantly, text_of

OPERATORS: Final[dict[str, Callable[[datetime, datetime], bool]]] = {
    "LT": operator.lt,
    "LTE": operator.le,
    "GT": operator.gt,
    "GTE": operator.ge,
}


class DateCompare(PlainTransform):
    type = "dateCompare"
    label = _lazy("Date compare")
    description = _lazy("Compares two dates of ISO 8601, or now, and answers one of two values.")
    attributes = (
        Attribute("firstDate", Kind.VALUE, _lazy("A date, or now."), required=True),
        Attribute("secondDate", Kind.VALUE, _lazy("A date, or now."), required=True),
        Attribute(
            "operator",
            Kind.TEXT,
            _lazy("LT (before), LTE, GT (after) or GTE."),
            required=True,
            choices=tuple(OPERATORS),
        ),
        Attribute("positiveCondition", Kind.VALUE, _lazy("The answer if so."), required=True),
        Attribute("negativeCondition", Kind.VALUE, _lazy("The answer if not."), required=True),
    )
    sample = {
        "type": "dateCompare",
        "attributes": {
            "firstDate": {
                "type": "accountAttribute",
                "attributes": {"sourceName": "Service Accounts", "attributeName": "end date"},
            },
            "secondDate": "now",
            "operator": "gt",
            "positiveCondition": "active",
            "negativeCondition": "ended",
        },
    }

    def build(self, node: Node) -> Evaluate:
        first, second = _date(node, "firstDate"), _date(node, "secondDate")
        compare = OPERATORS[node.text("operator")]
        positive, negative = _answer(node, "positiveCondition"), _answer(node, "negativeCondition")

        def choose(run: Run, given: Value) -> Value:
            holds = compare(first(run, given), second(run, given))
            return (positive if holds else negative)(run, given)

        return choose


def _answer(node: Node, name: str) -> Evaluate:
    return node.nested.get(name) or constantly(node.text(name))


def _date(node: Node, name: str) -> Callable[[Run, Value], datetime]:
    nested = node.nested.get(name)
    if nested is None:
        text = node.text(name)
        if text.lower() == NOW:
            node.uses.now = True
            return lambda run, _given: run.subject.now
        try:
            fixed = read_iso(text)
        except Unreadable as error:
            node.refuse(str(error), at=name)
        return lambda _run, _given: fixed

    def read(run: Run, given: Value) -> datetime:
        text = text_of(nested(run, given), node.path)
        if not text:
            raise node.error(_("“%(name)s” has no value to compare.") % {"name": name})
        if text.lower() == NOW:
            return run.subject.now
        try:
            return read_iso(text)
        except Unreadable as error:
            raise node.error(str(error)) from None

    return read
