"""The OpenAPI document of this door, in the order and the words of the vendor's API explorer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tokens.doors import openapi
from tokens.doors.openapi import Document, json_body, operation, parameter
from tokens.doors.servicenow.calls import SCOPE
from tokens.doors.servicenow.documents import Display
from tokens.doors.servicenow.tables import tables

LATEST: Final = "latest"
VERSIONS: Final = (LATEST, "v2", "v1")
USUAL_ROWS: Final = 10
TABLE_API, BATCH_API, CATALOG_API = "Table API", "Batch API", "Service Catalog API"
INHERITANCE_API: Final = "User Role Inheritance API"
AN_ID: Final = "0" * 32


def _one_of(told: Document, values: Iterable[str]) -> Document:
    told["schema"]["enum"] = list(values)
    return told


ABOUT_ANSWERS: Final = (
    parameter("sysparm_fields", "query", "Names with commas, such as user.user_name; else all."),
    _one_of(parameter("sysparm_display_value", "query", "What people read."), Display),
    parameter("sysparm_exclude_reference_link", "query", "true: no links.", kind="boolean"),
)
PAGE: Final = (
    parameter("sysparm_query", "query", "Such as active=true^user_nameSTARTSWITHsvc^ORDERBYname."),
    *ABOUT_ANSWERS,
    parameter("sysparm_limit", "query", "Rows, up to 10000.", kind="integer", default=USUAL_ROWS),
    parameter("sysparm_offset", "query", "Rows to leave out before.", kind="integer"),
    parameter("sysparm_no_count", "query", "true: no X-Total-Count.", kind="boolean"),
)
MEMBERSHIP: Final = {"user": AN_ID, "group": AN_ID}
CHANGE: Final = {"web_service_access_only": "true"}
BATCH: Final = {
    "batch_request_id": "1",
    "rest_requests": [
        {"id": "1", "method": "GET", "url": "/api/now/table/sys_user", "headers": []}
    ],
}
ORDER: Final = {
    "sysparm_quantity": 1,
    "variables": {"group": AN_ID, "account": AN_ID, "reason": "Nightly export"},
}


def document(version: str) -> Document:
    part = "" if version == LATEST else f"{version}/"
    return openapi.document(
        "ServiceNow",
        version,
        {**_tables(part), **_others(part)},
        description="What ServiceNow's clients call, at their addresses.",
        token_path="/oauth_token.do",  # noqa: S106  # an address
    )


def _told(name: str, summary: str, api: str, *parameters: Document, **more: Any) -> Document:
    return operation(name, summary, api=api, scopes=[SCOPE], parameters=parameters, **more)


def _tables(part: str) -> dict[str, Document]:
    table = _one_of(parameter("tableName", "path"), tables)
    one = parameter("sys_id", "path", "32 hexadecimal digits.")
    change = json_body(CHANGE)
    return {
        f"/api/now/{part}table/{{tableName}}": {
            "get": _told("listRecords", "Retrieve records from a table", TABLE_API, table, *PAGE),
            "post": _told(
                "createRecord",
                "Create a record",
                TABLE_API,
                *(table, *ABOUT_ANSWERS),
                body=json_body(MEMBERSHIP),
                answer="201",
            ),
        },
        f"/api/now/{part}table/{{tableName}}/{{sys_id}}": {
            "get": _told("getRecord", "Retrieve a record", TABLE_API, table, one, *ABOUT_ANSWERS),
            "put": _told(
                "modifyRecord",
                "Modify a record",
                TABLE_API,
                *(table, one, *ABOUT_ANSWERS),
                body=change,
            ),
            "delete": _told("deleteRecord", "Delete a record", TABLE_API, table, one, answer="204"),
            "patch": _told(
                "updateRecord",
                "Update a record",
                TABLE_API,
                *(table, one, *ABOUT_ANSWERS),
                body=change,
            ),
        },
    }


def _others(part: str) -> dict[str, Document]:
    items = f"/api/sn_sc/{part}servicecatalog/items"
    item = parameter("item_id", "path", "The sys_id of an item.")
    user = parameter("user_sysid", "query", "Whose roles.")
    return {
        f"/api/now/{part}batch": {
            "post": _told("runBatch", "Run several calls", BATCH_API, body=json_body(BATCH))
        },
        items: {"get": _told("listItems", "Retrieve catalog items", CATALOG_API)},
        f"{items}/{{item_id}}": {
            "get": _told("getItem", "Retrieve a catalog item", CATALOG_API, item)
        },
        f"{items}/{{item_id}}/order_now": {
            "post": _told(
                "orderNow",
                "Order an item",
                CATALOG_API,
                item,
                body=json_body(ORDER),
                description="Asks for it; the manager of who orders decides.",
            )
        },
        "/api/global/user_role_inheritance": {
            "get": _told("getRoleInheritance", "Say why a user has roles", INHERITANCE_API, user)
        },
    }
