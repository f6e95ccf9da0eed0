"""Compiling and evaluating in one breath."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.profiles.transforms.base import BadDefinition, Definition, TransformError, Value
from accounts.profiles.transforms.compile import compile_transform
from accounts.profiles.transforms.subject import GivenAccount, GivenSubject

NOW = datetime(2026, 11, 22, 12, 30, 15, 123456, tzinfo=UTC)
SOURCE = "Service Accounts"


def transform(kind: str, **attributes: Any) -> dict[str, Any]:
    return {"type": kind, "attributes": attributes}


def account(name: str, **more: Any) -> dict[str, Any]:
    """A transform that reads an attribute of the account."""
    return transform("accountAttribute", sourceName=SOURCE, attributeName=name, **more)


def subject(*accounts: Mapping[str, Any], **facts: Any) -> GivenSubject:
    """Someone with these accounts, the first one made first."""
    made = [
        GivenAccount(attributes, created_at=datetime(2020, 1, 1 + day, tzinfo=UTC))
        for day, attributes in enumerate(accounts)
    ]
    return GivenSubject(**{"now": NOW, "accounts_by_source": {SOURCE: made}, **facts})


def value_of(
    definition: Definition,
    given: Value = None,
    *,
    of: GivenSubject | None = None,
    library: Mapping[str, Definition] | None = None,
) -> Value:
    compiled = compile_transform(definition, library=library)
    return compiled.evaluate(of or subject(), given)


def failure(definition: Definition, given: Value = None, **more: Any) -> TransformError:
    with pytest.raises(TransformError) as caught:
        value_of(definition, given, **more)
    return caught.value


def problems(
    definition: Any, library: Mapping[str, Definition] | None = None
) -> list[tuple[str, str]]:
    """What the compiler finds wrong: paths and messages."""
    with pytest.raises(BadDefinition) as caught:
        compile_transform(definition, library=library)
    return [(problem.path, problem.message) for problem in caught.value.problems]


def outcome(definition: Definition, given: Value = None, **more: Any) -> Value | TransformError:
    """The value, or the error that stands in its place."""
    try:
        return value_of(definition, given, **more)
    except TransformError as error:
        return error
