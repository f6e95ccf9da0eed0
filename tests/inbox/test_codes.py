"""Which part of a message is the code, and that most messages have none."""

from __future__ import annotations

import time

import pytest

from accounts.inbox import codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your verification code is 481516.", "481516"),
        ("481516 is your Slack code", "481516"),
        ("G-481516 is your Google verification code.", "481516"),
        (
            "Use this one-time code:\n\n    4815 1623\n\nIt expires in 10 minutes.",
            "4815 1623",
        ),
        ("Your OTP: 4815", "4815"),
        ("Security code: 481 516. Never share it.", "481 516"),
        ("Enter AB12-34CD to verify your device.", "AB12-34CD"),
        ("Your confirmation code\nK7Q2MF\n(c) 2026 Example Inc.", "K7Q2MF"),
        ("Ihr Bestätigungscode lautet 481516", "481516"),
        ("Code 2026", "2026"),
        ("Order #99887 of $1200: your code is 481516", "481516"),
        ("Call +1 415 555 0100, or use the PIN 481516", "481516"),
        ("https://x.example/verify?code=999999 or type the code 481516", "481516"),
    ],
)
def test_a_code_is_found_by_the_word_beside_it(text: str, code: str) -> None:
    assert codes.find(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Your invoice 481516 is ready.",
        "The code of conduct was changed on 12.05.2026.",
        "We wrote the verification page. It costs $481516.",
        "Open https://x.example/verify?code=481516 to go on.",
        "Your code is 123.",
        "Your code is 481516481516481516.",
        "CODE REVIEW NEEDED",
        f"Your code is below.{' ' * 200}481516",
    ],
)
def test_a_number_alone_is_none(text: str) -> None:
    assert codes.find(text) == ""


def test_the_subject_comes_first_and_is_masked_in_lists() -> None:
    assert codes.find("481516 is your code", "the code 999999") == "481516"
    assert codes.masked("481516 is your code", "481516") == "•••••• is your code"
    assert codes.masked("Hello", "") == "Hello"


@pytest.mark.parametrize(
    "text", ["code " * 20_000, "1" * 200_000, "A1-" * 60_000, "code 1234 " * 9_000]
)
def test_a_text_that_was_made_to_be_slow_is_not(text: str) -> None:
    begun = time.process_time()
    codes.find(text)
    assert time.process_time() - begun < 5
