"""Transforms, in the vendor's own form."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import HttpResponse

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Transform
from accounts.profiles import library, queries, sailpoint
from tokens.doors.sailpoint.calls import Call, one_of
from tokens.doors.sailpoint.collections import Collection, listed
from tokens.doors.sailpoint.errors import answer, done
from tokens.doors.sailpoint.fields import Column, either

TRANSFORMS: Final = Collection(
    order=("name",),
    fields={"internal": either(Q(built_in=True)), "name": Column("name", "eq sw")},
    parameters=frozenset({"name"}),
)


def list_(call: Call) -> HttpResponse:
    rows = _readable(call)
    if name := call.request.GET.get("name"):
        rows = rows.filter(name=name)
    return listed(call, rows, TRANSFORMS, documents)


def get(call: Call, transform_id: str) -> HttpResponse:
    return answer(documents([_find(call, transform_id)])[0])


def create(call: Call) -> HttpResponse:
    name = call.text("name", required=True)
    made = library.create(by=call.by, name=name, definition=call.document, at=call.now)
    return answer(documents([made])[0], HTTPStatus.CREATED)


def update(call: Call, transform_id: str) -> HttpResponse:
    transform = _find(call, transform_id)
    changed = library.edit(
        by=call.by,
        transform=transform,
        definition=call.document,
        revision=transform.revision,
        at=call.now,
    )
    return answer(documents([changed])[0])


def delete(call: Call, transform_id: str) -> HttpResponse:
    library.delete(by=call.by, transform=_find(call, transform_id), at=call.now)
    return done()


def _readable(call: Call) -> QuerySet[Transform]:
    rows = queries.transforms()
    return rows if may(call.by, Permission.PROFILE_VIEW) else rows.none()


def _find(call: Call, transform_id: str) -> Transform:
    return one_of(_readable(call), transform_id, "transform")


def documents(rows: Sequence[Transform]) -> list[dict[str, Any]]:
    return sailpoint.export_transforms(rows)
