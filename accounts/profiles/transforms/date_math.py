"""`dateMath`: a date moved and rounded."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

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
from accounts.profiles.transforms.values import text_of

MAX_STEPS: Final = 50
"""Additions and roundings of one expression."""

STEP: Final = re.compile(
    r"(?P<sign>[+-])(?P<count>[0-9]{1,6})(?P<unit>[yMwdhms])|/(?P<round>[yMwdhms])"
)

SECONDS: Final = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}

UNITS: Final = "yMdhms"
"""From the coarsest to the finest."""

START: Final = (1, 1, 1, 0, 0, 0)
"""Where each of them begins."""

Step: TypeAlias = Callable[[datetime], datetime]


class DateMath(PlainTransform):
    type = "dateMath"
    label = _lazy("Date math")
    description = _lazy(
        "Adds to a date of ISO 8601 or to now, takes away, and rounds; the answer has minutes, "
        "as 2030-12-31T23:59."
    )
    attributes = (
        Attribute(
            "expression",
            Kind.TEXT,
            _lazy("As now+1y-3d/h: units y M w d h m s, rounding with /."),
            required=True,
        ),
        Attribute(
            "roundUp",
            Kind.BOOLEAN,
            _lazy("Whether rounding goes on to the next unit; it always does then."),
            default=False,
        ),
    )
    sample = {
        "type": "dateMath",
        "attributes": {"expression": "now+90d/d"},
    }

    def build(self, node: Node) -> Evaluate:
        read, path = node.input, node.path
        from_now, steps = _steps(node)
        node.uses.now = node.uses.now or from_now

        def calculate(run: Run, given: Value) -> Value:
            if from_now:
                moment = run.subject.now
            else:
                text = text_of(read(run, given), path)
                if text is None:
                    return None
                try:
                    moment = run.subject.now if text.lower() == NOW else read_iso(text)
                except Unreadable as error:
                    raise node.error(str(error)) from None
            try:
                for step in steps:
                    moment = step(moment)
            except (OverflowError, ValueError):
                raise node.error(_("The date leaves the years 1 to 9999.")) from None
            return f"{moment.year:04}{moment:-%m-%dT%H:%M}"

        return calculate


def _steps(node: Node) -> tuple[bool, list[Step]]:
    """Whether the expression starts from now, and what it does then."""
    source = "".join(node.text("expression").split())
    from_now = source.startswith(NOW)
    position = len(NOW) if from_now else 0
    steps: list[Step] = []
    while position < len(source):
        match = STEP.match(source, position)
        if match is None or len(steps) == MAX_STEPS:
            node.refuse(
                _(
                    "This expression cannot be read from position %(position)d on. Write now or "
                    "nothing, then steps like +1y, -3d or /h, with the units y M w d h m s."
                )
                % {"position": position + 1},
                at="expression",
            )
        position = match.end()
        steps.append(_rounding(node, match["round"]) if match["round"] else _moving(match))
    return from_now, steps


def _moving(match: re.Match[str]) -> Step:
    count = int(match["sign"] + match["count"])
    unit = match["unit"]
    if unit in SECONDS:
        distance = timedelta(seconds=count * SECONDS[unit])
        return lambda moment: moment + distance
    months = count * 12 if unit == "y" else count
    return lambda moment: _add_months(moment, months)


def _add_months(moment: datetime, months: int) -> datetime:
    """Months on; the last day of a shorter month stands for those that it has not."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    last = monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _rounding(node: Node, unit: str) -> Step:
    if unit == "w":
        node.refuse(_("Weeks cannot be rounded to: round to d."), at="expression")
    if not node.flag("roundUp"):
        return lambda moment: _start_of(unit, moment)
    if unit in SECONDS:
        distance = timedelta(seconds=SECONDS[unit])
        return lambda moment: _start_of(unit, moment) + distance
    months = 12 if unit == "y" else 1
    return lambda moment: _add_months(_start_of(unit, moment), months)


def _start_of(unit: str, moment: datetime) -> datetime:
    kept = UNITS.index(unit) + 1
    year, month, day, hour, minute, second = moment.timetuple()[:kept] + START[kept:]
    return datetime(year, month, day, hour, minute, second, tzinfo=moment.tzinfo)
