"""Why somebody has a role."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.groups.paths import paths_of
from accounts.models import Identity
from accounts.roles import assigning
from accounts.roles.reach import role_ids_of
from tests.factories.groups import make_group, make_role

pytestmark = pytest.mark.django_db


def test_each_way_is_told_from_the_group_down(mallory: Identity) -> None:
    inner = make_role("personalize_choices")
    itil = make_role("itil", contains=[inner])
    top = make_group("Everybody", roles=[make_role("snc_internal")])
    make_group("ServiceNow Service Accounts", parent=top, roles=[itil], members=[mallory])
    assigning.assign(by=SYSTEM, identity=mallory, role=inner, at=timezone.now())

    found = paths_of(mallory, timezone.now())
    assert [path.text for path in found] == [
        "[ServiceNow Service Accounts]/[Everybody]/snc_internal",
        "[ServiceNow Service Accounts]/itil",
        "[ServiceNow Service Accounts]/itil/personalize_choices",
        "personalize_choices",
    ]
    assert [path.is_direct for path in found] == [False, False, False, True]
    assert {path.role.pk for path in found} == role_ids_of(mallory.pk, timezone.now())


def test_a_diamond_is_told_once_by_its_shortest_way(mallory: Identity) -> None:
    bottom = make_role("bottom")
    sides = [make_role(name, contains=[bottom]) for name in ("left", "right")]
    make_group("G", roles=[make_role("top", contains=sides)], members=[mallory])
    assert [path.text for path in paths_of(mallory, timezone.now())] == [
        "[G]/top",
        "[G]/top/left",
        "[G]/top/left/bottom",
        "[G]/top/right",
    ]


def test_many_groups_take_no_more_statements(mallory: Identity) -> None:
    roles = [make_role(f"role{n}") for n in range(3)]
    top = make_group("top", roles=[make_role("of the top")])
    make_group("first", parent=top, roles=roles, members=[mallory])
    with CaptureQueriesContext(connection) as few:
        paths_of(mallory, timezone.now())
    for n in range(10):
        make_group(f"group{n}", parent=top, roles=roles, members=[mallory])
    with CaptureQueriesContext(connection) as many:
        assert len(paths_of(mallory, timezone.now())) == 44
    assert len(many) == len(few)
