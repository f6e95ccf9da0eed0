"""Pages for what went wrong say what happened and what to do, also when nothing else works."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

pytestmark = pytest.mark.sqlite

PAGES = ["400", "403", "404", "413", "429", "500", "503", "507", "csrf"]


@pytest.mark.parametrize("name", PAGES)
def test_it_needs_no_context_and_leads_on(name: str) -> None:
    page = render_to_string(f"errors/{name}.html")
    assert page.count("<h1>") == 1
    assert '<a class="button primary" href="/">' in page
    assert '<html lang="en"' in page


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "403_csrf"])
def test_django_finds_it_under_its_own_name(name: str) -> None:
    assert "<h1>" in render_to_string(f"{name}.html")


def test_the_reference_is_what_an_administrator_looks_for() -> None:
    assert "<code>req-1</code>" in render_to_string("errors/500.html", {"request_id": "req-1"})
