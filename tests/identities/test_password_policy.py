"""What passwords are refused: short ones, leaked ones, and those made of what stands beside."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.utils import timezone

from accounts.identities import passwords
from accounts.identities.first_administrator import create
from accounts.models import Identity

OTTO = Identity(user_name="otto.maier", display_name="Otto Maier", email="otto@corp.example")

LEAKED = (
    "password1234",
    "Password1234!",
    "P@ssw0rdP@ssw0rd",
    "qwertyuiop12",
    "1q2w3e4r5t6y",
    "iloveyou2024!",
    "letmeinletmein",
    "basketball12",
    "abcdefghijkl",
    "aaaaaaaaaaaa",
    "jonathanjonathan",
    "interestingly",
)


@pytest.mark.parametrize("password", LEAKED)
def test_a_leaked_or_common_one_is_refused(password: str) -> None:
    with pytest.raises(passwords.BadPassword):
        passwords.check(password, OTTO)


@pytest.mark.parametrize(
    "password",
    ["otto.maier.otto", "Otto-Maier-2026", "corpcorp2026!", "steward-steward", "!!STEWARD!!2026"],
)
def test_one_made_of_names_around_it_is_refused(password: str) -> None:
    with pytest.raises(passwords.BadPassword):
        passwords.check(password, OTTO)


def test_the_companys_name_in_the_address_is_such_a_name(settings: Any) -> None:
    settings.STEWARD_PUBLIC_URL = "https://steward.acmeworks.example"
    with pytest.raises(passwords.BadPassword):
        passwords.check("Acmeworks!!2026", OTTO)


@pytest.mark.parametrize(
    "password",
    [
        "three ducks on a pond",
        "kept lamp orbit",
        "пароль в три слова",
        "  spaces around  them  ",
        "x9$kdl;ajsdf",
        "🦆🐸🌊🌿🍄🐌🪲🌻🍂🌧️🦉🐾",
        "Vq3 zt9 Lw7 mB2 " * 8,
    ],
)
def test_nothing_is_asked_of_its_characters(password: str) -> None:
    passwords.check(password, OTTO)


def test_twelve_characters_are_the_fewest_and_128_the_most() -> None:
    long = "Vq3 zt9 Lw7 mB2 " * 8
    passwords.check(long[:12], OTTO)
    for wrong in (long[:11], long + "x"):
        with pytest.raises(passwords.BadPassword):
            passwords.check(wrong, OTTO)


def test_the_search_is_bounded_also_for_the_worst_of_passwords() -> None:
    started = time.perf_counter()
    for worst in ("4@8({[36#1!7$5+%2z" * 7, "ab" * 64, "p@ssw0rd" * 16):
        with pytest.raises(passwords.BadPassword):
            passwords.check(worst + "x" * 20, OTTO)
    assert time.perf_counter() - started < 20


def test_the_first_administrator_obeys_it_too(db: None) -> None:
    with pytest.raises(passwords.BadPassword):
        create(user_name="ada", email="a@x.example", password="password1234", at=timezone.now())
