"""Contract section 1.3."""

from __future__ import annotations

import pytest

from accounts.audit.models import Event
from tests.oauth.holder import LEFT_OUT, Holder

pytestmark = pytest.mark.django_db


def test_the_answer_is_what_the_vendor_answers(holder: Holder) -> None:
    answer = holder.ask()
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access_token", "scope", "token_type", "expires_in"}
    assert set(body["scope"].split()) == {"fr:am:*", "fr:idm:*"}
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 899


def test_nobody_on_the_way_keeps_the_answer(holder: Holder) -> None:
    headers = holder.ask().headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Pragma"] == "no-cache"
    assert headers["Content-Type"] == "application/json;charset=UTF-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers


def test_the_answer_says_how_long_it_is(holder: Holder) -> None:
    answer = holder.ask()
    assert answer.headers["Content-Length"] == str(len(answer.content))


def test_the_second_address_is_the_same_service(holder: Holder) -> None:
    answer = holder.post(
        f"assertion={holder.assertion()}&client_id=service-account&scope=fr:am:*"
        "&grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer",
        path="/oauth/token",
    )
    assert answer.status_code == 200


def test_the_event_says_who_with_which_key_and_for_what(holder: Holder) -> None:
    holder.ask(scope="fr:idm:*")
    event = Event.objects.get(action="token.issued")
    assert (event.actor_id, event.actor_kind) == (holder.id, "service")
    assert (event.subject_type, event.subject_id) == ("service_account", holder.id)
    assert event.detail["scopes"] == ["fr:idm:*"]
    assert event.detail["kid"] == holder.made.credential.key_id
    assert event.address == "127.0.0.1"
    assert event.request_id


def test_no_part_of_the_token_is_in_the_event(holder: Holder) -> None:
    token = holder.token()
    event = Event.objects.get(action="token.issued")
    assert not any(part in str(event.detail) for part in token.split("."))


def test_the_client_may_leave_its_name_out(holder: Holder) -> None:
    assert holder.ask(client_id=LEFT_OUT).status_code == 200


def test_what_the_endpoint_does_not_know_is_ignored(holder: Holder) -> None:
    assert holder.ask(nonsense="1", audience="elsewhere").status_code == 200
