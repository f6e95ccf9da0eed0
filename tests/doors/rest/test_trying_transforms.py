"""Trying a transform by our own API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Identity, Transform
from tests.doors.rest import world
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_person

pytestmark = pytest.mark.django_db

LOWER: dict[str, Any] = {"type": "lower"}
CONCAT: dict[str, Any] = {
    "type": "concat",
    "attributes": {"values": [{"type": "upper", "attributes": {}}, "-1"]},
}


def test_values_that_are_sent_come_out_as_the_transform_makes_them(admin: Caller) -> None:
    before = Transform.objects.count()
    tried = admin.post("/transforms/try", LOWER | {"input": "ÄRGER"})
    assert tried.status_code == 200, tried.content
    assert (tried.json()["value"], tried.json()["cause"]) == ("ärger", "")
    stepwise = admin.post("/transforms/try", CONCAT | {"input": "a"}).json()
    assert stepwise["value"] == "A-1"
    assert [step["value"] for step in stepwise["steps"]] == ["A", "A-1"]
    assert Transform.objects.count() == before


def test_an_account_is_taken_as_a_mapping_would_take_it(admin: Caller) -> None:
    source = world.source(world.THREE)
    body = {"type": "upper", "source": str(source.pk), "attribute": "name"}
    assert admin.post("/transforms/try", body | {"account": "SA-2"}).json()["value"] == "TWO"
    assert admin.post("/transforms/try", body).json()["value"] == "ONE"
    for wrong in ({"account": "SA-9"}, {"attribute": "nothing"}, {"source": str(uuid4())}):
        answer = admin.post("/transforms/try", body | wrong)
        assert (answer.status_code, fields(answer)) == (422, set(wrong))


def test_why_there_is_no_value_is_said(admin: Caller) -> None:
    body = {"type": "dateFormat", "input": "no date"}
    tried = admin.post("/transforms/try", body)
    assert tried.status_code == 200, tried.content
    assert tried.json()["value"] is None
    assert tried.json()["cause"]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"type"}),
        ({"type": "nothing"}, {"type"}),
        ({"type": "leftPad", "attributes": {"length": "many"}}, {"attributes.length"}),
        (LOWER | {"account_attributes": []}, {"account_attributes"}),
        (LOWER | {"name": "x"}, {"name"}),
    ],
)
def test_what_cannot_be_tried_is_named(admin: Caller, body: object, wrong: set[str]) -> None:
    answer = admin.post("/transforms/try", body)
    assert (answer.status_code, fields(answer)) == (422, wrong), answer.content


def test_it_is_for_who_manages_profiles_and_shows_no_source_of_others(
    vera: Identity, mallory: Identity, ada: Identity
) -> None:
    body = LOWER | {"input": "X"}
    for caller in (Caller(vera), Caller(mallory), Caller(ada, ["steward:transforms:read"])):
        assert caller.post("/transforms/try", body).status_code == 403
    source = world.source(world.THREE)
    sub = Caller(make_person("sub", levels=["source_subadmin"]))
    asked = sub.post("/transforms/try", LOWER | {"source": str(source.pk), "attribute": "name"})
    assert asked.status_code in (403, 422)
    assert b"one" not in asked.content
