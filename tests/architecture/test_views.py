"""Every view names who may open it."""

from __future__ import annotations

import pytest
from django.urls import get_resolver

from accounts.authorization.permissions import Permission
from tests.addresses import machines, pages, views

pytestmark = pytest.mark.sqlite


def test_a_page_names_its_permission_or_is_marked_as_public() -> None:
    """Use `@requires` or `@public` of `console.ui.access`."""
    marks = ("public", "signed in", *Permission)
    assert [
        address for address, view in pages() if getattr(view, "access", None) not in marks
    ] == []


def test_what_may_be_seen_without_signing_in_is_what_is_marked_so() -> None:
    wrong = [
        address
        for address, view in pages()
        if getattr(view, "login_required", True) is (getattr(view, "access", None) == "public")
    ]
    assert wrong == []


def test_a_programs_view_asks_for_no_cookie() -> None:
    """A program brings its proof along; the full middleware must not ask it for more.

    Use `@csrf_exempt` and `@login_not_required`.
    """
    found = machines()
    assert found
    assert [address for address, view in found if not getattr(view, "csrf_exempt", False)] == []
    assert [address for address, view in found if getattr(view, "login_required", True)] == []


def test_views_are_functions() -> None:
    found = [a for a, view in views(get_resolver()) if hasattr(view, "view_class")]
    assert found == []
