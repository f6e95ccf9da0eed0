"""The batch API: several calls in one, each answered as if it had come alone.

All of them are the caller's of the batch; a proof of its own in one of them is refused.
"""

from __future__ import annotations

import binascii
import time
from base64 import b64decode, b64encode
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse, QueryDict

from tokens.access_tokens import callers
from tokens.access_tokens.guard import Forbidden, in_vain
from tokens.doors.servicenow.calls import Call, View, answered
from tokens.doors.servicenow.errors import Refused, answer, problem
from tokens.doors.servicenow.proofs import API_KEY
from tokens.edge.bodies import is_storable_text

MOST_CALLS: Final = 500
ROOM_SECONDS: Final = 10.0
"""What has not begun by then is left for the caller to send again, as the vendor does."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""Of answers in one batch; what comes after is left like what comes too late."""
LONGEST_ID: Final = 200
PROOFS: Final = frozenset({"authorization", API_KEY, "cookie"})
METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


def run(call: Call, version: str = "") -> HttpResponse:
    del version
    batch_id, requests = call.body.get("batch_request_id", ""), call.body.get("rest_requests", [])
    if not isinstance(requests, list) or not all(isinstance(each, dict) for each in requests):
        raise Refused("rest_requests must be a list of requests.")
    if len(requests) > MOST_CALLS:
        raise Refused(f"A batch has at most {MOST_CALLS} requests.")
    ends_at = time.monotonic() + ROOM_SECONDS
    serviced: list[dict[str, Any]] = []
    left: list[str] = []
    held = 0
    for request in requests:
        request_id = _text(request.get("id", ""), "id")
        if time.monotonic() > ends_at or held > MOST_BYTES:
            left.append(request_id)
        else:
            serviced.append(_serviced(request_id, _one(call, request)))
            held += len(serviced[-1]["body"])
    response = answer(
        {
            "batch_request_id": _text(batch_id, "batch_request_id"),
            "serviced_requests": serviced,
            "unserviced_requests": left,
        }
    )
    done = any(each["status_code"] < HTTPStatus.BAD_REQUEST for each in serviced)
    return response if done else in_vain(response)


def _one(call: Call, request: dict[str, Any]) -> HttpResponse:
    """The answer to one of them; it is looked anew who calls, for one before may have stopped
    them, or given them more."""
    try:
        inner, view, parts = _read(call, request)
        by = callers.identity_of(call.token)
    except Refused as refusal:
        return problem(refusal.status, refusal.message, detail=refusal.detail)
    except Forbidden as error:
        return problem(HTTPStatus.UNAUTHORIZED, error.reason)
    return answered(view, replace(inner, by=by), parts)


def _read(call: Call, request: dict[str, Any]) -> tuple[Call, View, dict[str, str]]:
    from tokens.doors.servicenow.urls import found_at

    headers = _headers(request.get("headers", []))
    if PROOFS & headers.keys():
        raise Refused("Requests of a batch bring no proof of their own.")
    method = _text(request.get("method", "GET"), "method").upper()
    path, _mark, asked = _text(request.get("url", ""), "url").partition("?")
    if method not in METHODS:
        raise Refused(f"Use one of {', '.join(sorted(METHODS))}.")
    path = unquote(path)
    found = found_at(path)
    if found is None:
        raise Refused("Requested URI does not represent any resource", HTTPStatus.NOT_FOUND)
    view, parts = found
    if "/batch" in path:
        raise Refused("A batch holds no other batch.")
    inner = replace(
        call,
        method=method,
        path=path,
        query=_query(asked),
        sent=_body(request.get("body", "")),
        content_type=headers.get("content-type", "application/json"),
        accept=headers.get("accept", ""),
    )
    return inner, view, parts


def _query(text: str) -> QueryDict:
    try:
        return QueryDict(text)
    except SuspiciousOperation as error:
        raise Refused("The address has too many parameters.") from error


def _headers(sent: Any) -> dict[str, str]:
    if not isinstance(sent, list) or not all(isinstance(each, dict) for each in sent):
        raise Refused("headers must be a list of names and values.")
    return {str(each.get("name", "")).lower(): str(each.get("value", "")) for each in sent}


def _body(sent: Any) -> bytes:
    try:
        return b64decode(_text(sent, "body"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("body must be base64.") from error


def _text(value: Any, name: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not is_storable_text(value):
        raise Refused(f"{name} must be a text.")
    return value


def _serviced(request_id: str, response: HttpResponse) -> dict[str, Any]:
    return {
        "id": request_id,
        "status_code": response.status_code,
        "status_text": response.reason_phrase,
        "headers": [{"name": name, "value": value} for name, value in response.items()],
        "body": b64encode(response.content).decode(),
    }
