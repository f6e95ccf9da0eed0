"""Steward's own keys: right in the eyes of others, and made without keeping anybody waiting."""

from __future__ import annotations

import json
import threading
import time

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jws
from joserfc.jwk import import_key

from tokens.credentials.types import key_pair

pytestmark = pytest.mark.sqlite

JWS = {"RSA-3072": "RS256", "P-256": "ES256"}


@pytest.mark.parametrize("algorithm", ["RSA-3072", "P-256", "Ed25519"])
def test_another_implementation_reads_the_key(algorithm: str) -> None:
    half, secret = key_pair.generate(algorithm)
    text = secret.take()
    key = import_key(json.loads(text))
    assert key.is_private
    assert key.thumbprint() == half.thumbprint == half.key_id == json.loads(text)["kid"]
    assert half.algorithm == algorithm
    pem = load_pem_private_key(key_pair.private_pem(text).encode(), None)
    assert key_pair.public_half(pem.public_key()) == half  # type: ignore[arg-type]
    if algorithm in JWS:
        signed = jws.serialize_compact({"alg": JWS[algorithm]}, b"text", key)
        public = import_key(json.loads(half.jwk))
        assert jws.deserialize_compact(signed, public).payload == b"text"


def test_the_vendors_members_are_there_and_no_others() -> None:
    """Contract section 2: `kty e n d p q dp dq qi`, with our `kid`."""
    _half, secret = key_pair.generate("RSA-3072")
    names = {"kty", "n", "e", "d", "p", "q", "dp", "dq", "qi", "kid"}
    assert set(json.loads(secret.take())) == names


def test_no_two_are_alike() -> None:
    assert len({key_pair.generate("P-256")[0].thumbprint for _ in range(50)}) == 50


def test_an_unknown_algorithm_is_refused() -> None:
    for name in ("RSA-2048", "RSA-1024", "P-521", "HS256", "", "none"):
        with pytest.raises(key_pair.UnknownAlgorithm):
            key_pair.generate(name)


def test_the_interpreter_is_free_while_an_rsa_key_is_made() -> None:
    """Else one key would hold up every token request of the process for seconds."""
    gaps, done = [0.0], threading.Event()

    def tick() -> None:
        last = time.perf_counter()
        while not done.is_set():
            time.sleep(0.002)  # the measure itself: how late does a thread wake up
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    thread = threading.Thread(target=tick)
    thread.start()
    started = time.perf_counter()
    try:
        while time.perf_counter() - started < 0.5:
            key_pair.generate("RSA-4096")
    finally:
        took = time.perf_counter() - started
        done.set()
        thread.join()
    # with the lock held throughout there were a gap as long as the making of a key
    assert sorted(gaps)[-2] < took / 3
    assert len(gaps) > 20
