"""Templates fill in and choose; they reach nothing."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.profiles.transforms.base import TransformTooCostly
from accounts.profiles.transforms.compile import compile_transform
from tests.profiles.transforms.running import (
    account,
    failure,
    problems,
    subject,
    transform,
    value_of,
)

pytestmark = pytest.mark.sqlite


def static(value: str, **variables: Any) -> Any:
    return value_of(transform("static", value=value, **variables))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Employee", "Employee"),
        ("", ""),
        ("$a", "one"),
        ("${a}x$b.$c", "onextwo.three"),
        ("$a$b", "onetwo"),
        ("$!a", "one"),
        ("$!{a}", "one"),
        ("${a-b}", "both"),
        ("$a-b", "one-b"),
        ("#if($a=='one')yes#{else}no#end", "yes"),
        ("#if($a == 'two')yes#{else}no#end", "no"),
        ('#if($a == "one")yes#else no#end', "yes"),
        ('#if("$a" == "one")yes#end', "yes"),
        ("#if('one' == $a)yes#end", "yes"),
        ("#if($a != 'one')yes#end", ""),
        ("#if($a == $b)same#{else}other#end", "other"),
        ("#if($n == 5)five#end", "five"),
        ("#if($a)there#end", "there"),
        ("#if(!$!none)missing#end", "missing"),
        ("#if(!$none)missing#end", "missing"),
        ("#if($none)there#{else}missing#end", "missing"),
        ("#if($!none == '')missing#end", "missing"),
        ("#if($a=='one' && $b=='two')both#end", "both"),
        ("#if($a=='x' || $b=='two')either#end", "either"),
        ("#if($a=='x' || $b=='y' && $c=='z')1#{else}2#end", "2"),
        ("#if($a=='x')1#elseif($b=='two')2#{else}3#end", "2"),
        ("#if($a=='one')#if($b=='x')1#{else}2#end#{else}3#end", "2"),
        ("[#if ( $a == 'one' )x#end]", "[x]"),
        ("#if($a=='it)')1#{else}2#end", "2"),
    ],
)
def test_what_a_template_does(template: str, expected: str) -> None:
    variables = {"a": "one", "b": "two", "c": "three", "n": 5, "a-b": "both"}
    assert static(template, **variables, none=account("none")) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{{7*7}}",
        "{{ a.__class__ }}",
        "${}",
        "$",
        "$5",
        "%(x)s",
        "{0.__init__}",
        "{a}",
        "__class__",
        "#set($x = 7)$x",
        "#foreach($i in [1..9])x#end",
        "#include('/etc/passwd')",
        "#evaluate('x')",
        "#define($x)y#end",
        "## comment",
        "#else",
        "#end",
        "#iffy",
        "$identity.getManager().getId()",
        "${identity.attributes}",
        "$Class.forName('java.lang.Runtime')",
        "$_given",
        "\\$b",
    ],
)
def test_everything_else_is_plain_text(text: str) -> None:
    assert static(text) == text
    assert static(text + "$a", a="!") == f"{text}!"


def test_what_follows_a_variable_is_text_and_no_attribute() -> None:
    assert static("$a.__class__.__mro__", a="x") == "x.__class__.__mro__"
    assert static("$a.getClass()", a="x") == "x.getClass()"
    assert static("$a[0]", a="x") == "x[0]"


def test_values_are_not_templates() -> None:
    assert static("$a", a="$b #if($b)x#end {{b}}", b="y") == "$b #if($b)x#end {{b}}"


def test_an_author_is_told_what_stays_text() -> None:
    def notices(definition: Any) -> list[tuple[str, str]]:
        return [(n.path, n.message) for n in compile_transform(definition).notices]

    ((path, message),) = notices(transform("static", value="$fristname", firstname="x"))
    assert path == "$.attributes.value"
    assert "$fristname" in message
    first = transform("firstValid", values=["$identity.getManager().getId()", "none"])
    ((path, message),) = notices(first)
    assert path == "$.attributes.values"
    assert "$identity" in message
    assert notices(transform("static", value="costs $5 {{x}}")) == []


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("#if($a=='x')y", "#end"),
        ("#if($b=='x')y#end", "Declare"),
        ("#if($a.length == 1)y#end", "cannot be read"),
        ("#if($a.equals('x'))y#end", "cannot be read"),
        ("#if($a > 1)y#end", "cannot be read"),
        ("#if(($a == 'x'))y#end", "cannot be read"),
        ("#if()y#end", "cannot be read"),
        ("#if($a == )y#end", "cannot be read"),
        ("#if($a 'x')y#end", "cannot be read"),
        ("#if($a == 'x'", "cannot be read"),
        ("#elseif($a=='x')y", "#elseif"),
        ("#if($a)1#{else}2#{else}3#end", "one #else"),
        ("#if($a)1#{else}2#elseif($a)3#end", "before its #else"),
        ("#if($a)" * 17 + "#end" * 17, "16 deep"),
    ],
)
def test_a_choice_that_cannot_be_read_is_refused(template: str, reason: str) -> None:
    ((path, message),) = problems(transform("static", value=template, a="x"))
    assert path == "$.attributes.value"
    assert reason in message


def test_a_variable_without_value_is_an_error_that_a_default_can_catch() -> None:
    missing = transform("static", value="$a-$b", a="x", b=account("none"))
    error = failure(missing)
    assert (error.path, error.cause[:15]) == ("$", "$b has no value")
    fallback = transform("firstValid", values=[missing, "nobody"], ignoreErrors="true")
    assert value_of(fallback) == "nobody"
    assert static("$a-$!b", a="x", b=account("none")) == "x-"
    assert (
        "has no value"
        in failure(transform("static", value="#if($b == 'x')y#end", b=account("n"))).cause
    )


def test_variables_are_calculated_once_and_only_where_they_are_needed() -> None:
    twice = static("$a $a", a=transform("randomAlphaNumeric"))
    first, second = twice.split()
    assert first == second
    broken = transform("lookup", input="x", table={})
    assert static("#if($a == 'x')$broken#{else}fine#end", a="y", broken=broken) == "fine"


def test_a_template_cannot_grow_without_end() -> None:
    definition = transform("static", value="$a" * 100, a=account("long"))
    error = failure(definition, of=subject({"long": "x" * 60_000}))
    assert isinstance(error, TransformTooCostly)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("foo eq foo", "yes"),
        ("foo eq Foo", "no"),
        ("$a eq one", "yes"),
        ("$a eq $b", "no"),
        ("$c eq Human Resources", "yes"),
        ("  one   eq  $a ", "yes"),
        ("$d eq x eq y", None),
        ("foo ne foo", None),
        ("$a EQ one", None),
        ("$a eq", None),
        (" eq one", None),
    ],
)
def test_conditional_knows_eq_only(expression: str, expected: str | None) -> None:
    definition = transform(
        "conditional",
        expression=expression,
        positiveCondition="yes",
        negativeCondition="no",
        a="one",
        b="two",
        c="Human Resources",
        d="x eq y",
    )
    if expected is None:
        assert problems(definition)[0][0] == "$.attributes.expression"
    else:
        assert value_of(definition) == expected


def test_conditional_answers_variables_and_transforms_and_calculates_only_those() -> None:
    definition = transform(
        "conditional",
        expression="$a eq x",
        positiveCondition="in $b",
        negativeCondition=transform("upper", input="else"),
        a=transform("lower"),
        b=transform("lookup", table={"X": "the place"}),
    )
    assert value_of(definition, "X") == "in the place"
    assert value_of(definition, "Y") == "ELSE"


def test_a_missing_side_is_an_error_and_a_missing_answer_is_refused() -> None:
    definition = transform(
        "conditional",
        expression="$a eq x",
        positiveCondition="1",
        negativeCondition="2",
        a=account("none"),
    )
    assert "$a has no value" in failure(definition).cause
    definition["attributes"]["negativeCondition"] = None
    assert problems(definition)[0][0] == "$.attributes.negativeCondition"


def test_a_value_cannot_bring_its_own_operator() -> None:
    definition = transform(
        "conditional",
        expression="$a eq x",
        positiveCondition="same",
        negativeCondition="other",
        a="x eq x",
    )
    assert value_of(definition) == "other"
