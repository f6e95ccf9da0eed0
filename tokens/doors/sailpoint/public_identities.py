"""What everybody may see of others: those whom they may see in the console, too."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse

from accounts.identities import queries
from accounts.models import Identity
from accounts.profiles.attributes import LIFECYCLE_STATE
from tokens.doors.sailpoint.calls import Call, reference
from tokens.doors.sailpoint.collections import Collection, listed, truth
from tokens.doors.sailpoint.fields import Column, Kind

PUBLIC: Final = Collection(
    order=("display_name", "id"),
    fields={
        "id": Column("id", "eq in", Kind.ID),
        "alias": Column("user_name", "eq sw"),
        "email": Column("email", "eq sw"),
        "firstname": Column("first_name", "eq sw"),
        "lastname": Column("last_name", "eq sw"),
    },
    sorters={"name": "display_name"},
    parameters=frozenset({"add-core-filters"}),
)


def list_(call: Call) -> HttpResponse:
    rows = queries.visible_to(call.by).select_related("manager")
    if truth(call.request.GET, "add-core-filters"):
        rows = rows.exclude(last_name="").exclude(email="")
    return listed(call, rows, PUBLIC, lambda found: [_document(row) for row in found])


def _document(identity: Identity) -> dict[str, Any]:
    manager = identity.manager
    state = identity.attributes.get(LIFECYCLE_STATE)
    return {
        "id": str(identity.pk),
        "name": identity.display_name,
        "alias": identity.user_name,
        "email": identity.email or None,
        "status": str(state) if state else None,
        "identityState": None,
        "manager": reference("IDENTITY", manager.pk, manager.display_name) if manager else None,
        "attributes": [],
    }
