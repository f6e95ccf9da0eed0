"""Texts that are no signed JWT over an object: refused, never a failure."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from tests.oauth.holder import Holder, sign
from tests.oauth.test_headers import part

pytestmark = pytest.mark.django_db

HEAD = part({"alg": "ES256"})


@pytest.mark.parametrize(
    "text",
    [
        "x",
        ".",
        "..",
        "...",
        "a.b.c",
        "a.b.c.d.e",
        "." * 8_000,
        "=.=.=",
        "%00.%00.%00",
        "\u00e4.\u00e4.\u00e4",
        "\ud83d\ude00.a.b",
        "a" * 8_193,
        f"{HEAD}.{part([])}.AA",
        f"{HEAD}.{part('text')}.AA",
        f"{part([1])}.{part({})}.AA",
        f"{part(b'null')}.{part(b'null')}.AA",
        f"{HEAD}.{part(b'{')}.AA",
        f"{HEAD}.{part(b'[' * 4_000)}.AA",
        f"{part(b'[' * 4_000)}.{HEAD}.AA",
        f"{HEAD}.{part(b'{%s: 1}' % (b'9' * 4_000))}.AA",
        f"{HEAD}.{part(b'{%s}' % (b'1' * 5_000))}.AA",
        f"{HEAD}.{part(bytes([255, 254, 0]))}.AA",
        f"{HEAD}.{part(json.dumps({'iss': 'x'}).encode('utf-16'))}.AA",
        f"{HEAD}.{part(bytes([0xEF, 0xBB, 0xBF]) + b'{}')}.AA",
        f"{HEAD}.A.AA",
    ],
)
def test_the_assertion_is_refused(holder: Holder, text: str) -> None:
    answer = holder.ask(quote(text.encode("utf-8", "surrogatepass"), safe="."))
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_grant", "invalid_request"}


@pytest.mark.parametrize("around", ["{} ", " {}", "{}\n", "{}=", "\t{}"])
def test_nothing_stands_around_it(holder: Holder, around: str) -> None:
    text = around.format(holder.assertion())
    assert holder.ask(quote(text, safe=".")).json()["error"] == "invalid_grant"


def test_standard_base64_is_another_encoding(holder: Holder) -> None:
    head, claims, signature = holder.assertion(jti="\u00ff\u00fe~~~???>>>").split(".")
    plain = base64.b64encode(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))).decode()
    assert "+" in plain or "/" in plain
    text = quote(f"{head}.{plain.rstrip('=')}.{signature}", safe=".")
    assert holder.ask(text).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "jti"])
def test_a_repeated_claim_is_refused_whichever_of_the_two_is_right(
    holder: Holder, name: str
) -> None:
    claims = holder.claims()
    pairs = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in claims.items()]
    pairs.insert(0, f'"{name}": {json.dumps(claims[name])}')
    text = sign("{" + ", ".join(pairs) + "}", holder.made.private_jwk)
    assert holder.ask(text).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_json_number_is_refused(holder: Holder, value: str) -> None:
    claims = holder.claims()
    del claims["exp"]
    text = json.dumps(claims)[:-1] + f', "exp": {value}}}'
    assert holder.ask(sign(text, holder.made.private_jwk)).json()["error"] == "invalid_grant"


def test_a_changed_claim_breaks_the_signature(holder: Holder) -> None:
    head, _claims, signature = holder.assertion().split(".")
    assert holder.ask(f"{head}.{part(holder.claims())}.{signature}").status_code == 400


def test_claims_that_we_do_not_know_are_ignored(holder: Holder) -> None:
    assert holder.ask(holder.assertion(nonsense={"a": [1, None]}, scope="x")).status_code == 200
