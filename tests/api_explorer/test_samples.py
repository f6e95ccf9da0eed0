"""Samples call what was called, and hold nothing that somebody typed into the wrong field."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from django.http import StreamingHttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.lib.one_time_secret import MASK
from accounts.models import Event, Identity
from console.api_explorer.samples import samples
from tokens.explorer import actions, dispatch
from tokens.explorer.dispatch import NotServed, Sent
from tokens.explorer.operations import operations

SECRET = "Correct-Horse-9"
JSON = {"Content-Type": "application/json"}


def codes(
    path: str = "/v1/identities", query: str = "", body: str = "", **headers: str
) -> list[str]:
    sent = Sent("POST", path, query, JSON | headers, body.encode())
    return [sample.code for sample in samples(sent, needs="")]


def test_an_address_is_quoted_as_it_was_called() -> None:
    for code in codes("/v1/identities/a?b#c d%2F/é", "limit=2&filters=name%20eq%20%22a%22"):
        assert "/v1/identities/a%3Fb%23c%20d%252F/%C3%A9?limit=2&filters=name+eq+%22a%22" in code


@pytest.mark.parametrize(
    "body",
    [
        f'{{"client_secret": "{SECRET}"}}',
        f'{{"n": 1e999, "client_secret": "{SECRET}"}}',
        f'{{"client_secret": "{SECRET}", "deep": {"[" * 60 + "]" * 60}}}',
    ],
)
def test_a_body_that_cannot_be_looked_through_is_masked(body: str) -> None:
    for code in codes(body=body):
        assert SECRET not in code
        assert MASK in code


def test_headers_and_queries_are_looked_through_as_well() -> None:
    token = "steward_pat_" + "A" * 49
    headers = {"X-Sn-ApiKey": SECRET, "Cookie": SECRET, "X-Note": token, "Idempotency-Key": "one"}
    for code in codes(query=f"client_secret={SECRET}&q=two", **headers):
        assert SECRET not in code
        assert token not in code
        assert "one" in code
        assert "q=two" in code


def test_a_body_that_begins_with_an_at_sign_reads_no_file() -> None:
    curl, _python, _javascript = codes(body="@/etc/hostname")
    assert "--data-raw @/etc/hostname" in curl
    checked = subprocess.run(["sh", "-n", "-c", curl], check=False, capture_output=True)
    assert checked.returncode == 0


@pytest.mark.django_db
def test_no_token_is_made_where_nothing_is_served(ada: Identity) -> None:
    operation = next(iter(operations("sailpoint", "v1").values()))
    for path in ("/nowhere/at/all", "/identities/"):
        with pytest.raises(NotServed):
            actions.send(
                by=ada,
                acting=ada,
                operation=operation,
                sent=Sent("GET", path, "", {}, b""),
                asking=RequestFactory().get("/"),
                at=timezone.now(),
            )
    assert not Event.objects.filter(action__in=["token.issued", "api_explorer.sent"]).exists()


@pytest.mark.parametrize("size", [10, dispatch.KEPT_BYTES + 1])
def test_a_streamed_answer_is_closed_also_where_it_is_cut(size: int) -> None:
    ended = []

    def parts() -> Iterator[bytes]:
        try:
            yield b"x" * size
            yield b"more"
        finally:
            ended.append(True)

    kept, cut = dispatch._body(StreamingHttpResponse(parts()))
    assert ended == [True]
    assert cut is (size > dispatch.KEPT_BYTES)
    assert len(kept) <= dispatch.KEPT_BYTES
