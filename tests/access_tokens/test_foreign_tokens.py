"""Tokens that are not ours, not for us, or not access tokens (AB-10, RFC 9068 section 4)."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest

from tests.access_tokens.forging import forged
from tests.factories import make_account
from tests.oauth.holder import LEFT_OUT, Holder
from tests.oauth.keys import curve_key
from tests.oauth.test_headers import part

pytestmark = pytest.mark.django_db

PATH = "/environment/info"


def status(holder: Holder, token: str) -> int:
    return holder.get(PATH, token).status_code


def test_the_forger_makes_tokens_that_would_hold(holder: Holder) -> None:
    """Or the tests below would prove nothing."""
    assert status(holder, forged(holder)) == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://127.0.0.1:8001"},
        {"iss": "http://127.0.0.1:8000/"},
        {"iss": LEFT_OUT},
        {"aud": "http://127.0.0.1:8001"},
        {"aud": ["http://127.0.0.1:8000"]},
        {"aud": ["http://127.0.0.1:8000", "https://elsewhere.example"]},
        {"aud": LEFT_OUT},
        {"exp": LEFT_OUT},
        {"exp": int(time.time()) - 1},
        {"exp": "soon"},
        {"exp": None},
        {"iat": LEFT_OUT},
        {"jti": LEFT_OUT},
        {"sub": LEFT_OUT},
        {"sub": "admin"},
        {"sub": 7},
        {"sub": str(uuid.uuid4())},
        {"cred": LEFT_OUT},
        {"cred": "x"},
        {"cred": 7},
        {"cred": str(uuid.uuid4())},
        {"gen": LEFT_OUT},
        {"gen": "x"},
        {"gen": None},
        {"gen": 1},
        {"gen": -1},
        {"scope": LEFT_OUT},
        {"nbf": int(time.time()) + 86_400},
    ],
)
def test_a_claim_that_is_missing_or_wrong_is_refused(
    holder: Holder, changed: dict[str, Any]
) -> None:
    assert status(holder, forged(holder, **changed)) == 401


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "id+jwt"},
        {"typ": LEFT_OUT},
        {"kid": "another"},
        {"kid": "x" * 43},
        {"kid": "\x00" * 43},
        {"kid": LEFT_OUT},
    ],
)
def test_a_header_of_another_kind_is_refused(holder: Holder, header: dict[str, Any]) -> None:
    assert status(holder, forged(holder, header=header)) == 401


def test_the_type_may_be_written_in_full(holder: Holder) -> None:
    """RFC 9068 section 4: `application/` may stand before it."""
    assert status(holder, forged(holder, header={"typ": "application/at+jwt"})) == 200


def test_another_key_is_refused_even_under_the_name_of_ours(holder: Holder) -> None:
    stranger = curve_key("P-256")
    assert status(holder, forged(holder, jwk=stranger)) == 401
    assert status(holder, forged(holder, jwk=stranger, header={"jwk": stranger})) == 401


def test_an_unsigned_one_is_refused(holder: Holder) -> None:
    _head, claims, _signature = holder.token().split(".")
    for head in ({"alg": "none", "typ": "at+jwt"}, {"alg": "HS256", "typ": "at+jwt"}):
        assert status(holder, f"{part(head)}.{claims}.") == 401


def test_an_assertion_is_no_access_token(holder: Holder) -> None:
    assert status(holder, holder.assertion()) == 401
    assert status(holder, holder.assertion(aud="http://127.0.0.1:8000")) == 401


def test_an_access_token_is_no_assertion(holder: Holder) -> None:
    assert holder.ask(holder.token()).json()["error"] == "invalid_grant"


def test_the_key_of_another_account_does_not_make_it_ones_own(holder: Holder) -> None:
    other = make_account("other")
    assert status(holder, forged(holder, sub=str(other.account.pk))) == 401
    assert status(holder, forged(holder, cred=str(other.credential.pk))) == 401


@pytest.mark.parametrize("token", ["x", "a.b.c", "." * 50, "x" * 20_000, "e30.e30.e30", "===="])
def test_what_is_no_token_at_all_is_refused(holder: Holder, token: str) -> None:
    assert status(holder, token) == 401
