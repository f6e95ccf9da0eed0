"""What an access token says: RFC 9068, read with another implementation."""

from __future__ import annotations

import json
import time

import pytest
from joserfc.errors import BadSignatureError

from tests.access_tokens.reading import published_keys, read
from tests.oauth.holder import Holder

pytestmark = pytest.mark.django_db


def test_it_is_an_access_token_by_its_type_and_names_its_key(holder: Holder) -> None:
    header = read(holder.token()).header
    assert header["typ"] == "at+jwt"
    assert header["alg"] == "ES256"
    assert header["kid"] in {key.kid for key in published_keys()}


def test_it_says_by_whom_for_whom_and_for_what(holder: Holder) -> None:
    claims = read(holder.token(scope="fr:idm:*")).claims
    assert claims["iss"] == claims["aud"] == "http://127.0.0.1:8000"
    assert claims["sub"] == holder.id
    assert claims["client_id"] == "service-account"
    assert claims["scope"] == "fr:idm:*"


def test_it_lives_for_899_seconds(holder: Holder) -> None:
    claims = read(holder.token()).claims
    assert claims["exp"] - claims["iat"] == 899
    assert abs(claims["iat"] - time.time()) < 5
    assert isinstance(claims["exp"], int)


def test_no_two_have_the_same_id(holder: Holder) -> None:
    ids = [read(holder.token()).claims["jti"] for _time in range(5)]
    assert len(set(ids)) == 5
    assert all(len(id_) >= 22 for id_ in ids)  # 128 bits


def test_a_changed_one_does_not_verify(holder: Holder) -> None:
    head, _claims, signature = holder.token().split(".")
    _head, claims, _signature = holder.token().split(".")
    with pytest.raises(BadSignatureError):
        read(f"{head}.{claims}.{signature}")


def test_the_published_keys_hold_no_secret(holder: Holder) -> None:
    holder.token()
    for key in published_keys():
        public = json.loads(json.dumps(key.as_dict()))
        assert set(public) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
        assert public["use"] == "sig"
        assert public["alg"] == "ES256"
