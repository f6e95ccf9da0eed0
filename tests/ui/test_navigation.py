"""People see in the navigation what they may open, and nothing else."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import include, path, resolve

from accounts.models import Identity
from console.ui import nav


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.path)


def slice_of(namespace: str, *names: str) -> object:
    paths = [path(f"{namespace}/{name}/", page, name=name) for name in names]
    return path("", include((paths, namespace)))


urlpatterns = [
    slice_of("overview", "show"),
    slice_of("service_accounts", "list", "mine", "detail"),
    slice_of("credentials", "regenerate"),
    slice_of("audit", "list"),
    slice_of("tenant", "settings", "global_settings"),
]
pytestmark = pytest.mark.urls(__name__)


def seen_by(person: Identity | AnonymousUser, at: str = "/overview/show/") -> dict[str, bool]:
    request = RequestFactory().get(at)
    request.user = person
    request.resolver_match = resolve(at)
    return {
        link["label"]: link["current"]
        for group in nav.navigation(request)
        for link in group["items"]
    }


def test_an_administrator_sees_all_that_is_installed(ada: Identity) -> None:
    expected = ["Overview", "Service accounts", "My service accounts", "Audit log"]
    expected += ["Tenant settings"]
    assert list(seen_by(ada)) == expected


def test_an_auditor_sees_the_audit_log(vera: Identity) -> None:
    assert "Audit log" in seen_by(vera)


def test_a_basic_user_sees_their_own_corner(mallory: Identity) -> None:
    assert list(seen_by(mallory)) == ["Overview", "My service accounts"]


def test_what_one_owns_is_current_on_its_page_and_for_who_sees_no_more_on_all(
    ada: Identity, mallory: Identity
) -> None:
    own, one = "/service_accounts/mine/", "/service_accounts/detail/"
    assert seen_by(ada, own)["My service accounts"]
    assert not seen_by(ada, own)["Service accounts"]
    assert not seen_by(ada, one)["My service accounts"]
    assert seen_by(ada, one)["Service accounts"]
    assert seen_by(mallory, one)["My service accounts"]


def test_nobody_sees_nothing() -> None:
    assert seen_by(AnonymousUser()) == {}


def test_a_disabled_person_sees_nothing(mallory: Identity) -> None:
    mallory.disabled_at = mallory.created_at
    mallory.forget_cached_rights()
    assert seen_by(mallory) == {}


@pytest.mark.parametrize("at", ["/service_accounts/detail/", "/credentials/regenerate/"])
def test_an_item_is_current_on_all_pages_of_its_slices(ada: Identity, at: str) -> None:
    assert [label for label, current in seen_by(ada, at).items() if current] == ["Service accounts"]


def test_global_settings_lead_to_the_service_accounts(ada: Identity) -> None:
    request = RequestFactory().get("/tenant/settings/")
    request.user = ada
    request.resolver_match = resolve("/tenant/settings/")
    links = {
        link["label"]: link["url"]
        for group in nav.settings_navigation(request)
        for link in group["items"]
    }
    assert links["Global Settings"] == "/tenant/global_settings/"
    assert links["Service Accounts"] == "/service_accounts/list/"
