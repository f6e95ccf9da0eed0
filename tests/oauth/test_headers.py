"""What a header may say, and what is never believed of it (RFC 8725)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from joserfc.jwk import RSAKey, import_key
from joserfc.jws import JWSRegistry

from tests.oauth.holder import Holder, sign
from tests.oauth.keys import account_with, curve_key, public, rsa_key

pytestmark = pytest.mark.django_db


def part(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def forged(holder: Holder, header: dict[str, Any]) -> int:
    """The status for an assertion that is signed well over a header that no library makes."""
    signed = f"{part(header)}.{part(holder.claims())}"
    key = import_key(holder.made.private_jwk)
    signature = JWSRegistry.algorithms["ES256"].sign(signed.encode(), key)
    return holder.ask(f"{signed}.{part(signature)}").status_code


def status(holder: Holder, **header: Any) -> int:
    return holder.ask(holder.assertion(header={"alg": "ES256"} | header)).status_code


@pytest.mark.parametrize("kind", ["JWT", "jwt", "application/jwt"])
def test_the_type_may_be_named(holder: Holder, kind: str) -> None:
    assert status(holder, typ=kind) == 200


@pytest.mark.parametrize(
    "kind",
    ["at+jwt", "dpop+jwt", "client-authentication+jwt", "logout+jwt", "JOSE", "", 7, ["JWT"]],
)
def test_a_jwt_made_for_another_purpose_is_refused(holder: Holder, kind: Any) -> None:
    assert forged(holder, {"alg": "ES256", "typ": kind}) == 400


@pytest.mark.parametrize(
    "header", [{"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"b64": True}, {"crit": []}]
)
def test_what_must_be_understood_is_refused(holder: Holder, header: dict[str, Any]) -> None:
    assert forged(holder, {"alg": "ES256"} | header) == 400


def test_the_same_without_it_is_accepted(holder: Holder) -> None:
    assert forged(holder, {"alg": "ES256", "cty": "JWT"}) == 200


@pytest.mark.parametrize("header", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_that_the_assertion_brings_along_is_not_looked_at(
    holder: Holder, header: str
) -> None:
    stranger = curve_key("P-256")
    brought: dict[str, Any] = {
        "jwk": public(stranger),
        "jku": "http://127.0.0.1:9/jwks.json",
        "x5u": "http://127.0.0.1:9/chain.pem",
        "x5c": [base64.b64encode(b"certificate").decode()],
    }
    text = sign(holder.claims(), stranger, header={"alg": "ES256", header: brought[header]})
    assert holder.ask(text).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_an_unsigned_assertion_is_refused(holder: Holder, algorithm: str) -> None:
    head = part({"alg": algorithm})
    for signature in ("", "AA"):
        text = f"{head}.{part(holder.claims())}.{signature}"
        assert holder.ask(text).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("as_text", ["pem", "jwk", "der"])
@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_the_public_key_is_no_shared_secret(db: None, algorithm: str, as_text: str) -> None:
    holder = Holder(account_with(rsa_key()))
    key = RSAKey.import_key(public(rsa_key()))
    secret = {
        "pem": key.as_pem(private=False),
        "jwk": holder.made.credential.public.encode(),
        "der": key.as_der(private=False),
    }[as_text]
    signed = f"{part({'alg': algorithm})}.{part(holder.claims())}"
    digest = getattr(hashlib, f"sha{algorithm[2:]}")
    signature = hmac.new(secret, signed.encode(), digest).digest()
    assert holder.ask(f"{signed}.{part(signature)}").json()["error"] == "invalid_grant"


@pytest.mark.parametrize("algorithm", [None, 256, ["ES256"], {"a": 1}, "RS1", "es256", "ES256K"])
def test_an_algorithm_that_is_not_on_the_list_of_the_key_is_refused(
    holder: Holder, algorithm: Any
) -> None:
    good = holder.assertion().split(".")
    text = ".".join([part({"alg": algorithm}), *good[1:]])
    assert holder.ask(text).json()["error"] == "invalid_grant"


def test_a_header_without_an_algorithm_is_refused(holder: Holder) -> None:
    good = holder.assertion().split(".")
    assert holder.ask(".".join([part({}), *good[1:]])).json()["error"] == "invalid_grant"
