"""Shortcuts through the rules for names and addresses, for the many that are plain ASCII.

A million accounts pass through here. What is not plain goes the whole way, and for what is, the
answer is the very same: a test compares them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from accounts.identities.actions import PERSON_NAME_MAX_LENGTH
from accounts.identities.emails import EMAIL_MAX_LENGTH, clean_email
from accounts.lib.names import MAX_SKELETON, MAX_USER_NAME, clean_name, clean_user_name, skeleton

PLAIN_USER_NAME: Final = re.compile(r"[._\-@+]*[A-Za-z0-9][A-Za-z0-9._\-@+]*", re.ASCII)
PLAIN_NAME: Final = re.compile(r"[!-~]+(?: [!-~]+)*")
PLAIN_EMAIL: Final = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@"
    r"(?:[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?\.)+[a-z]{2,60}"
)
PLAIN_PERSON: Final = re.compile(
    rf"(?=.{{1,{MAX_USER_NAME}}}\n){PLAIN_USER_NAME.pattern}\n"
    rf"(?=.{{0,{EMAIL_MAX_LENGTH}}}\n)(?:(?!.*--){PLAIN_EMAIL.pattern})?\n"
    rf"(?=.{{0,{PERSON_NAME_MAX_LENGTH}}}\n)(?:{PLAIN_NAME.pattern})?\n"
    rf"(?=.{{0,{PERSON_NAME_MAX_LENGTH}}}\n)(?:{PLAIN_NAME.pattern})?\n",
    re.ASCII,
)
"""User name, e-mail, last and first name, a line each: all of them plain, found out at once."""

MARKS_OF_SECRETS: Final = ("eyJ", "-----", "stw_", "steward_pat_", "steward_scim_", "\\")
"""Without one of them, JSON holds nothing that the audit log would mask."""


@lru_cache(maxsize=1)
def _folded() -> dict[int, str]:
    """What each visible ASCII character counts as; they do not act on one another."""
    return {code: skeleton(chr(code)) for code in range(ord("!"), ord("~") + 1)}


def user_name_of(text: str) -> str:
    """As `clean_user_name`; raises as it does."""
    text = text.strip(" ")
    if len(text) <= MAX_USER_NAME and PLAIN_USER_NAME.fullmatch(text):
        return text
    return clean_user_name(text, field=None)


def key_of(name: str) -> str:
    """As `skeleton`, of a name that is clean."""
    if len(name) < MAX_SKELETON // 4 and PLAIN_NAME.fullmatch(name):
        return name.translate(_folded())
    return skeleton(name)


def name_of(text: str, max_length: int) -> str:
    """As `clean_name`; raises as it does."""
    trimmed = text.strip(" ")
    if len(trimmed) <= max_length and PLAIN_NAME.fullmatch(trimmed):
        return trimmed
    return clean_name(text, max_length=max_length, field=None)


def email_of(text: str) -> str:
    """As `clean_email`; raises as it does."""
    text = text.strip(" ")
    if len(text) <= EMAIL_MAX_LENGTH and "--" not in text and PLAIN_EMAIL.fullmatch(text):
        return text
    return clean_email(text)


def holds_no_secret(text: str) -> bool:
    """Whether JSON is certain to hold nothing that looks like a key or token."""
    return not any(mark in text for mark in MARKS_OF_SECRETS)
