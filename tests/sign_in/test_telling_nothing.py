"""How long a refusal takes tells nothing: each costs one run of the password hasher."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.audit.actors import SYSTEM
from accounts.identities import actions
from accounts.models import Identity
from tests.factories import make_account
from tests.factories.people import PASSWORD

runs: list[str] = []


class CountingHasher(MD5PasswordHasher):
    algorithm = "md5"

    def encode(self, password: str, salt: Any) -> str:
        runs.append(password)
        return super().encode(password, salt)


@pytest.fixture
def counted(settings: Any, db: None) -> list[str]:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    return runs


def runs_of_an_attempt(login: str, password: str) -> int:
    runs.clear()
    Client().post("/sign-in/", {"login": login, "password": password})
    return len(runs)


def test_each_refusal_runs_the_hasher_once(
    counted: list[str], ada: Identity, otto: Identity
) -> None:
    actions.disable(by=ada, identity=otto, at=ada.created_at)
    actions.create_person(
        by=SYSTEM,
        user_name="nina",
        first_name="Nina",
        last_name="",
        email="nina@example.com",
        levels=[],
        at=ada.created_at,
    )
    service = make_account("audit01").account.identity.user_name

    cost = {
        "wrong password": runs_of_an_attempt("ada", "wrong"),
        "unknown": runs_of_an_attempt("nobody", PASSWORD),
        "disabled": runs_of_an_attempt("otto", PASSWORD),
        "not registered": runs_of_an_attempt("nina", PASSWORD),
        "service": runs_of_an_attempt(service, PASSWORD),
        "look-alike": runs_of_an_attempt("аda", PASSWORD),
    }

    assert set(cost.values()) == {1}, cost


def test_each_refusal_asks_the_database_as_much(ada: Identity) -> None:
    statements = set()
    for login in ("ada", "nobody"):
        with CaptureQueriesContext(connection) as captured:
            Client().post("/sign-in/", {"login": login, "password": "wrong"})
        statements.add(len(captured))

    assert len(statements) == 1
