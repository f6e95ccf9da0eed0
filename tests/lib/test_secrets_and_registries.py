from __future__ import annotations

import copy
import json
import logging
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.template import Context, Template

from accounts.lib.errors import DomainError
from accounts.lib.one_time_secret import AlreadyTaken, OneTimeSecret
from accounts.lib.registry import AlreadyRegistered, Registry, UnknownPart

pytestmark = pytest.mark.sqlite

PLAIN = "stw_pat_1.correct-horse"


def test_a_secret_is_read_once() -> None:
    secret = OneTimeSecret(PLAIN)
    assert secret.take() == PLAIN
    with pytest.raises(AlreadyTaken, match="cannot be shown again"):
        secret.take()


def test_fifty_threads_get_it_once() -> None:
    secret = OneTimeSecret(PLAIN)

    def take(_number: int) -> str:
        try:
            return secret.take()
        except AlreadyTaken:
            return ""

    with ThreadPoolExecutor(50) as threads:
        assert sorted(threads.map(take, range(50)))[-2:] == ["", PLAIN]


def test_nothing_that_prints_it_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    secret = OneTimeSecret(PLAIN)
    logging.getLogger("test").warning("made %s %r", secret, secret)
    rendered = Template("{{ secret }}").render(Context({"secret": secret}))
    shown = f"{secret} {secret!r} {secret:>30} {[secret]} {rendered} {caplog.text} {dir(secret)}"
    assert PLAIN not in shown
    assert not hasattr(secret, "__dict__")


def test_it_can_be_neither_stored_nor_copied() -> None:
    secret = OneTimeSecret(PLAIN)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
    with pytest.raises(TypeError) as refusal:
        json.dumps({"secret": secret})
    assert PLAIN not in str(refusal.value)


def test_comparing_two_secrets_tells_nothing_about_their_text() -> None:
    assert OneTimeSecret(PLAIN) != OneTimeSecret(PLAIN)
    assert len({OneTimeSecret(PLAIN), OneTimeSecret(PLAIN)}) == 2


def test_a_registry_answers_in_the_order_of_registration() -> None:
    kinds: Registry[int] = Registry("kind")
    kinds.register("b", 2)
    kinds.register("a", 1)
    assert list(kinds.keys()) == ["b", "a"]
    assert list(kinds.items()) == [("b", 2), ("a", 1)]
    assert kinds.get("a") == 1
    assert "a" in kinds


def test_an_unknown_part_is_a_refusal() -> None:
    kinds: Registry[int] = Registry("kind")
    with pytest.raises(UnknownPart, match="There is no kind called “x”") as refusal:
        kinds.get("x")
    assert isinstance(refusal.value, DomainError)


def test_a_key_is_registered_once() -> None:
    kinds: Registry[int] = Registry("kind")
    kinds.register("a", 1)
    with pytest.raises(AlreadyRegistered):
        kinds.register("a", 1)
    assert kinds.get("a") == 1


def test_a_refusal_carries_its_field_and_survives_a_background_job() -> None:
    refusal = pickle.loads(pickle.dumps(DomainError("Type a name.", field="name")))  # noqa: S301  # our own
    assert (refusal.message, refusal.field, str(refusal)) == (
        "Type a name.",
        "name",
        "Type a name.",
    )
