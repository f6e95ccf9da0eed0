"""What the documents of all doors say alike (OpenAPI 3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

Document = dict[str, Any]

SCHEME: Final = "oauth2"
ANSWERS: Final = {
    "400": "What was sent cannot be read, or breaks a rule; the body says which.",
    "401": "There is no access token, or it holds no more.",
    "403": "The token, or its holder, may not.",
    "404": "There is no such thing, or the holder may not see it.",
    "429": "The client called too often; Retry-After says when it may again.",
}


def document(
    title: str, version: str, paths: Mapping[str, Document], *, description: str, token_path: str
) -> Document:
    """A whole document; `token_path` is where its clients get their tokens."""
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "paths": dict(paths),
        "components": {
            "securitySchemes": {
                SCHEME: {
                    "type": "oauth2",
                    "flows": {"clientCredentials": {"tokenUrl": token_path, "scopes": {}}},
                }
            }
        },
    }


def operation(
    name: str,
    summary: str,
    *,
    api: str,
    scopes: Iterable[str] | None,
    parameters: Sequence[Document] = (),
    body: Document | None = None,
    description: str = "",
    answer: str = "200",
) -> Document:
    """One method of an address. `scopes`: any one is enough; None asks for no token at all."""
    told: Document = {
        "operationId": name,
        "summary": summary,
        "tags": [api],
        "parameters": list(parameters),
        "responses": {
            answer: {"description": "Done."},
            **{code: {"description": said} for code, said in ANSWERS.items()},
        },
        "security": [] if scopes is None else [{SCHEME: [scope]} for scope in scopes],
    }
    if scopes is not None and not told["security"]:
        told["security"] = [{SCHEME: []}]
    if description:
        told["description"] = description
    if body is not None:
        told["requestBody"] = body
    return told


def parameter(
    name: str,
    where: str,
    description: str = "",
    *,
    kind: str = "string",
    default: str | int | bool | None = None,
) -> Document:
    schema: Document = {"type": kind}
    if default is not None:
        schema["default"] = default
    told = {"name": name, "in": where, "required": where == "path", "schema": schema}
    return told | ({"description": description} if description else {})


def json_body(example: Any, *, media_type: str = "application/json") -> Document:
    return {"required": True, "content": {media_type: {"schema": {}, "example": example}}}


def file_body(name: str = "file", *, description: str) -> Document:
    """A form with one file."""
    schema = {
        "type": "object",
        "required": [name],
        "properties": {name: {"type": "string", "format": "binary", "description": description}},
    }
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
