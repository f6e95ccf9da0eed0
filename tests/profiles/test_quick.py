"""The short way through the rules ends where the long one does."""

from __future__ import annotations

import json
import string
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.audit.plain import SECRET_TEXT, plain
from accounts.identities.actions import PERSON_NAME_MAX_LENGTH
from accounts.identities.emails import clean_email
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_user_name, skeleton
from accounts.profiles import quick
from accounts.profiles.attributes import EMAIL, FIRST_NAME, LAST_NAME, USER_NAME
from accounts.profiles.evaluate import ValueProblem
from accounts.profiles.shape import shape_person

pytestmark = pytest.mark.sqlite

VISIBLE = st.text(string.ascii_letters + string.digits + " ._-@+'\"\\é\u0430\u200b", max_size=30)
ADDRESS = st.one_of(
    VISIBLE,
    st.from_regex(r"[a-z+._-]{1,9}@[A-Za-z0-9.-]{1,20}", fullmatch=True),
    st.emails(),
)


def verdict(rule: Callable[[str], str], text: str) -> str:
    try:
        return rule(text)
    except DomainError as error:
        return f"refused: {error.message}"


@given(VISIBLE)
def test_user_names(text: str) -> None:
    assert verdict(quick.user_name_of, text) == verdict(clean_user_name, text)


@given(st.one_of(VISIBLE, st.text(string.printable, max_size=60)))
@example(" \r")
def test_names(text: str) -> None:
    long_way = verdict(lambda value: clean_name(value, max_length=20), text)
    assert verdict(lambda value: quick.name_of(value, 20), text) == long_way


@given(ADDRESS)
@settings(max_examples=500)
def test_addresses(text: str) -> None:
    assert verdict(quick.email_of, text) == verdict(clean_email, text)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=120))
def test_keys(name: str) -> None:
    assert quick.key_of(name) == skeleton(name)


@given(VISIBLE)
def test_keys_of_names_with_spaces(text: str) -> None:
    name = " ".join(text.split())
    assert quick.key_of(name) == skeleton(name)


@given(VISIBLE, ADDRESS, VISIBLE, VISIBLE)
@settings(max_examples=500)
def test_all_at_once_is_each_by_itself(uid: str, email: str, last: str, first: str) -> None:
    values = {USER_NAME: uid, EMAIL: email, LAST_NAME: last, FIRST_NAME: first}
    values = {name: text for name, text in values.items() if text}
    problems: list[ValueProblem] = []
    shaped = shape_person(dict(values), problems, frozenset())
    found = {p.attribute for p in problems}

    def person_name(text: str) -> str:
        return clean_name(text, max_length=PERSON_NAME_MAX_LENGTH) if text.strip() else ""

    for attribute, rule, column in (
        (USER_NAME, clean_user_name, shaped.user_name),
        (EMAIL, clean_email, shaped.email),
        (LAST_NAME, person_name, shaped.last_name),
        (FIRST_NAME, person_name, shaped.first_name),
    ):
        if attribute not in values:
            continue
        said = verdict(rule, values[attribute])
        assert (attribute in found) == said.startswith("refused: ")
        assert column == ("" if attribute in found else said)


@given(
    st.one_of(
        st.text(max_size=80),
        st.from_regex(SECRET_TEXT),
        st.from_regex(r"(eyJ|stw_|steward_pat_|steward_scim_|-----BEGIN )[\w. -]{0,40}"),
    )
)
@example("steward_pat_" + "0" * 20)
@example("stw_key_0." + "0" * 20)
def test_what_looks_like_a_secret_is_never_taken_for_none(text: str) -> None:
    document = json.dumps({"title": text}, ensure_ascii=False)
    if quick.holds_no_secret(document) and document.isascii() and document.isprintable():
        assert plain({"title": text}) == {"title": text}
