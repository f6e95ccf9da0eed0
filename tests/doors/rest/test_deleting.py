"""Whoever says what they have seen deletes that, and nothing that came of it meanwhile."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from django.db.models import Model
from django.utils import timezone

from accounts.models import (
    Group,
    Identity,
    IdentityProfile,
    Integration,
    LifecycleState,
    Role,
    SchemaAttribute,
    ServiceAccount,
    Source,
    SourceAccount,
    Transform,
)
from tests.doors.rest.caller import Caller
from tests.doors.rest.examples import example_of
from tokens.doors.rest import revisions
from tokens.doors.rest.api import operations
from tokens.doors.rest.operations import Operation
from tokens.models import Api, ApiScope

pytestmark = pytest.mark.django_db

CHANGED: Final[dict[str, tuple[type[Model], dict[str, Any]]]] = {
    "delete_api": (Api, {"revision": 7}),
    "delete_attribute": (SchemaAttribute, {"description": "Changed"}),
    "delete_group": (Group, {"revision": 7}),
    "delete_lifecycle_state": (LifecycleState, {"revision": 7}),
    "delete_person": (Identity, {}),
    "delete_profile": (IdentityProfile, {"revision": 70}),
    "delete_role": (Role, {"revision": 7}),
    "delete_scope": (ApiScope, {"revision": 7}),
    "delete_service_account": (ServiceAccount, {"revision": 7}),
    "delete_source": (Source, {"revision": 7}),
    "delete_transform": (Transform, {"revision": 7}),
    "remove_account": (SourceAccount, {"digest": "0" * 32}),
    "remove_integration": (Integration, {"revision": 7}),
}
"""What somebody else does meanwhile."""
OPERATIONS: Final = {found.name: found for found in operations()}


def opened(operation: Operation, caller: Caller) -> tuple[str, str]:
    """An address, and the tag of what is there."""
    parts = example_of(operation, caller.holder).parts
    path = re.sub(r"{\w+:(\w+)}", lambda found: str(parts[found[1]]), operation.path)
    return path, caller.get(path).headers["ETag"]


@pytest.mark.parametrize("name", CHANGED)
def test_what_changed_between_the_look_and_the_lock_stays(
    name: str, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, tag = opened(OPERATIONS[name], admin)
    model, values = CHANGED[name]
    look = revisions.check

    def and_meanwhile(request: Any, revision: object) -> None:
        look(request, revision)
        rows = model._default_manager.all()
        if model is Identity:
            rows.exclude(pk=admin.holder.pk).update(changed_at=timezone.now())
        else:
            rows.update(**values)

    monkeypatch.setattr(revisions, "check", and_meanwhile)
    refused = admin.delete(path, if_match=tag)
    assert (refused.status_code, refused.json()["code"]) == (412, "edit_conflict")
    monkeypatch.undo()
    assert admin.delete(path, if_match=tag).status_code == 412
    assert admin.delete(path, if_match="*").status_code == 204
    assert admin.get(path).status_code == 404


def test_every_operation_that_deletes_what_has_a_tag_is_tried() -> None:
    tagged = set()
    for operation in OPERATIONS.values():
        if operation.method == "DELETE":
            readable = [o for o in OPERATIONS.values() if o.path == operation.path]
            if any(o.method == "PATCH" for o in readable):
                tagged.add(operation.name)
    assert tagged == CHANGED.keys()
