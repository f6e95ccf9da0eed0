"""Charts are plain SVG with a table behind them."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils import translation

from console.ui import charts

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("largest", "top"), [(0, 1), (1, 1), (7, 8), (9, 10), (41, 50), (1169, 2000), (8000, 8000)]
)
def test_the_axis_ends_at_a_round_number(largest: int, top: int) -> None:
    assert charts.scale_top([("a", largest)]) == top


def test_the_largest_bar_is_as_high_as_its_share_of_the_axis() -> None:
    low, high = charts.bars([("Mon", 0), ("Tue", 10)])
    assert (low.height, low.y) == ("0.00%", "100.00%")
    assert (high.height, high.y) == ("100.00%", "0.00%")
    assert (low.x, high.x, high.width) == ("5.00%", "55.00%", "40.00%")


def test_no_rows_make_no_bars() -> None:
    assert charts.bars([]) == []
    assert charts.sparkline_points([]) == ""


def test_a_sparkline_of_nothing_but_zeros_lies_at_the_bottom() -> None:
    assert charts.sparkline_points([0, 0]) == "1.0,23.0 95.0,23.0"


def test_every_number_stands_in_the_table_too() -> None:
    rows = [("Mon", 1200), ("Tue", 3)]
    template = Template('{% load ui %}{% bar_chart rows caption="Tokens" id="tokens" %}')
    page = template.render(Context({"rows": rows}))
    assert '<th scope="row">Mon</th><td class="numeric">1,200</td>' in page
    assert "<figcaption>Tokens</figcaption>" in page


def test_no_language_puts_a_comma_into_the_drawing() -> None:
    template = Template('{% load ui %}{% bar_chart rows caption="c" id="i" %}')
    with translation.override("de"):
        page = template.render(Context({"rows": [("a", 1), ("b", 3), ("c", 2)]}))
    assert 'x="3.33%"' in page
    assert 'height="66.67%"' in page
