"""What a definition may be: its shape, its size, its depth, and no way round in circles."""

from __future__ import annotations

import time
from typing import Any

import pytest

from accounts.profiles.transforms.base import BadDefinition, TransformTooCostly
from accounts.profiles.transforms.compile import compile_transform
from tests.profiles.transforms.running import failure, problems, subject, transform, value_of

pytestmark = pytest.mark.sqlite


def nested(depth: int) -> dict[str, Any]:
    definition: dict[str, Any] = {"type": "lower"}
    for _n in range(depth - 1):
        definition = {"type": "lower", "attributes": {"input": definition}}
    return definition


def refer(*names: str) -> dict[str, Any]:
    return transform("concat", values=[transform("reference", id=name) for name in names])


@pytest.mark.parametrize(
    ("definition", "path", "mend"),
    [
        ({}, "$.type", "type"),
        ({"type": 5}, "$.type", "type"),
        ({"type": "lowr"}, "$.type", "lower"),
        ({"type": "lower", "atributes": {}}, "$.atributes", "attributes"),
        ({"type": "lower", "attributes": []}, "$.attributes", "braces"),
        ({"type": "lower", "attributes": {"inputs": "x"}}, "$.attributes.inputs", "input"),
        ({"type": "lower", "attributes": {"input": ["x"]}}, "$.attributes.input", "transform"),
        ({"type": "lower", "attributes": {"input": {}}}, "$.attributes.input.type", "type"),
        (
            {"type": "lower", "requiresPeriodicRefresh": "maybe"},
            "$.requiresPeriodicRefresh",
            "true",
        ),
        ({"type": "concat", "attributes": {"values": "x"}}, "$.attributes.values", "brackets"),
        (
            {"type": "concat", "attributes": {"values": ["x", ["y"]]}},
            "$.attributes.values[1]",
            "text",
        ),
        (
            {"type": "concat", "attributes": {"values": [{"type": "split"}]}},
            "$.attributes.values[0].attributes.delimiter",
            "required",
        ),
        ({"type": "static", "attributes": {"value": {"a": 1}}}, "$.attributes.value", "text"),
        (
            {"type": "static", "attributes": {"value": "x", "v": [1]}},
            "$.attributes.v",
            "text or a transform",
        ),
        ({"type": "reference", "attributes": {"id": 5}}, "$.attributes.id", "name"),
        (
            {"type": "firstValid", "attributes": {"values": [], "ignoreErrors": "x"}},
            "$.attributes.ignoreErrors",
            "true or false",
        ),
        ({"type": "lower", "attributes": {"input": "a\x00b"}}, "$", "character"),
        ({"type": "lower", "attributes": {"input": "\ud800"}}, "$", "character"),
        ({"type": "lower", "attributes": {"input": float("nan")}}, "$", "JSON"),
        ({"type": "lower", "attributes": {"input": 10**30}}, "$", "JSON"),
        ({"type": "lower", "attributes": {5: "x"}}, "$", "JSON"),
        ({"type": "lower", "attributes": {"input": b"x"}}, "$", "JSON"),
        (["lower"], "$", "braces"),
        (None, "$", "braces"),
        ("lower", "$", "braces"),
    ],
)
def test_a_wrong_shape_is_named_with_its_path_and_mend(
    definition: Any, path: str, mend: str
) -> None:
    found = dict(problems(definition))
    assert path in found
    assert mend in found[path]


def test_all_problems_are_told_at_once() -> None:
    values = [{"type": "split"}, {"type": "nothing"}, {"type": "lower", "attributes": {"x": 1}}]
    paths = [path for path, _message in problems(transform("concat", values=values))]
    assert paths == [
        "$.attributes.values[0].attributes.delimiter",
        "$.attributes.values[0].attributes.index",
        "$.attributes.values[1].type",
        "$.attributes.values[2].attributes.x",
    ]
    many = transform("concat", values=[{"type": "nothing"}] * 900)
    assert len(problems(many)) == 50


def test_what_exports_carry_along_is_no_problem() -> None:
    definition = {
        "id": "2c91",
        "internal": False,
        "name": "Loud",
        "type": "upper",
        "attributes": None,
    }
    assert value_of(definition, "x") == "X"
    assert value_of({**definition, "attributes": {"input": None}}, "x") == "X"


def test_sixteen_transforms_nest_and_no_more() -> None:
    assert value_of(nested(16), "X") == "x"
    ((path, message),) = problems(nested(17))
    assert path == "$" + ".attributes.input" * 16
    assert "at most 16" in message
    ((path, message),) = problems(nested(1000))
    assert "deep" in message


