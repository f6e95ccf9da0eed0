"""Numbers to the geometry of small charts; the templates in `components/` draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SPARKLINE_WIDTH = 96
SPARKLINE_HEIGHT = 24


@dataclass(frozen=True)
class Bar:
    """One bar. Its place is percent of the plot, as text, so that no locale puts a comma in it."""

    label: str
    value: float
    x: str
    y: str
    width: str
    height: str


def sparkline_points(values: Sequence[float]) -> str:
    """The `points` of a polyline, zero at the bottom, with room for half a stroke all round."""
    if not values:
        return ""
    top = max(max(values), 1)
    step = (SPARKLINE_WIDTH - 2) / max(len(values) - 1, 1)
    room = SPARKLINE_HEIGHT - 2
    return " ".join(
        f"{1 + index * step:.1f},{1 + room - room * value / top:.1f}"
        for index, value in enumerate(values)
    )


def bars(rows: Sequence[tuple[str, float]]) -> list[Bar]:
    """Bars that share the width, with a fifth of it between them."""
    if not rows:
        return []
    top = scale_top(rows)
    slot = 100 / len(rows)
    return [
        Bar(
            label=label,
            value=value,
            x=f"{index * slot + slot * 0.1:.2f}%",
            y=f"{100 - 100 * value / top:.2f}%",
            width=f"{slot * 0.8:.2f}%",
            height=f"{100 * value / top:.2f}%",
        )
        for index, (label, value) in enumerate(rows)
    ]


def scale_top(rows: Sequence[tuple[str, float]]) -> int:
    """The round number at the top of the axis: one digit and zeros, little above the largest."""
    largest = max((value for _label, value in rows), default=0)
    power = 1
    while True:
        for factor in (1, 2, 3, 4, 5, 6, 8):
            if factor * power >= largest:
                return factor * power
        power *= 10
