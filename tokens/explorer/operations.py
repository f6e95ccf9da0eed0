"""An OpenAPI document as the page and a call need it: operations with what can be filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from tokens.explorer.documents import Document, namespaces

METHODS: Final = ("get", "post", "put", "patch", "delete")
LEVELS_OF_REFERENCES: Final = 8
"""A reference that leads further leads in circles."""
JSON: Final = "application/json"
MULTIPART: Final = "multipart/form-data"


@dataclass(frozen=True)
class Parameter:
    """One thing that is filled in: in the path, the query, a header or the body."""

    name: str
    where: str
    kind: str = "string"
    """Of JSON Schema; `array` and `object` are written as JSON in a body."""
    description: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""


@dataclass(frozen=True)
class Body:
    media_types: tuple[str, ...]
    required: bool
    members: tuple[Parameter, ...]
    """Of a JSON object; empty where the document tells none."""
    example: str


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    api: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    scopes: tuple[str, ...]
    """Any one of which is enough; empty where it needs none."""
    open: bool
    """Whether it answers without any token."""

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    def of(self, where: str) -> list[Parameter]:
        return [each for each in self.parameters if each.where == where]


def operations(namespace: str, version: str) -> dict[str, Operation]:
    """All operations of a version by name, in the order of the document.

    Raises:
        UnknownPart: there is no such namespace.
        KeyError: it has no such version.
    """
    found = namespaces.get(namespace)
    if version not in found.versions:
        raise KeyError(version)
    return _operations(namespace, version)


@lru_cache(maxsize=32)
def _operations(namespace: str, version: str) -> dict[str, Operation]:
    document = namespaces.get(namespace).document(version)
    return {each.name: each for each in _read(document)}


def apis(found: Mapping[str, Operation]) -> list[str]:
    """The APIs that the operations belong to, by name."""
    return sorted({each.api for each in found.values()})


def _read(document: Document) -> Iterator[Operation]:
    usual = document.get("security")
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method in METHODS:
            if method in item:
                told = item[method]
                security = told.get("security", usual)
                yield Operation(
                    name=told["operationId"],
                    method=method.upper(),
                    path=path,
                    summary=told.get("summary", told["operationId"]),
                    description=told.get("description", ""),
                    api=next(iter(told.get("tags", ())), document["info"]["title"]),
                    parameters=tuple(
                        _parameter(document, each)
                        for each in [*shared, *told.get("parameters", ())]
                    ),
                    body=_body(document, told.get("requestBody")),
                    scopes=_scopes(security),
                    open=not security or {} in security,
                )


def _parameter(document: Document, told: Document) -> Parameter:
    told = _resolved(document, told)
    schema = told.get("schema", {})
    if told["in"] == "header" and told.get("required") and "example" in told:
        schema = schema | {"default": told["example"]}
    return _filled(
        document,
        told["name"],
        told["in"],
        schema,
        description=told.get("description", ""),
        required=bool(told.get("required")),
    )


def _filled(
    document: Document,
    name: str,
    where: str,
    schema: Document,
    *,
    description: str = "",
    required: bool = False,
) -> Parameter:
    schema = _plain(document, schema)
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    default = schema.get("default")
    return Parameter(
        name=name,
        where=where,
        kind=str(schema.get("type", "string")),
        description=description or schema.get("description", ""),
        required=required,
        choices=tuple(str(each) for each in choices if each is not None),
        default="" if default in (None, [], {}) else _text(default),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _body(document: Document, told: Document | None) -> Body | None:
    if told is None:
        return None
    told = _resolved(document, told)
    content = told["content"]
    first = next(iter(content.values()))
    schema = _plain(document, first.get("schema", {}))
    needed = schema.get("required", ())
    members = [
        _filled(document, name, "body", each, required=name in needed)
        for name, each in schema.get("properties", {}).items()
    ]
    example = first.get("example", schema.get("example"))
    return Body(
        media_types=tuple(content),
        required=bool(told.get("required")),
        members=tuple(members),
        example="" if example is None else json.dumps(example, indent=2, ensure_ascii=False),
    )


def _plain(document: Document, schema: Document) -> Document:
    """A schema without its reference, and without the null that an optional value may be."""
    schema = _resolved(document, schema)
    for several in ("anyOf", "oneOf", "allOf"):
        kept = [each for each in schema.get(several, ()) if each.get("type") != "null"]
        if kept:
            return _resolved(document, kept[0]) | {
                name: value for name, value in schema.items() if name != several
            }
    if isinstance(schema.get("type"), list):
        kinds = [each for each in schema["type"] if each != "null"]
        return schema | {"type": kinds[0]}
    return schema


def _resolved(document: Document, told: Document) -> Document:
    for _level in range(LEVELS_OF_REFERENCES):
        if "$ref" not in told:
            break
        found: Any = document
        for step in str(told["$ref"]).removeprefix("#/").split("/"):
            found = found[step]
        told = found
    return told


def _scopes(security: Any) -> tuple[str, ...]:
    """Of requirements any one of which is enough, the first scope of each."""
    named = [scope for each in security or () for scopes in each.values() for scope in scopes[:1]]
    return tuple(dict.fromkeys(named))
