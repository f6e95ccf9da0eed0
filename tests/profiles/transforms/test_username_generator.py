"""User names that nobody has yet."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.profiles.transforms.compile import compile_transform
from tests.profiles.transforms.running import failure, problems, subject, transform, value_of

pytestmark = pytest.mark.sqlite

LAST = transform("identityAttribute", name="lastname")
INITIAL = transform(
    "substring", input=transform("identityAttribute", name="firstname"), begin=0, end=1
)
MIDDLE = transform("identityAttribute", name="middlename")


def generator(*patterns: str, **more: Any) -> dict[str, Any]:
    named = {"fi": INITIAL, "ln": LAST, "mi": MIDDLE}
    return transform("usernameGenerator", patterns=list(patterns), **named, **more)


def someone(*taken: str, **more: Any) -> Any:
    return subject(identity={"firstname": "John", "lastname": "Doe", **more}, taken=set(taken))


def test_patterns_are_tried_in_order() -> None:
    definition = generator("$fi$ln", "$fi.$ln", "$fi.$ln${uniqueCounter}")
    assert value_of(definition, of=someone()) == "JDoe"
    assert value_of(definition, of=someone("JDoe")) == "J.Doe"
    assert value_of(definition, of=someone("JDoe", "J.Doe")) == "J.Doe1"
    assert value_of(definition, of=someone("JDoe", "J.Doe", "J.Doe1")) == "J.Doe2"


def test_the_counter_is_empty_first_and_ends_at_the_limit() -> None:
    definition = generator("$fi$ln$uniqueCounter", cloudMaxUniqueChecks="3")
    assert value_of(definition, of=someone()) == "JDoe"
    assert value_of(definition, of=someone("JDoe", "JDoe1")) == "JDoe2"
    error = failure(definition, of=someone("JDoe", "JDoe1", "JDoe2"))
    assert error.cause == "All 3 names that the patterns give are taken."


def test_never_more_than_fifty_are_asked_for() -> None:
    asked: list[str] = []

    class Crowded(set[str]):
        def __contains__(self, name: object) -> bool:
            asked.append(str(name))
            return True

    of = subject(identity={"firstname": "John", "lastname": "Doe"}, taken=Crowded())
    failure(generator("$fi$ln", "$ln${uniqueCounter}"), of=of)
    assert len(asked) == 50
    assert problems(generator("$ln", cloudMaxUniqueChecks=51))[0][0].endswith("UniqueChecks")


def test_a_pattern_that_cannot_be_filled_is_passed_over() -> None:
    definition = generator("$fi.$mi.$ln", "$fi.$!mi$ln")
    assert value_of(definition, of=someone(middlename="Q")) == "J.Q.Doe"
    assert value_of(definition, of=someone()) == "J.Doe"
    assert value_of(definition, of=someone(middlename="")) == "J.Doe"
    assert "No pattern can be filled" in failure(generator("$mi"), of=someone()).cause


def test_names_are_cut_and_a_counter_that_is_cut_off_does_not_go_round() -> None:
    definition = generator("$fi$ln${uniqueCounter}", cloudMaxSize="3")
    assert value_of(definition, of=someone()) == "JDo"
    assert failure(definition, of=someone("JDo")).cause.startswith("All 1 names")


def test_what_comes_after_the_counter_is_never_tried_and_said_so() -> None:
    definition = generator("$ln${uniqueCounter}", "$fi")
    ((path, message),) = [(n.path, n.message) for n in compile_transform(definition).notices]
    assert path == "$.attributes.patterns[0]"
    assert "never tried" in message
    assert compile_transform(definition).checks_uniqueness


@pytest.mark.parametrize("patterns", [[], "", [""], [5], None, [{"type": "lower"}], {}])
def test_patterns_are_texts(patterns: Any) -> None:
    definition = transform("usernameGenerator", patterns=patterns)
    if patterns in ("", [""]):
        assert "No pattern can be filled" in failure(definition).cause
    else:
        assert problems(definition)[0][0] == "$.attributes.patterns"


def test_the_options_of_account_profiles_are_read() -> None:
    definition = generator("$ln", sourceCheck="true", cloudRequired="true", cloudMaxSize="100")
    assert value_of(definition, of=someone()) == "Doe"
