"""What the doors say of themselves is what they serve."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.urls import resolve

from tokens.doors.sailpoint.operations import served
from tokens.explorer.documents import namespaces
from tokens.explorer.operations import Operation, operations
from tokens.scopes import in_force

EVERY = [(name, version) for name, each in namespaces.items() for version in each.versions]
AN_ID = "00000000-0000-0000-0000-000000000000"

pytestmark = pytest.mark.django_db


def described(namespace: str, version: str) -> list[Operation]:
    return list(operations(namespace, version).values())


@pytest.mark.parametrize(("namespace", "version"), EVERY)
def test_every_address_is_served_to_programs(namespace: str, version: str) -> None:
    for each in described(namespace, version):
        start, mark, end = re.sub(r"{\w+}(?=.*{)", AN_ID, each.path).partition("{")
        end = end.partition("}")[2]
        # of the last part we do not know whether it is a number
        filled = [start + part + end for part in (AN_ID, "1")] if mark else [start]
        views = [resolve(path, settings.MACHINE_URLCONF).func for path in filled]
        assert {getattr(view, "access", None) for view in views} == {"machine"}, each.path
        assert any("not_found" not in view.__name__ for view in views), each.path


@pytest.mark.parametrize(("namespace", "version"), EVERY)
def test_every_scope_is_in_the_catalogue(namespace: str, version: str) -> None:
    catalogue = in_force.catalogue()
    for each in described(namespace, version):
        assert [scope for scope in each.scopes if scope not in catalogue] == []


def test_all_of_sailpoints_operations_are_described_in_every_layout() -> None:
    for version in namespaces.get("sailpoint").versions:
        assert set(operations("sailpoint", version)) == set(served())


def test_a_version_that_is_none_has_no_operations() -> None:
    with pytest.raises(KeyError):
        operations("ping", "v1")


def test_names_are_written_as_they_are() -> None:
    found = operations("sailpoint", namespaces.get("sailpoint").versions[0]).values()
    clients = {each.api for each in found if "oauth" in each.path}
    assert clients == {"OAuth clients"}
    assert not [each.summary for each in found if "oauth" in each.summary]
