"""The parsers that strangers reach first take any text, and fail in one way only."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oauth.test_headers import part
from tokens.oauth import jws
from tokens.oauth.audiences import accepted, canonical

PUBLIC = "https://steward.example.com"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.text() | st.from_regex(jws.COMPACT, fullmatch=True))
def test_any_text_is_a_jwt_or_malformed(text: str) -> None:
    try:
        found = jws.parse(text)
    except jws.Malformed:
        return
    assert isinstance(found.header, dict)
    assert isinstance(found.claims, dict)


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_what_was_signed_is_what_is_read(claims: dict[str, object]) -> None:
    try:
        text = json.dumps(claims, allow_nan=False)
    except ValueError:
        return
    found = jws.parse(f"{part({'alg': 'ES256'})}.{part(text.encode())}.AA")
    assert found.claims == json.loads(text)
    assert found.signed.endswith(part(text.encode()).encode())


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_are_an_object_or_malformed(header: bytes, claims: bytes) -> None:
    text = f"{part(header)}.{part(claims)}."
    try:
        found = jws.parse(text)
    except jws.Malformed:
        return
    assert isinstance(found.header, dict)


@given(st.text())
def test_any_text_has_one_canonical_form(text: str) -> None:
    form = canonical(text)
    assert canonical(form) == form


@given(st.text(max_size=12), st.sampled_from(["before", "after", "inside"]))
def test_nothing_around_or_inside_an_audience_goes_unseen(extra: str, where: str) -> None:
    names = accepted(PUBLIC, PUBLIC, doubled=False)
    good = f"{PUBLIC}/am/oauth2/access_token"
    at = {"before": 0, "after": len(good), "inside": len(PUBLIC)}[where]
    changed = good[:at] + extra + good[at:]
    told = {good, good.replace(".com/", ".com:443/")}
    assert (canonical(changed) in names) is (changed in told)


@pytest.mark.parametrize("port", ["", ":443"])
def test_an_address_of_ipv6_has_a_default_port_too(port: str) -> None:
    names = accepted("https://[2001:db8::1]", "https://[2001:db8::1]", doubled=False)
    assert canonical(f"https://[2001:db8::1]{port}/am/oauth2/access_token") in names
