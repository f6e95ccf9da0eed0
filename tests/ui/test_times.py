"""Times are said relative to now, exactly with their zone, and for machines in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from console.ui import times

pytestmark = pytest.mark.sqlite

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=3, hours=5), "3 days ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=30), "1 month ago"),
        (timedelta(days=400), "1 year ago"),
        (-timedelta(seconds=30), "in less than a minute"),
        (-timedelta(days=6, hours=23), "in 6 days"),
        (-timedelta(days=730), "in 2 years"),
        (timedelta(hours=2, minutes=59), "2 hours ago"),
        (-timedelta(days=29, hours=23, minutes=59), "in 30 days"),
        (-timedelta(days=30), "in 1 month"),
        (-timedelta(days=29, hours=22), "in 29 days"),
        (-timedelta(days=1, hours=12), "in 1 day"),
        (-timedelta(hours=23, minutes=59, seconds=59), "in 24 hours"),
        (-timedelta(hours=1, minutes=59), "in 2 hours"),
        (-timedelta(hours=1, minutes=30), "in 1 hour"),
        (-timedelta(minutes=1, seconds=59), "in 2 minutes"),
        (-timedelta(days=364, hours=23), "in 12 months"),
    ],
)
def test_relative_words_count_whole_units(ago: timedelta, words: str) -> None:
    assert times.relative(NOW - ago, NOW) == words


def test_an_exact_time_names_its_zone() -> None:
    assert times.exact(NOW) == "22 Nov 2026, 12:00 UTC"
    with timezone.override("Europe/Berlin"):
        assert times.exact(NOW) == "22 Nov 2026, 13:00 CET"


def test_the_machine_time_is_utc_whatever_the_zone() -> None:
    with timezone.override("Asia/Tokyo"):
        assert times.machine(timezone.localtime(NOW)) == "2026-11-22T12:00:00Z"


def test_a_time_that_never_came_is_said_in_words() -> None:
    template = Template(
        '{% load ui %}{% when at missing="Never used" %}|{% exact at "No expiry" %}'
    )
    assert template.render(Context({"at": None})) == "Never used|No expiry"


def test_a_relative_time_carries_the_exact_one() -> None:
    at = timezone.now() - timedelta(days=3)
    page = Template("{% load ui %}{% when at %}").render(Context({"at": at}))
    assert page == (
        f'<time datetime="{times.machine(at)}" title="{times.exact_to_the_second(at)}"'
        " data-relative>3 days ago</time>"
    )
