"""The page of the audit log: who may read it, what it says, where it leads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit import record
from accounts.audit.actors import SYSTEM, UnknownActor
from accounts.audit.context import RequestFacts, request_facts
from accounts.audit.models import Outcome
from accounts.models import Event, Identity, ServiceAccount
from accounts.service_accounts import actions
from tests.factories import make_account

SignedIn = Callable[[Identity], Client]
URL = "/audit/"


def text_of(client: Client, url: str = URL) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_administrators_and_auditors_read_the_log(
    client_of: SignedIn, ada: Identity, vera: Identity, audit01: ServiceAccount
) -> None:
    for person in (ada, vera):
        assert "ada removed scope fr:am:* from audit01" in text_of(client_of(person))


def test_everybody_else_is_refused_and_that_is_recorded(
    client_of: SignedIn, mallory: Identity
) -> None:
    client = client_of(mallory)
    for url in (URL, "/audit/1/", "/audit/export/"):
        assert client.get(url).status_code == 403
        event = Event.objects.filter(action="console.refused").newest_first()[0]
        assert (event.actor_label, event.outcome) == ("mallory", Outcome.REFUSED)
        assert url in event.reason


@pytest.mark.django_db
def test_who_is_not_signed_in_is_asked_to(client: Client) -> None:
    for url in (URL, "/audit/1/", "/audit/export/"):
        answer = client.get(url)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in/")


def test_nothing_can_be_posted_to_the_log(client_of: SignedIn, ada: Identity) -> None:
    client = client_of(ada)
    for url in (URL, "/audit/1/", "/audit/export/"):
        for method in (client.post, client.put, client.patch, client.delete):
            assert method(url).status_code == 405


def test_a_line_leads_to_its_target_while_that_exists(
    client_of: SignedIn, ada: Identity, audit01: ServiceAccount
) -> None:
    client, link = client_of(ada), f'href="/service-accounts/{audit01.pk}/"'
    assert link in text_of(client)
    actions.delete(by=ada, account=audit01, at=timezone.now())
    page = text_of(client)
    assert link not in page
    assert "ada deleted service account audit01" in page


def test_a_line_opens_to_what_changed_and_the_rest(
    client_of: SignedIn, vera: Identity, refusal: Event
) -> None:
    page = text_of(client_of(vera))
    assert "<del>fr:am:*</del>" in page
    for text in ("exp has passed.", "invalid_grant", "curl/8.5", "198.51.100.9", "Refused"):
        assert text in page


def test_what_strangers_sent_is_shown_as_text(client_of: SignedIn, ada: Identity) -> None:
    evil = "<script>alert(1)</script>\u202egpj.exe\r\nada signed in"
    with request_facts(RequestFacts("192.0.2.1", evil, "abc")):
        record("sign_in.failed", by=UnknownActor(label=evil), reason=evil, detail={"<b>": evil})
    page = text_of(client_of(ada))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page
    assert "<b>" not in page


def test_the_newest_comes_first_and_pages_go_on_where_one_ended(
    client_of: SignedIn, ada: Identity
) -> None:
    for number in range(120):
        record("signing_key.made", by=SYSTEM, reason=f"number {number:03}")
    client = client_of(ada)
    page = client.get(URL, {"action": "signing_key.made"})
    seen: list[str] = []
    for _turn in range(3):
        seen += [line.event.reason for line in page.context["lines"]]
        following = page.context["page"].next_url
        page = client.get(following) if following else page
    assert seen == [f"number {number:03}" for number in reversed(range(120))]
    assert not page.context["page"].next_url
    back = client.get(page.context["page"].previous_url)
    assert back.context["lines"][0].event.reason == "number 069"


def test_the_order_can_be_turned_round(client_of: SignedIn, ada: Identity) -> None:
    for number in range(3):
        record("signing_key.made", by=SYSTEM, reason=f"number {number}")
    page = client_of(ada).get(URL, {"action": "signing_key.made", "sort": "at"})
    assert [line.event.reason[-1] for line in page.context["lines"]] == ["0", "1", "2"]
    assert 'aria-sort="ascending"' in page.content.decode()


def test_twenty_lines_cost_as_much_as_three(client_of: SignedIn, ada: Identity) -> None:
    client = client_of(ada)
    for number in range(3):
        make_account(f"first-{number}", by=ada)
    client.get(URL)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for number in range(20):
        make_account(f"then-{number}", by=ada, owner=ada)
    with CaptureQueriesContext(connection) as many:
        client.get(URL)
    assert len(many) <= len(few) + 1, "one more, where there is a second page to be counted"


def test_an_empty_answer_says_what_to_do(client_of: SignedIn, ada: Identity) -> None:
    page = text_of(client_of(ada), f"{URL}?actor=nobody-of-this-name")
    assert "No event matches" in page
    assert "Remove a filter" in page
