"""The OpenAPI document of this door, made of its one table of operations."""

from __future__ import annotations

import re
from typing import Any, Final

from tokens.doors import openapi
from tokens.doors.openapi import Document, file_body, json_body, operation, parameter
from tokens.doors.sailpoint.operations import Operation, served

VERSIONS: Final = ("v1", "v2026", "v2025", "v2024", "v3", "beta")
"""The layout of 2026 first; the yearly ones have the version before the service."""
USUAL_ROWS: Final = 10
PAGE: Final = (
    parameter(
        "limit", "query", "Rows of the answer, 0 to 250.", kind="integer", default=USUAL_ROWS
    ),
    parameter("offset", "query", "Rows to leave out before.", kind="integer"),
    parameter("count", "query", "true for X-Total-Count in the answer.", kind="boolean"),
    parameter("filters", "query", 'Such as name eq "HR" or created gt 2026-01-01T00:00:00Z.'),
    parameter("sorters", "query", "Fields, with commas; -name for the other way round."),
)
"""What may be asked of every collection."""
FURTHER: Final[dict[str, tuple[Document, ...]]] = {
    "listPersonalAccessTokens": (parameter("owner-id", "query", "An identity's id, or me."),),
    "listTransforms": (parameter("name", "query", "Its whole name."),),
    "createSource": (parameter("provisionAsCsv", "query", "true for a delimited file."),),
}
COLLECTIONS: Final = frozenset({"getPublicIdentities", "getTaskStatusList"})
"""Those whose names do not begin with list."""
JSON_PATCH: Final = "application/json-patch+json"
A_UUID: Final = "00000000-0000-0000-0000-000000000000"
BODIES: Final[dict[str, Any]] = {
    "createPersonalAccessToken": {
        "name": "Nightly export",
        "scope": ["idn:accounts:read"],
        "expirationDate": "2027-01-31T00:00:00.000Z",
    },
    "bulkUpdatePersonalAccessTokens": {"ids": [A_UUID], "patch": []},
    "bulkPatchPersonalAccessTokens": {"ids": [A_UUID], "patch": []},
    "createSource": {
        "name": "Contractors",
        "description": "From the vendor portal",
        "connector": "delimited-file",
        "owner": {"type": "IDENTITY", "id": A_UUID},
    },
    "startIdentitiesInvite": {"ids": [A_UUID]},
    "startIdentityProcessing": {"identityIds": [A_UUID]},
    "generateIdentityPreview": {"identityId": A_UUID},
    "createTransform": {"name": "Lower case", "type": "lower", "attributes": {}},
    "updateTransform": {"name": "Lower case", "type": "lower", "attributes": {}},
}
"""Examples of what is sent, by operation; the others that post send nothing."""
PATCHES: Final[dict[str, Any]] = {
    "patchPersonalAccessToken": [{"op": "replace", "path": "/name", "value": "Nightly export"}],
    "patchAuthUser": [{"op": "replace", "path": "/capabilities", "value": ["HELPDESK"]}],
    "updateSource": [{"op": "replace", "path": "/description", "value": "From the portal"}],
}
FILES: Final = {
    "importAccounts": "Delimited rows below a line of names.",
    "importAccountsSchema": "Attribute name, description, type and so on, one a line.",
}


def document(version: str) -> Document:
    """All operations, at the addresses of one layout."""
    paths: dict[str, Document] = {}
    for each in served().values():
        at = _path(each.path, version)
        paths.setdefault(at, {})[each.method.lower()] = _operation(each)
    return openapi.document(
        "SailPoint",
        version,
        paths,
        description="What SailPoint's own clients call, at their addresses.",
        token_path="/oauth/token",  # noqa: S106  # an address
    )


def _path(path: str, version: str) -> str:
    if version == VERSIONS[0]:
        return path
    service, _version, rest = path.lstrip("/").partition("/v1")
    return f"/{version}/{service}{rest}"


def _operation(each: Operation) -> Document:
    service = each.path.split("/")[1]
    parts = [parameter(name, "path") for name in re.findall(r"{(\w+)}", each.path)]
    page = PAGE if each.name.startswith("list") or each.name in COLLECTIONS else ()
    return operation(
        each.name,
        _in_words(each.name),
        api=_proper(service.replace("-", " ").capitalize()),
        scopes=each.scopes,
        parameters=[*parts, *FURTHER.get(each.name, ()), *page],
        body=_body(each.name),
    )


def _body(name: str) -> Document | None:
    if name in FILES:
        return file_body(description=FILES[name])
    if name in PATCHES:
        return json_body(PATCHES[name], media_type=JSON_PATCH)
    return json_body(BODIES[name]) if name in BODIES else None


def _in_words(name: str) -> str:
    """listOauthClients: List OAuth clients."""
    return _proper(re.sub(r"(?<!^)([A-Z])", r" \1", name).capitalize())


def _proper(words: str) -> str:
    """Names as they are written."""
    return re.sub(r"\boauth\b", "OAuth", words, flags=re.IGNORECASE)
