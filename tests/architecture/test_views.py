"""Every view names who may open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.authorization.permissions import Permission

pytestmark = pytest.mark.sqlite


def views(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Each address with its view."""
    for pattern in resolver.url_patterns:
        address = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from views(pattern, address)
        elif isinstance(pattern, URLPattern):
            yield address, pattern.callback


ALL = list(views(get_resolver()))
PAGES = [(address, view) for address, view in ALL if not address.startswith(settings.MACHINE_PATHS)]
MACHINES = [(address, view) for address, view in ALL if address.startswith(settings.MACHINE_PATHS)]


@pytest.mark.parametrize(("address", "view"), PAGES, ids=[address for address, _ in PAGES])
def test_a_page_names_its_permission_or_is_marked_as_public(
    address: str, view: Callable[..., Any]
) -> None:
    access = getattr(view, "access", None)
    assert access is not None, f"{address}: use @requires or @public of console.ui.access"
    assert access in ("public", "signed in") or access in list(Permission)
    # what may be seen without signing in is exactly what is marked so
    assert getattr(view, "login_required", True) is (access != "public")


@pytest.mark.parametrize(("address", "view"), MACHINES, ids=[address for address, _ in MACHINES])
def test_a_programs_view_asks_for_no_cookie(address: str, view: Callable[..., Any]) -> None:
    """A program brings its proof with the request; the full middleware must not ask for more."""
    assert getattr(view, "csrf_exempt", False), f"{address}: use @csrf_exempt"
    assert getattr(view, "login_required", True) is False, f"{address}: use @login_not_required"


def test_views_are_functions() -> None:
    classes = [address for address, view in ALL if hasattr(view, "view_class")]
    assert classes == []
