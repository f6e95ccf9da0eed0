"""One event, whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.audit import record
from accounts.audit.context import RequestFacts, request_facts
from accounts.models import Event, Identity

SignedIn = Callable[[Identity], Client]


def test_an_event_tells_everything(client_of: SignedIn, vera: Identity, refusal: Event) -> None:
    answer = client_of(vera).get(f"/audit/{refusal.pk}/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "audit01 was refused an access token" in page
    for text in ("token.refused", "feedc0de", "exp has passed.", "198.51.100.9", "curl/8.5"):
        assert text in page


def test_what_happened_in_the_same_request_is_listed(
    client_of: SignedIn, ada: Identity, refusal: Event
) -> None:
    with request_facts(RequestFacts("198.51.100.9", "curl/8.5", "feedc0de")):
        record("key.stored", by=ada, subject=ada)
    page = client_of(ada).get(f"/audit/{refusal.pk}/").content.decode()
    assert "In the same request" in page
    assert "ada confirmed that key" in page


@pytest.mark.parametrize("number", [0, 999_999, 10**30])
def test_there_is_no_such_event(client_of: SignedIn, ada: Identity, number: int) -> None:
    assert client_of(ada).get(f"/audit/{number}/").status_code == 404
