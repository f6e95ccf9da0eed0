"""The OpenAPI document: what ninja knows of the types, and what we know of the calls."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any, Final, get_args

from django.http import HttpRequest, HttpResponse
from ninja.openapi.schema import OpenAPISchema

from tokens.access_tokens.claims import issuer
from tokens.doors.rest.api import NOUNS, api, operations
from tokens.doors.rest.calls import JSON, serve
from tokens.doors.rest.errors import CONTENT_TYPE
from tokens.doors.rest.operations import PREFIX, Operation
from tokens.doors.rest.revisions import PATTERN
from tokens.edge import uploads
from tokens.scopes.files import installed

SECURITY: Final = "access_token"
PUBLISHER: Final = "steward"
REFERENCE: Final = re.compile(r"#/components/schemas/(\w+)")

DESCRIPTION: Final = """\
What the console can do, for programs. A call is made with an access token of this tenant's own \
token endpoint, whose scopes have to cover the operation, and may do what the holder of the token \
may do in the console, no more.

Refusals are problem details (RFC 9457): `code` is a stable word for programs, `errors` names the \
members that are wrong. Objects that can be changed have an `ETag`; who changes one sends it back \
in `If-Match`, so that nobody writes over what somebody else did meanwhile. A POST may name itself \
with `Idempotency-Key`: sent again within 24 hours it is answered again and done once; only an \
answer that held a secret is never repeated. Lists answer `items` and `next`, which is the \
`cursor` of the page after. Times are RFC 3339.
"""

PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "type": "object",
    "description": "Why a call was refused (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do about it."},
        "code": {"type": "string", "description": "The reason as one stable word."},
        "request_id": {"type": "string", "description": "By which the audit log knows the call."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}

ALWAYS: Final = {
    400: "What was sent cannot be read.",
    401: "No access token was sent, or one that does not hold.",
    403: "The token lacks the scope, or its holder the permission.",
    404: "There is no such object, or none that the holder may see.",
    406: "An answer of another kind was asked for.",
    413: "The body is too large.",
    422: "Something of it cannot be taken; `errors` says what.",
    429: "Too many calls; `Retry-After` says how many seconds to wait.",
    500: "Something went wrong on our side.",
    503: "The database is not there; `Retry-After` says how many seconds to wait.",
}
WITH_FILE: Final = {
    415: "The body is no multipart/form-data.",
    507: "There is no room for the file; nothing was kept.",
}
WITH_BODY: Final = {415: "The body is no application/json."}
WRITING: Final = {409: "It does not go together with what there is already."}
MATCHING: Final = {412: "Somebody changed it since.", 428: "If-Match is missing."}

HEADERS: Final[dict[str, dict[str, Any]]] = {
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of what was read, or `*` for whatever there is.",
        "schema": {"type": "string", "pattern": PATTERN},
        "example": "*",
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A name for this call, such as a UUID, so that it is done once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    },
}


FILE_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        uploads.CONTENT_TYPE: {
            "schema": {
                "type": "object",
                "required": [uploads.PART],
                "properties": {uploads.PART: {"type": "string", "format": "binary"}},
            }
        }
    },
}


class TwoOfOneName(Exception):
    """Two types of one name would be one in the document."""


class _Schema(OpenAPISchema):
    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        for name, schema in definitions.items():
            if self.schemas.get(name, schema) != schema:
                raise TwoOfOneName(name)
        super().add_schema_definitions(definitions)


def openapi() -> dict[str, Any]:
    """The document, with the addresses of this tenant; the caller may change it."""
    found: dict[str, Any] = json.loads(written(issuer()))
    return found


@lru_cache(maxsize=4)
def written(address: str) -> bytes:
    """The document as it is sent, for a tenant at `address`: making it takes a second."""
    return json.dumps(_made(address)).encode()


def _made(address: str) -> dict[str, Any]:
    found = _Schema(api, PREFIX)
    by_name = {operation.name: operation for operation in operations()}
    paths = {path: _methods(methods, by_name) for path, methods in found["paths"].items()}
    schemas = _schemas(found["components"]["schemas"], paths)
    return {
        "openapi": "3.1.0",
        "info": {"title": api.title, "version": api.version, "description": DESCRIPTION},
        "servers": [{"url": address}],
        "tags": [{"name": noun.title, "description": noun.about} for noun in NOUNS],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {SECURITY: _security(address)}},
        "security": [{SECURITY: []}],
    }


def _schemas(found: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    """Those that are referred to. Of what `fields` may narrow no member is always there."""
    used = set(REFERENCE.findall(json.dumps([paths, found])))
    schemas = {name: dict(schema) for name, schema in found.items() if name in used}
    for operation in operations():
        if "fields" in _query(paths[_plain(operation.path)][operation.method.lower()]):
            assert operation.answers is not None
            items = operation.answers.model_fields.get("items")
            kind = get_args(items.annotation)[0] if items else operation.answers
            schemas[kind.__name__].pop("required", None)
    return schemas | {"Problem": PROBLEM}


def _plain(path: str) -> str:
    return PREFIX + re.sub(r"{\w+:", "{", path)


def _query(described: dict[str, Any]) -> frozenset[str]:
    return frozenset(each["name"] for each in described["parameters"] if each["in"] == "query")


def _methods(methods: dict[str, Any], by_name: dict[str, Operation]) -> dict[str, Any]:
    return {
        method: _described(found, by_name[found["operationId"]])
        for method, found in methods.items()
    }


def _described(found: dict[str, Any], operation: Operation) -> dict[str, Any]:
    """What ninja says of an operation, with scope, headers and refusals."""
    parameters = list(found.get("parameters", []))
    if operation.matches:
        parameters.append(HEADERS["If-Match"])
    if operation.once:
        parameters.append(HEADERS["Idempotency-Key"])
    responses = {str(status): told for status, told in found["responses"].items()}
    responses |= {str(status): _problem(said) for status, said in _refusals(operation).items()}
    if operation.most_bytes:
        found = found | {"requestBody": FILE_BODY}
    if operation.media:
        kind = "object" if operation.media == JSON else "string"
        content = {operation.media: {"schema": {"type": kind}}}
        responses[str(int(operation.status))] = {"description": "The file.", "content": content}
    return found | {
        "parameters": parameters,
        "responses": dict(sorted(responses.items())),
        "security": [{SECURITY: [operation.scope] if operation.scope else []}],
        "x-permissions": [str(permission) for permission in operation.needs],
    }


def _refusals(operation: Operation) -> dict[int, str]:
    said = dict(ALWAYS)
    if operation.has_body:
        said |= WITH_BODY
    if operation.most_bytes:
        said |= WITH_FILE
    if operation.method != "GET":
        said |= WRITING
    elif operation.media:
        said |= {409: WRITING[409]}
    if operation.matches or operation.method == "DELETE":
        said |= MATCHING if operation.matches else {412: MATCHING[412]}
    return said


def _problem(said: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": said, "content": {CONTENT_TYPE: {"schema": schema}}}


def _security(address: str) -> dict[str, Any]:
    scopes = [
        scope
        for section in installed().sections
        if section.publisher.key == PUBLISHER
        for scope in section.scopes
    ]
    flow = {
        "tokenUrl": f"{address}/oauth/token",
        "scopes": {scope.name: scope.purpose for scope in scopes},
    }
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}


@cache
def _parameters() -> dict[str, frozenset[str]]:
    return {
        found["operationId"]: _query(found)
        for methods in openapi()["paths"].values()
        for found in methods.values()
    }


def parameters(operation: Operation) -> frozenset[str]:
    """Which ones an operation takes in its address."""
    return _parameters().get(operation.name, frozenset())


DOCUMENT: Final = Operation(
    name="read_openapi_document",
    method="GET",
    path="/openapi.json",
    scope="",
    needs=(),
    status=HTTPStatus.OK,
    has_body=False,
    matches=False,
    answers=None,
)


def _read(request: HttpRequest) -> HttpResponse:
    del request
    return HttpResponse(written(issuer()), content_type="application/json")


view = serve({"GET": DOCUMENT}, _read, parameters)
"""Behind an access token, whatever its scopes."""
