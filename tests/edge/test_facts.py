"""Which address a request came from (AB-56)."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from tokens.edge.facts import facts_of


def address(seen: str, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return facts_of(RequestFactory().get("/", headers=headers, REMOTE_ADDR=seen)).address


def test_without_proxies_the_header_is_not_believed(settings: Settings) -> None:
    settings.STEWARD_TRUSTED_PROXIES = 0
    assert address("198.51.100.1", "203.0.113.9") == "198.51.100.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        (2, "10.9.9.9, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "198.51.100.1"),
        (1, "", "198.51.100.1"),
        (1, "nonsense", "198.51.100.1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "203.0.113.9\x00", "198.51.100.1"),
    ],
)
def test_as_many_proxies_are_believed_as_there_are(
    settings: Settings, proxies: int, forwarded: str, expected: str
) -> None:
    settings.STEWARD_TRUSTED_PROXIES = proxies
    assert address("198.51.100.1", forwarded) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [("::1", "::1"), ("::ffff:127.0.0.1", "127.0.0.1"), ("fe80::1%eth0", "fe80::1"), ("", "")],
)
def test_an_address_has_one_spelling(seen: str, expected: str) -> None:
    assert address(seen) == expected


def test_a_request_id_of_a_stranger_is_not_taken(settings: Settings) -> None:
    request = RequestFactory().get("/", headers={"X-Request-ID": "chosen-by-me"})
    settings.STEWARD_TRUSTED_PROXIES = 0
    assert facts_of(request).request_id != "chosen-by-me"
    settings.STEWARD_TRUSTED_PROXIES = 1
    assert facts_of(request).request_id == "chosen-by-me"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\r\nb", "<script>"])
def test_one_that_does_not_fit_is_replaced(settings: Settings, given: str) -> None:
    settings.STEWARD_TRUSTED_PROXIES = 1
    request = RequestFactory().get("/", headers={"X-Request-ID": given})
    assert facts_of(request).request_id != given
