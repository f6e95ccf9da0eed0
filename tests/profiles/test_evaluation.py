"""Values are calculated in the order in which they read one another, and purely."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.profiles.evaluate import (
    MAX_VALUE,
    CompiledProfile,
    Evaluated,
    MappingSpec,
    ProfileSpec,
    compile_profile,
)
from accounts.profiles.transforms.base import BadDefinition
from accounts.profiles.transforms.subject import GivenAccount

pytestmark = pytest.mark.sqlite

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SOURCES = {"id-1": "HR", "id-2": "Directory"}


def ready(*mappings: MappingSpec, **library: Any) -> CompiledProfile:
    return compile_profile(ProfileSpec(SOURCES, mappings, library))


def run(
    compiled: CompiledProfile,
    attributes: dict[str, Any],
    *,
    identity: dict[str, Any] | None = None,
    others: dict[str, Any] | None = None,
) -> Evaluated:
    subject = compiled.subject(NOW)
    account = GivenAccount(attributes)
    subject.turn_to(account, identity=identity or {}, others=others or {})
    return compiled.evaluate(subject, attributes)


def reads(name: str) -> dict[str, Any]:
    return {"type": "identityAttribute", "attributes": {"name": name}}


def test_a_mapping_after_the_one_that_it_reads() -> None:
    compiled = ready(
        MappingSpec("displayName", definition=reads("title")),
        MappingSpec("title", definition=reads("uid")),
        MappingSpec("uid", source_attribute="name"),
    )
    found = run(compiled, {"name": "one"}, identity={"uid": "old", "title": "old"})
    assert found.values == {"uid": "one", "title": "one", "displayName": "one"}


def test_in_a_circle_the_old_value_is_read() -> None:
    compiled = ready(
        MappingSpec("title", definition=reads("city")),
        MappingSpec("city", definition=reads("title")),
    )
    found = run(compiled, {}, identity={"title": "T", "city": "C"})
    assert found.values == {"title": "C", "city": "C"}


def test_what_has_no_value_is_left_out() -> None:
    compiled = ready(MappingSpec("uid", source_attribute="name"))
    empty: tuple[Any, ...] = (None, "", [])
    for value in empty:
        assert run(compiled, {"name": value}) == Evaluated({}, [])


def test_numbers_become_texts_and_lists_stay() -> None:
    compiled = ready(MappingSpec("title", source_attribute="x"))
    assert run(compiled, {"x": 7}).values == {"title": "7"}
    assert run(compiled, {"x": True}).values == {"title": "true"}
    assert run(compiled, {"x": ["a", "b"]}).values == {"title": ["a", "b"]}


def test_another_source_is_read_from_the_oldest_account_with_a_value() -> None:
    compiled = ready(MappingSpec("title", source="id-2", source_attribute="role"))
    newer = GivenAccount({"role": "new"}, created_at=datetime(2025, 1, 1, tzinfo=UTC))
    older = GivenAccount({"role": "old"}, created_at=datetime(2024, 1, 1, tzinfo=UTC))
    oldest = GivenAccount({}, created_at=datetime(2023, 1, 1, tzinfo=UTC))
    found = run(compiled, {"role": "own"}, others={"id-2": [newer, older, oldest]})
    assert found.values == {"title": "old"}
    assert compiled.other_sources == {"id-2"}
    assert compiled.depends_on_more


@pytest.mark.parametrize("name", ["HR", "id-1"])
def test_the_own_source_by_name_and_by_id(name: str) -> None:
    definition = {
        "type": "accountAttribute",
        "attributes": {"sourceName": name, "attributeName": "x"},
    }
    compiled = ready(MappingSpec("title", definition=definition))
    assert run(compiled, {"x": "v"}).values == {"title": "v"}
    assert not compiled.depends_on_more


def test_one_wrong_value_does_not_hide_the_others() -> None:
    lookup = {"type": "lookup", "attributes": {"table": {"a": "b"}}}
    compiled = ready(
        MappingSpec("title", source_attribute="x", definition=lookup),
        MappingSpec("city", source_attribute="y"),
    )
    found = run(compiled, {"x": "z", "y": "Bern"})
    assert found.values == {"city": "Bern"}
    assert [(p.attribute, p.path) for p in found.problems] == [("title", "$")]


def test_what_no_database_could_hold_is_a_problem() -> None:
    nul = {"type": "base64Decode", "attributes": {"input": "AGE="}}
    compiled = ready(
        MappingSpec("title", definition=nul), MappingSpec("city", source_attribute="x")
    )
    found = run(compiled, {"x": "x" * (MAX_VALUE + 1)})
    assert found.values == {}
    assert [p.attribute for p in found.problems] == ["title", "city"]


def test_all_wrong_transforms_are_told_at_once() -> None:
    with pytest.raises(BadDefinition) as refusal:
        ready(
            MappingSpec("title", definition={"type": "nonsense"}),
            MappingSpec("city", definition={"type": "reference", "attributes": {"id": "none"}}),
        )
    assert [p.path for p in refusal.value.problems] == [
        "title $.type",
        "city $.attributes.id",
    ]


def test_time_asks_for_everybody_to_be_evaluated() -> None:
    math = {"type": "dateMath", "attributes": {"expression": "now"}}
    assert ready(MappingSpec("title", definition=math)).depends_on_more
