"""Details of events are shown in the words of the pages."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from accounts.audit import record
from accounts.identities import actions
from accounts.models import Event, Identity
from console.ui.events import shown
from tests.factories import make_account
from tests.oauth.holder import Holder


def test_levels_are_shown_by_their_labels(
    client_of: Callable[[Identity], Client], ada: Identity, otto: Identity
) -> None:
    actions.set_levels(by=ada, identity=otto, levels=["admin"], at=timezone.now())
    event = Event.objects.newest_first().filter(action="identity.levels_changed")[0]
    page = client_of(ada).get(f"/audit/{event.pk}/").content.decode()
    assert "Admin" in page
    assert "<ins>admin</ins>" not in page
    assert shown("levels", ["gone"]) == "gone"


def test_routes_are_shown_as_addresses() -> None:
    yearly = r"^(?P<version>v3|beta|v2025)/sources/(?P<id>[^/]+)/accounts\Z"
    assert shown("route", yearly) == "/<version>/sources/<id>/accounts"
    assert shown("route", r"^sources/v1\Z") == "/sources/v1"
    assert (
        shown("route", "service-accounts/<uuid:account_id>/") == "/service-accounts/<account_id>/"
    )
    assert shown("route", "openidm/managed/svcacct") == "/openidm/managed/svcacct"


def test_a_refused_call_is_told_in_a_sentence(db: None) -> None:
    holder = Holder(make_account())
    assert holder.get("/openidm/managed/svcacct").status_code == 403
    event = Event.objects.get(action="api.refused")
    assert event.reason == (
        "It asked for the list of service accounts (GET); programs may only read their own record."
    )


def test_kinds_and_times_of_requests_are_told_in_words() -> None:
    assert shown("kind", "longer_life") == "Later end date"
    assert shown("kind", "gone") == "gone"
    assert shown("until", "2026-12-05T23:59:59+00:00") == "5 Dec 2026, 23:59 UTC"


def test_a_service_account_that_is_called_like_a_person_is_told_apart(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    account = make_account("ada").account
    record("service_account.edited", by=ada, subject=account, at=timezone.now())
    record("identity.edited", by=ada, subject=ada, at=timezone.now())
    browser = client_of(ada)
    its, theirs = (
        browser.get(f"/audit/{Event.objects.get(action=action).pk}/").content.decode()
        for action in ("service_account.edited", "identity.edited")
    )
    assert '<span class="muted">service account</span>' in its
    assert '<span class="muted">service account</span>' not in theirs
