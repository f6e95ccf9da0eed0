"""Answers: documents as JSON, with the members that were asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final

from django.http import HttpResponse
from pydantic import BaseModel, Field

from tokens.doors.rest.errors import HEADERS, invalid
from tokens.doors.rest.revisions import tag

CONTENT_TYPE: Final = "application/json"

Fields = Annotated[
    str | None,
    Field(
        pattern=r"^[a-z_]+(,[a-z_]+)*$",
        max_length=1000,
        description="Members of each object that are answered, with commas between; else all.",
    ),
]


class Reading(BaseModel):
    """What one object is asked for with."""

    fields: Fields = None


class SecretAnswer(HttpResponse):
    """An answer that holds what is shown once."""


def answered(
    document: BaseModel,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    fields: str | None = None,
    revision: object = None,
    location: str = "",
    secret: bool = False,
) -> HttpResponse:
    """A document, or of it the members in `fields`; `revision` becomes the entity tag.

    An answer that shows a `secret` is never given again.

    Raises:
        Refused: the documents have no such member.
    """
    response = _json(_narrowed(document, fields), status, SecretAnswer if secret else HttpResponse)
    if revision is not None:
        response["ETag"] = tag(revision)
    if location:
        response["Location"] = location
    return response


def many(
    documents: Sequence[BaseModel], kind: type[BaseModel], cursor: str | None, fields: str | None
) -> HttpResponse:
    """A page of documents of one kind."""
    chosen = _chosen(kind, fields)
    items = [each.model_dump(mode="json", include=chosen) for each in documents]
    return _json({"items": items, "next": cursor}, HTTPStatus.OK)


def done() -> HttpResponse:
    """204: it is done, and there is nothing to say of it."""
    response = HttpResponse(status=HTTPStatus.NO_CONTENT, headers=HEADERS)
    del response["Content-Type"]
    return response


def _narrowed(document: BaseModel, fields: str | None) -> dict[str, Any]:
    return document.model_dump(mode="json", include=_chosen(type(document), fields))


def _chosen(kind: type[BaseModel], fields: str | None) -> set[str] | None:
    if fields is None:
        return None
    names = set(fields.split(","))
    if unknown := sorted(names - kind.model_fields.keys()):
        known = ", ".join(kind.model_fields)
        raise invalid("fields", f"There is no member “{unknown[0][:60]}”. Members are: {known}.")
    return names


def _json(body: Any, status: HTTPStatus, kind: type[HttpResponse] = HttpResponse) -> HttpResponse:
    text = json.dumps(body, ensure_ascii=False)
    return kind(
        text.encode("utf-8", "replace"), status=status, headers=HEADERS, content_type=CONTENT_TYPE
    )
