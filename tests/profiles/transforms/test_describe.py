"""What the editor tells about the types."""

from __future__ import annotations

import json

import pytest

from accounts.profiles.transforms import transform_types
from accounts.profiles.transforms.base import Kind
from accounts.profiles.transforms.describe import KINDS, describe

pytestmark = pytest.mark.sqlite


def test_every_type_is_described() -> None:
    described = {description.key: description for description in describe()}
    assert list(described) == list(transform_types.keys())
    assert set(KINDS) == set(Kind)
    for description in described.values():
        assert description.label
        assert description.description.endswith(".")
        assert json.loads(description.sample_json) == description.sample
        assert description.sample["type"] == description.type
        assert [a.name for a in description.attributes][-1] == "input"
        for attribute in description.attributes:
            assert attribute.kind
            assert attribute.help.endswith((".", "?"))


def test_an_attribute_is_told_in_words() -> None:
    described = {description.key: description for description in describe()}
    compare = {a.name: a for a in described["dateCompare"].attributes}
    assert compare["operator"].choices == ("LT", "LTE", "GT", "GTE")
    assert compare["operator"].required
    assert compare["firstDate"].kind == "text or transform"
    assert {a.name: a.default for a in described["split"].attributes}["throws"] == "true"
    assert described["static"].variables
    assert not described["lower"].variables
    rule = described["rule:getEndOfString"]
    assert (rule.type, rule.operation) == ("rule", "getEndOfString")
