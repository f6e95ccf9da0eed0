"""Sources made, changed and deleted."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse

from accounts.models import Identity
from accounts.sources import actions
from accounts.sources.actions import Details
from tokens.doors.sailpoint import identities
from tokens.doors.sailpoint.calls import Call, task_reference
from tokens.doors.sailpoint.collections import check_parameters
from tokens.doors.sailpoint.errors import Refused, answer
from tokens.doors.sailpoint.json_patch import operations
from tokens.doors.sailpoint.sources import CONNECTORS, DELIMITED_FILE, documents, find

NAME, DESCRIPTION, OWNER = "/name", "/description", "/owner"
THRESHOLDS: Final = ("/deleteThreshold", "/connectorAttributes/deleteThresholdPercentage")
"""The vendor keeps the number twice, and so do clients that change it."""


def create(call: Call) -> HttpResponse:
    """A delimited-file source; as the vendor, by the flag in the address or the connector."""
    check_parameters(call.request.GET, frozenset({"provisionAsCsv"}))
    is_csv = call.request.GET.get("provisionAsCsv", "").lower() == "true"
    known = {told["connector"] for name, told in CONNECTORS.items() if name == DELIMITED_FILE}
    if not is_csv and call.text("connector", required=True) not in known | {"delimited-file"}:
        raise Refused("Only delimited-file sources are made here. Make others in the console.")
    percent = call.document.get("deleteThreshold")
    if percent is not None:
        _check_threshold(percent)
    details = Details(
        name=call.text("name", required=True),
        description=call.text("description"),
        owner=_owner(call, call.document.get("owner")),
        delete_threshold_percent=percent or actions.FIRST_THRESHOLD_PERCENT,
        deletion_disabled=percent == 0,
    )
    source = actions.create(by=call.by, connector=DELIMITED_FILE, details=details, at=call.now)
    return answer(documents([source])[0], HTTPStatus.CREATED)


def update(call: Call, source_id: str) -> HttpResponse:
    """Change name, description, owner or Account Delete Threshold."""
    source = find(call, source_id)
    details = Details(
        name=source.name,
        description=source.description,
        owner=source.owner,
        config=source.config,
        delete_threshold_percent=source.delete_threshold_percent,
        deletion_disabled=source.deletion_disabled,
    )
    for change in operations(call.body, {NAME, DESCRIPTION, OWNER, *THRESHOLDS}):
        value = None if change.op == "remove" else change.value
        details = _changed(call, details, change.path, value)
    changed = actions.edit(
        by=call.by, source=source, details=details, revision=source.revision, at=call.now
    )
    return answer(documents([changed])[0])


def _changed(call: Call, details: Details, path: str, value: Any) -> Details:
    if path in THRESHOLDS:
        _check_threshold(value)
        percent = value or details.delete_threshold_percent
        return replace(details, delete_threshold_percent=percent, deletion_disabled=value == 0)
    if path == OWNER:
        return replace(details, owner=identities.owner_named(call, value) if value else None)
    if path == DESCRIPTION and value is None:
        value = ""
    if not isinstance(value, str):
        raise Refused(f"{path[1:]} must be text.")
    if path == NAME:
        return replace(details, name=value)
    return replace(details, description=value)


def delete(call: Call, source_id: str) -> HttpResponse:
    """Done at once, although the vendor answers with a task."""
    source = find(call, source_id)
    actions.delete(by=call.by, source=source, at=call.now)
    return answer(task_reference(source.pk), HTTPStatus.ACCEPTED)


def _check_threshold(percent: Any) -> None:
    """0 stands for no deletion at all."""
    if type(percent) is not int or not 0 <= percent <= 100:
        raise Refused("deleteThreshold must be a whole number from 0 to 100.")


def _owner(call: Call, told: Any) -> Identity | None:
    """Whom the document names, else whoever calls; what is no person owns nothing."""
    if told is not None:
        return identities.owner_named(call, told)
    return call.by if call.by.is_person else None
