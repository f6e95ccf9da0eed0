"""`iss` and `sub`: the account, spelled exactly (AB-77)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.factories import make_account, make_person
from tests.oauth.holder import LEFT_OUT, Holder, sign

pytestmark = pytest.mark.django_db

SPELLINGS: list[Callable[[str], Any]] = [
    str.upper,
    lambda id_: f"urn:uuid:{id_}",
    lambda id_: "{" + id_ + "}",
    lambda id_: id_.replace("-", ""),
    lambda id_: f" {id_}",
    lambda id_: f"{id_}\n",
    lambda id_: f"{id_}\x00",
    lambda id_: [id_],
    lambda id_: {"id": id_},
    lambda id_: int(uuid.UUID(id_)),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_another_spelling_of_the_id_is_another_issuer(
    holder: Holder, spelling: Callable[[str], Any]
) -> None:
    name = spelling(holder.id)
    answer = holder.ask(holder.assertion(iss=name, sub=name))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("wrong", [LEFT_OUT, "", None, True, 0, [], "service-account"])
@pytest.mark.parametrize("claim", ["iss", "sub"])
def test_both_are_wanted_and_both_are_the_account(holder: Holder, claim: str, wrong: Any) -> None:
    answer = holder.ask(holder.assertion(**{claim: wrong}))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_nobody_asks_for_somebody_else(holder: Holder) -> None:
    other = make_account("other")
    answer = holder.ask(holder.assertion(sub=str(other.account.pk)))
    assert answer.json()["error"] == "invalid_grant"


def test_the_key_of_one_account_proves_nothing_of_another(holder: Holder) -> None:
    other = Holder(make_account("other"))
    assertion = sign(other.claims(), holder.made.private_jwk)
    assert other.ask(assertion).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("claim", [LEFT_OUT, "", None, 7, "x" * 256, ["a"], True])
def test_the_id_of_the_assertion_is_wanted(holder: Holder, claim: Any) -> None:
    assert holder.ask(holder.assertion(jti=claim)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("jti", ["a", "+/=" * 8, "x" * 255, "ä\u0000\u202e", "\ud800", "{}"])
def test_any_text_will_do_as_the_id_of_an_assertion(holder: Holder, jti: str) -> None:
    assert holder.ask(holder.assertion(jti=jti)).status_code == 200


def test_a_person_is_no_service_account(holder: Holder) -> None:
    person = str(make_person("zoe").pk)
    answer = holder.ask(holder.assertion(iss=person, sub=person))
    assert answer.json()["error"] == "invalid_grant"
