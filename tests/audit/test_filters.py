"""The log is narrowed by the address of its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit import record
from accounts.audit.actors import SYSTEM, UnknownActor
from accounts.models import Event, Identity, ServiceAccount

SignedIn = Callable[[Identity], Client]


@pytest.fixture
def log(client_of: SignedIn, vera: Identity, refusal: Event) -> Callable[..., list[str]]:
    """The actions that the page lists for some filters."""
    client = client_of(vera)

    def listed(**filters: Any) -> list[str]:
        answer = client.get("/audit/", filters)
        assert answer.status_code == 200
        assert not answer.context["form"].errors
        return [line.event.action for line in answer.context["lines"]]

    return listed


def test_by_actor_by_name_or_id(log: Callable[..., list[str]], ada: Identity) -> None:
    made = ["service_account.edited", "key.issued", "service_account.created"]
    assert log(actor="ada") == made
    assert log(actor="ADA") == made
    assert log(actor=str(ada.pk)) == made


def test_by_the_system_and_by_who_only_claimed_a_name(log: Callable[..., list[str]]) -> None:
    record("sign_in.failed", by=UnknownActor(label="root"))
    assert log(actor="root") == ["sign_in.failed"]
    assert set(log(actor="system")) >= {"identity.created"}


def test_by_action_and_without_issued_tokens(log: Callable[..., list[str]]) -> None:
    record("token.issued", by=SYSTEM)
    assert log(action="token.issued") == ["token.issued"]
    found = log(action="but-issued")
    assert "token.issued" not in found
    assert "token.refused" in found


def test_by_outcome(log: Callable[..., list[str]]) -> None:
    assert log(outcome="refused") == ["token.refused"]
    assert log(outcome="failed") == []
    assert "token.refused" not in log(outcome="done")


def test_by_target_by_name_or_id(
    log: Callable[..., list[str]], audit01: ServiceAccount, otto: Identity
) -> None:
    about = ["service_account.edited", "key.issued", "service_account.created", "token.refused"]
    assert log(target="audit01") == about
    assert log(target=str(audit01.pk)) == about
    assert log(target="otto") == ["identity.created"]
    assert log(target="of-no-such-name") == []


def test_by_address_and_by_request(log: Callable[..., list[str]]) -> None:
    assert log(address="198.51.100.9") == ["token.refused"]
    assert log(address="198.51.100") == []
    assert log(request="feedc0de") == ["token.refused"]


def test_by_period_and_by_days(log: Callable[..., list[str]]) -> None:
    today = timezone.now().date()
    assert "token.refused" in log(period="7d")
    assert "token.refused" in log(period="30d")
    assert "token.refused" not in log(period="24h")
    assert "token.refused" not in log(period="today")
    day = (today - timedelta(days=2)).isoformat()
    assert log(since=day, until=day) == ["token.refused"]
    assert log(until=day, period="today") == ["token.refused"], "days take the place of a period"
    assert "token.refused" not in log(since=today.isoformat())


def test_filters_narrow_together(log: Callable[..., list[str]], audit01: ServiceAccount) -> None:
    assert log(target="audit01", actor="ada", action="key.issued") == ["key.issued"]
    assert log(target="audit01", actor="ada", outcome="refused") == []


def test_what_is_in_force_is_said_and_can_be_taken_away_one_by_one(
    client_of: SignedIn, ada: Identity
) -> None:
    address = "/audit/?actor=ada&action=key.issued&period=7d&sort=at"
    answer = client_of(ada).get(address)
    chips = answer.context["chips"]
    assert [chip["label"] for chip in chips] == ["Key made or added", "Last 7 days", "Actor: ada"]
    assert chips[0]["remove_url"] == "/audit/?actor=ada&period=7d&sort=at"
    assert 'value="ada"' in answer.content.decode()


@pytest.mark.parametrize(
    ("filters", "field", "said"),
    [
        ({"since": "yesterday"}, "since", "Type a day such as 2026-11-22."),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "until", "lies before the first"),
        ({"action": "no.such"}, "action", "Select a valid choice"),
        ({"outcome": "x"}, "outcome", "Select a valid choice"),
        ({"actor": "a" * 201}, "actor", "at most 200 characters"),
        ({"target": "a\0b"}, "target", "Null characters are not allowed"),
        ({"until": "9999-12-31"}, "until", "Type a day before"),
    ],
)
def test_a_filter_that_makes_no_sense_is_named_and_kept(
    client_of: SignedIn, ada: Identity, filters: dict[str, str], field: str, said: str
) -> None:
    client = client_of(ada)
    answer = client.get("/audit/", filters)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    page = answer.content.decode()
    assert said in page
    assert answer.context["lines"] == []
    assert str(answer.context["form"][field].value()) == filters[field]
    export = client.get("/audit/export/", filters)
    assert said in export.content.decode(), "and nothing is exported by mistake"


def test_a_name_that_stands_for_a_person_and_an_account_finds_the_account(
    log: Callable[..., list[str]], audit01: ServiceAccount
) -> None:
    assert audit01.identity.user_name == "audit01"
    assert "token.refused" in log(target="AUDIT01")
