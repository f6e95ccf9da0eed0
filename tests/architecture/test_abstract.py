"""What an inheriting class has to write is abstract: forgotten, it shows at once and by name."""

from __future__ import annotations

import re

import pytest

from console.management.acts import ActsCommand
from console.ui.exports import ExportForm
from tests.architecture.sources import PROJECT

pytestmark = pytest.mark.sqlite

APPS = ("accounts", "console", "tokens")


def test_nothing_is_left_to_fail_when_it_is_called() -> None:
    sources = [path for app in APPS for path in (PROJECT / app).rglob("*.py")]
    assert not [p for p in sources if re.search(r"raise NotImplementedError", p.read_text())]


@pytest.mark.parametrize(("kind", "left_open"), [(ActsCommand, "add_acts"), (ExportForm, "read")])
def test_no_object_is_made_of_what_is_left_open(kind: type[object], left_open: str) -> None:
    with pytest.raises(TypeError, match=left_open):
        kind()
