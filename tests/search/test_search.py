"""One search over everything that a person may see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.audit import record
from accounts.audit.context import RequestFacts, request_facts
from accounts.models import Identity
from tests.factories import make_account

SignedIn = Callable[[Identity], Client]
URL = "/search/"


def found(client: Client, text: str) -> tuple[list[str], list[str]]:
    """Names of accounts and user names of people."""
    answer = client.get(URL, {"q": text})
    assert answer.status_code == 200
    accounts = [row["account"].name for row in answer.context["accounts"]]
    return accounts, [person.user_name for person in answer.context["people"]]


def test_accounts_are_found_by_name_id_and_key_id(client_of: SignedIn, ada: Identity) -> None:
    made = make_account("nightly-report")
    make_account("other")
    client = client_of(ada)
    for text in (
        "nightly",
        "REPORT",
        str(made.account.pk),
        str(made.account.pk)[:8],
        made.credential.key_id,
        made.credential.key_id[:10],
    ):
        assert found(client, text)[0] == ["nightly-report"], text


def test_people_are_found_by_name_user_name_address_and_id(
    client_of: SignedIn, vera: Identity, otto: Identity
) -> None:
    client = client_of(vera)
    for text in ("otto", "Otto", "otto@example.com", str(otto.pk)):
        assert found(client, text)[1] == ["otto"], text


def test_an_owner_finds_their_own_accounts_and_no_people(
    client_of: SignedIn, otto: Identity, mallory: Identity
) -> None:
    own = make_account("report-of-otto", owner=otto)
    foreign = make_account("report-of-mallory", owner=mallory)
    client = client_of(otto)
    assert found(client, "report") == (["report-of-otto"], [])
    assert found(client, "mallory") == ([], [])
    for secret in (str(foreign.account.pk), foreign.credential.key_id):
        assert found(client, secret) == ([], [])
        assert "report-of-mallory" not in client.get(URL, {"q": secret}).content.decode()
    assert found(client, own.credential.key_id) == (["report-of-otto"], [])


def test_a_request_is_found_for_whoever_may_read_the_log(
    client_of: SignedIn, vera: Identity, otto: Identity
) -> None:
    with request_facts(RequestFacts("192.0.2.1", "curl", "feedc0de")):
        record("token.refused", by=otto)
    link = 'href="/audit/?request=feedc0de"'
    assert link in client_of(vera).get(URL, {"q": "feedc0de"}).content.decode()
    assert link not in client_of(otto).get(URL, {"q": "feedc0de"}).content.decode()


def test_what_does_not_fit_is_in_the_list(client_of: SignedIn, ada: Identity) -> None:
    for number in range(21):
        make_account(f"many-{number:02}")
    answer = client_of(ada).get(URL, {"q": "many"})
    assert len(answer.context["accounts"]) == 20
    assert 'href="/service-accounts/?q=many"' in answer.content.decode()


def test_without_a_text_it_says_how_to_search(client_of: SignedIn, ada: Identity) -> None:
    page = client_of(ada).get(URL).content.decode()
    assert "The beginning of an ID is enough" in page
    assert "Nothing found" not in page


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "%", "_", "' OR 1=1 --", "\\"])
def test_odd_texts_are_only_texts(client_of: SignedIn, ada: Identity, text: str) -> None:
    make_account("audit01")
    client = client_of(ada)
    assert found(client, text) == ([], [])
    page = client.get(URL, {"q": text}).content.decode()
    assert "Nothing found" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("text", ["x" * 10_000, "\0", " \0 ", "\u202e", "\u0130"])
def test_texts_that_cannot_be_searched_for_do_no_harm(
    client_of: SignedIn, ada: Identity, text: str
) -> None:
    assert client_of(ada).get(URL, {"q": text}).status_code == 200


@pytest.mark.django_db
def test_nobody_searches_without_signing_in_and_nobody_posts(
    client: Client, client_of: SignedIn, mallory: Identity
) -> None:
    assert client.get(URL).headers["Location"].startswith("/sign-in/")
    assert client_of(mallory).post(URL, {"q": "x"}).status_code == 405


def test_twenty_finds_cost_as_much_as_three(client_of: SignedIn, ada: Identity) -> None:
    client = client_of(ada)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(URL, {"q": "find"})
        return len(captured)

    for number in range(3):
        make_account(f"find-{number}", owner=ada)
    few = cost()
    for number in range(3, 20):
        make_account(f"find-{number}", owner=ada)
    assert cost() == few
