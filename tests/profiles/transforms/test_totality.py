"""Whatever is defined and whatever comes in: a value, or an error in words, and nothing else."""

from __future__ import annotations

import string
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.profiles.transforms import transform_types
from accounts.profiles.transforms.base import (
    MAX_TEXT,
    Attribute,
    BadDefinition,
    Kind,
    TransformError,
    TransformType,
)
from accounts.profiles.transforms.compile import compile_transform
from accounts.profiles.transforms.export import BadExport, parse_export
from tests.profiles.transforms.running import SOURCE, subject

pytestmark = pytest.mark.sqlite

NAMES = ("a", "b", "c-d")

TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(alphabet=string.printable, max_size=20),
    st.sampled_from(
        [
            *(
                "now",
                "ISO8601",
                "LDAP",
                "yyyy-MM-dd",
                "EPOCH_TIME_JAVA",
                "2020-02-30",
                "2024-02-29",
            ),
            *(
                "$a",
                "${c-d}",
                "$!b x",
                "#if($a == 'x')y#{else}$b#end",
                "$a eq $b",
                "${uniqueCounter}",
            ),
            *("[a-z]+", "(.)(.)", "$1", "a*", "\\d", "|", ".", "^", "$"),
            *("now+1d/h", "-3M", 'a == "b"', "!(a.startsWith('x'))", SOURCE, "manager", "default"),
            *(
                "alpha3",
                "gte",
                "DE",
                "+49 30 901820",
                "Spanish (Mexico)",
                "Spain",
                "0",
                "-1",
                "450",
            ),
        ]
    ),
)
NUMBERS = st.one_of(st.integers(-3, 12), st.sampled_from(["0", "3", "-1", "x", 65_536, 451]))
SCALARS = st.one_of(TEXTS, NUMBERS, st.booleans(), st.none(), st.floats(allow_nan=False))


GRAMMARS = {
    "expression": ("$a eq $b", "x eq ${c-d}", "now", "now+1d/h", "-3M/y", "+999999y"),
    "firstDate": ("now", "2020-01-01"),
    "secondDate": ("now", "2020-01-01T00:00:00.000Z"),
    "inputFormat": ("ISO8601", "LDAP", "yyyy-MM-dd", "EPOCH_TIME_JAVA", "EPOCH_TIME_WIN32", "yy"),
    "outputFormat": ("ISO8601", "LDAP", "EEEE MMM dd yy Y w W", "EPOCH_TIME_WIN32", "X z a K"),
    "accountFilter": ('nativeIdentity == ""', 'displayName.contains("a")'),
    "accountPropertyFilter": ('a == "b"', "!(a.startsWith('x')) || b.isNull()", "uid != null"),
    "attributeName": ("a", "b", "uid"),
    "defaultRegion": ("DE", "us"),
}
"""What is hard to come by at random."""


def attribute_value(attribute: Attribute, inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what an attribute may hold, so that many definitions compile."""
    choices = st.sampled_from(attribute.choices) if attribute.choices else TEXTS
    if attribute.name in GRAMMARS:
        choices = st.one_of(st.sampled_from(GRAMMARS[attribute.name]), choices)
    return {
        Kind.TEXT: choices,
        Kind.NUMBER: NUMBERS,
        Kind.BOOLEAN: st.sampled_from([True, False, "true", "FALSE"]),
        Kind.VALUE: st.one_of(choices, inner),
        Kind.NUMBER_OR_VALUE: st.one_of(NUMBERS, inner),
        Kind.VALUES: st.lists(st.one_of(TEXTS, st.none(), inner), max_size=4),
        Kind.TEXTS: st.lists(TEXTS, min_size=1, max_size=3),
        Kind.TABLE: st.dictionaries(TEXTS, st.one_of(TEXTS, st.none()), max_size=4),
        Kind.REFERENCE: st.sampled_from(["One", "Two", "Gone"]),
    }[attribute.kind]


def definition_of(part: TransformType, inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    values = {a.name: attribute_value(a, inner) for a in part.attributes}
    required = {a.name: values[a.name] for a in part.attributes if a.required}
    optional = {name: value for name, value in values.items() if name not in required}
    optional["input"] = st.one_of(TEXTS, inner)
    if part.variables:
        required |= {name: st.one_of(TEXTS, inner) for name in NAMES}
    if part.type == "accountAttribute":
        required["sourceName"] = st.just(SOURCE)
        del optional["sourceName"]
    attributes = st.fixed_dictionaries(required, optional=optional)
    return attributes.map(lambda made: {"type": part.type, "attributes": made})


def definitions() -> st.SearchStrategy[Any]:
    parts = [part for _key, part in transform_types.items()]
    leaves = st.sampled_from([{"type": "trim"}, {"type": "uuid"}, {"type": "displayName"}])
    return st.recursive(
        leaves,
        lambda inner: st.one_of([definition_of(part, inner) for part in parts]),
        max_leaves=4,
    )


VALUES = st.one_of(
    st.none(), TEXTS, st.lists(TEXTS, max_size=3), st.text(min_size=300, max_size=400)
)
FACTS = st.dictionaries(st.sampled_from(["a", "b", "uid", "firstname", "lastname"]), VALUES)


@settings(max_examples=250, deadline=None)
@given(
    definition=definitions(),
    library=st.fixed_dictionaries({"One": definitions(), "Two": definitions()}),
    accounts=st.lists(FACTS, max_size=3),
    identity=FACTS,
    value=VALUES,
)
def test_any_definition_answers_or_says_why_not(
    definition: Any, library: Any, accounts: Any, identity: Any, value: Any
) -> None:
    try:
        compiled = compile_transform(definition, library=library)
    except BadDefinition:
        return
    of = subject(*accounts, identity=identity, manager=identity, taken={"x", ""})
    try:
        result = compiled.evaluate(of, value)
    except TransformError:
        return
    texts = [result] if isinstance(result, str) else result or []
    assert all(isinstance(text, str) for text in texts)
    assert sum(map(len, texts)) <= MAX_TEXT


JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(
                st.sampled_from(["type", "attributes", "name", "input", "values"]),
                st.text(max_size=5),
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_any_json_compiles_or_is_refused(value: Any) -> None:
    with suppress(BadDefinition):
        compile_transform(value)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.binary()))
def test_any_bytes_are_an_export_or_are_refused(text: str | bytes) -> None:
    with suppress(BadExport):
        parse_export(text)


@settings(max_examples=300, deadline=None)
@given(
    regex=st.text(alphabet="ab.*+?|()[]{}^$\\1,-&dDwWsSpPLQEZz<>:=!", max_size=15),
    replacement=st.text(alphabet="$01{}a\\", max_size=5),
    text=st.text(alphabet="abAé1 \n", max_size=10),
)
def test_any_pattern_works_or_is_refused(regex: str, replacement: str, text: str) -> None:
    attributes = {"regex": regex, "replacement": replacement}
    try:
        compiled = compile_transform({"type": "replace", "attributes": attributes})
    except BadDefinition:
        return
    assert isinstance(compiled.evaluate(subject(), text), str)
