"""What the API explorer knows of this door is all that it serves."""

from __future__ import annotations

import re

import pytest

from tests.doors.servicenow.caller import Caller
from tokens.doors.servicenow.document import VERSIONS, document
from tokens.doors.servicenow.tables import tables
from tokens.doors.servicenow.urls import VIEWS, found_at


@pytest.mark.parametrize("version", VERSIONS)
def test_every_address_is_described(version: str) -> None:
    described = document(version)["paths"]
    views = {found_at(re.sub(r"{\w+}", "x", path)) is not None for path in described}
    assert views == {True}
    assert len(described) == len(VIEWS)
    parameters = described[next(iter(described))]["get"]["parameters"]
    assert parameters[0]["schema"]["enum"] == list(tables)


@pytest.mark.django_db
def test_every_method_is_served(admin: Caller) -> None:
    wrong = {}
    for path, methods in document("v2")["paths"].items():
        for method in methods:
            address = path.replace("{tableName}", "sys_user")
            answer = admin.send(method.upper(), re.sub(r"{\w+}", "x", address), {})
            if answer.status_code in (405, 500):
                wrong[method, path] = answer.status_code
    assert wrong == {}
