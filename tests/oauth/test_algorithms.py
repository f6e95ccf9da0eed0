"""Each algorithm of the list with a key of its kind, and with no other."""

from __future__ import annotations

import pytest

from tests.oauth.holder import Holder
from tests.oauth.keys import account_with, curve_key, rsa_key

pytestmark = pytest.mark.django_db

RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]


def ask(kind: str, algorithm: str) -> int:
    key = rsa_key() if kind == "RSA" else curve_key(kind)
    holder = Holder(account_with(key))
    asked = holder.ask(holder.assertion(header={"alg": algorithm}), scope="fr:am:*")
    return asked.status_code


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        *(("RSA", name) for name in RSA),
        ("P-256", "ES256"),
        ("P-384", "ES384"),
        ("Ed25519", "EdDSA"),
        ("Ed25519", "Ed25519"),
    ],
)
def test_a_key_signs_with_the_algorithms_of_its_kind(kind: str, algorithm: str) -> None:
    assert ask(kind, algorithm) == 200


@pytest.mark.parametrize(
    ("key", "other"),
    [("P-256", "P-384"), ("P-384", "P-256"), ("P-256", "Ed25519"), ("Ed25519", "P-256")],
)
def test_a_signature_by_a_key_of_another_kind_is_refused(key: str, other: str) -> None:
    names = {"P-256": "ES256", "P-384": "ES384", "Ed25519": "EdDSA"}
    made = account_with(curve_key(key))
    made = type(made)(made.account, made.credential, curve_key(other))
    holder = Holder(made)
    answer = holder.ask(holder.assertion(header={"alg": names[other]}), scope="fr:am:*")
    assert answer.json()["error"] == "invalid_grant"


def test_the_default_key_is_one_that_the_vendors_client_can_use(holder: Holder) -> None:
    """frodo signs with RS256, whatever the key."""
    made = account_with(rsa_key(3072), "larger")
    assert made.credential.algorithm == "RSA-3072"
    larger = Holder(made)
    assert larger.ask(scope="fr:am:*").status_code == 200