def test_depth_counts_through_references() -> None:
    library = {"Eight": nested(8)}
    assert value_of(transform("reference", id="Eight"), "X", library=library) == "x"
    for depth, fits in ((7, True), (8, False)):
        definition: dict[str, Any] = transform("reference", id="Eight")
        for _n in range(depth):
            definition = transform("lower", input=definition)
        both = transform("concat", values=[transform("reference", id="Eight"), definition])
        for tried in (definition, both):
            if fits and tried is definition:
                assert value_of(tried, "X", library=library) == "x"
            elif not fits:
                assert "at most 16" in problems(tried, library)[-1][1]


def test_circles_are_refused_and_shown() -> None:
    library = {"A": refer("B"), "B": transform("upper", input=refer("A"))}
    for definition in (refer("A"), {**library["A"], "name": "A"}):
        messages = {message for _path, message in problems(definition, library)}
        assert messages == {"It leads back to itself: A → B → A."}
    assert "C → C" in problems({**refer("C"), "name": "C"})[0][1]
    # a diamond is no circle
    library = {"A": refer("B", "C"), "B": refer("D"), "C": refer("D"), "D": {"type": "upper"}}
    assert value_of(refer("A"), "x", library=library) == "XX"


def test_references_upon_references_cannot_multiply_the_work() -> None:
    library: dict[str, Any] = {"L0": {"type": "upper"}}
    for level in range(1, 6):
        library[f"L{level}"] = refer(*[f"L{level - 1}"] * 10)
    begun = time.thread_time()
    found = problems(refer("L5"), library)
    assert "more than 1000 steps" in found[0][1]
    assert time.thread_time() - begun < 1
    assert "1000 steps" in problems(transform("concat", values=["x"] * 1000))[0][1]
    assert value_of(transform("concat", values=["x"] * 999)) == "x" * 999


def test_a_definition_has_at_most_64_kib() -> None:
    assert value_of(transform("static", value="x" * 65_000)) == "x" * 65_000
    for text in ("x" * 65_536, "é" * 33_000):
        assert problems(transform("static", value=text)) == [
            ("$", "Shorten it: a definition has at most 64 KiB.")
        ]
    library = {"Long": transform("static", value="x" * 65_536)}
    assert problems(transform("reference", id="Long"), library)[0][0] == "“Long” $"


def test_a_hostile_shape_is_refused_quickly() -> None:
    deep: Any = "x"
    for _n in range(200_000):
        deep = [deep]
    begun = time.thread_time()
    assert "deep" in problems(transform("concat", values=deep))[0][1]
    wide = transform("concat", values=[None] * 1_000_000)
    assert "64 KiB" in problems(wide)[0][1]
    assert time.thread_time() - begun < 2


@pytest.mark.parametrize(
    "definition",
    [
        transform("concat", values=[transform("leftPad", length=60_000), {"type": "lower"}] * 2),
        transform("join", values=[transform("leftPad", length=60_000)] * 9),
        transform("base64Encode", input=transform("rightPad", length=65_536)),
        transform("upper", input=transform("leftPad", length=65_536, padding="ß")),
        transform(
            "decomposeDiacriticalMarks", input=transform("leftPad", length=65_536, padding="ﷺ")
        ),
        transform("normalizeNames", input=transform("leftPad", length=65_536, padding="ß ")),
        transform("join", values=["", "", ""], separator="x" * 40_000),
    ],
)
def test_no_value_grows_beyond_its_bound(definition: Any) -> None:
    error = failure(definition, "x")
    assert isinstance(error, TransformTooCostly)
    assert error.cause == "The value grows beyond 65536 characters."


def test_a_problem_reads_as_path_and_message() -> None:
    with pytest.raises(BadDefinition) as caught:
        compile_transform({"type": "substring"})
    assert str(caught.value).startswith("$.attributes.begin: This attribute is required:")
    assert caught.value.code == "bad_transform"


def test_a_compiled_transform_serves_many() -> None:
    library = _Counting({"Loud": {"type": "upper"}})
    definition = transform(
        "concat", values=[transform("reference", id="Loud"), "-", {"type": "trim"}]
    )
    compiled = compile_transform(definition, library=library)
    read = library.read
    someone = subject()
    for number in range(10_000):
        assert compiled.evaluate(someone, f"a{number} ") == f"A{number} -a{number}"
    assert library.read == read


class _Counting(dict[str, Any]):
    """Counts how often it is read."""

    read = 0

    def __getitem__(self, name: str) -> Any:
        self.read += 1
        return super().__getitem__(name)


def test_long_texts_split_within_their_bounds() -> None:
    definition = transform("split", delimiter=",", index=2, input=transform("trim"))
    assert value_of(definition, ",b" * 30_000) == "b"


def test_the_time_of_a_value_is_bounded_without_patterns_too() -> None:
    names = transform("normalizeNames", input=transform("leftPad", length=60_000, padding="ab "))
    values = [transform("substring", begin=0, end=1, input=names)] * 200
    definition = transform("concat", values=values)
    begun = time.thread_time()
    assert "too long to calculate" in failure(definition, "x").cause
    assert time.thread_time() - begun < 2
