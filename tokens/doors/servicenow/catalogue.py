"""The service catalog: its items are the kinds of requests, and to order one is to ask."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _

from accounts.requests import actions
from accounts.requests.kinds.base import Detail, kinds
from accounts.requests.policies import check_may_ask
from tokens.doors.servicenow.calls import Call
from tokens.doors.servicenow.errors import Refused, not_found, page_of_request, result
from tokens.doors.servicenow.ids import UUIDS
from tokens.doors.servicenow.tables.requests import REQUEST, kind_id


def list_(call: Call, version: str = "") -> HttpResponse:
    del version
    check_may_ask(call.by)
    return result([_item(name) for name in kinds.keys()])  # noqa: SIM118  a registry


def get(call: Call, item_id: str, version: str = "") -> HttpResponse:
    del version
    check_may_ask(call.by)
    name = _kind(item_id)
    return result(_item(name) | {"variables": _variables(name)})


def order(call: Call, item_id: str, version: str = "") -> HttpResponse:
    """Ask for one item for the caller, or for an account of theirs; approval is somebody else's."""
    del version
    check_may_ask(call.by)
    name = _kind(item_id)
    variables = call.body.get("variables") or {}
    if str(call.body.get("sysparm_quantity", "1")) != "1" or not isinstance(variables, dict):
        raise Refused("Order one item, with its variables as a JSON object.")
    lists = {each.name for each in kinds.get(name).takes if each.is_list}
    details = {n: _value(v, n in lists) for n, v in variables.items() if n != "reason"}
    wanted = str(call.body.get("sysparm_requested_for") or call.by.pk.hex)
    is_for_another = wanted.replace("-", "") != call.by.pk.hex
    if is_for_another:
        if details.get("account", wanted) != wanted:
            raise Refused("sysparm_requested_for and the variable account name two accounts.")
        details["account"] = wanted
    with transaction.atomic():
        asked = actions.ask(
            by=call.by,
            kind=name,
            details=details,
            reason=str(variables.get("reason") or call.body.get("sysparm_reason") or ""),
            at=call.now,
        )
        if is_for_another and asked.requested_for_id != _pk(wanted):
            raise Refused("sysparm_requested_for: this item is ordered for oneself alone.")
    found = UUIDS.sys_id(asked.pk)
    return result(
        {
            "sys_id": found,
            "number": asked.number,
            "request_number": asked.number,
            "request_id": found,
            "table": REQUEST,
            "parent_id": None,
            "parent_table": None,
        }
    )


def _pk(text: str) -> UUID | None:
    return UUIDS.pk(text.replace("-", "").lower())


def _kind(item_id: str) -> str:
    for name in kinds.keys():  # noqa: SIM118  a registry
        if kind_id(name) == item_id:
            return name
    raise not_found()


def _value(value: Any, is_list: bool) -> Any:
    """The vendor's clients send lists as one text, with commas."""
    if is_list and isinstance(value, str):
        return [each.strip() for each in value.split(",") if each.strip()]
    return value


def _variables(name: str) -> list[dict[str, Any]]:
    """What an order of the item takes, with the reason that each takes."""
    reason = Detail("reason", _("What it is for; whoever decides reads it."), required=True)
    return [
        {"name": each.name, "label": str(each.description), "mandatory": each.required}
        for each in (*kinds.get(name).takes, reason)
    ]


def _item(name: str) -> dict[str, Any]:
    kind = kinds.get(name)
    return {
        "sys_id": kind_id(name),
        "name": str(kind.label),
        "short_description": str(kind.description),
        "description": str(kind.description),
        "type": "catalog_item",
        "sys_class_name": "sc_cat_item",
        "url": page_of_request(name),
        "mandatory_attachment": False,
        "show_quantity": False,
    }
