"""Details of events are shown in the words of the pages."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

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
