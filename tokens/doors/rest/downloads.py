"""Answers that are files, read while they are sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from pydantic import BaseModel

from accounts.audit.csv_lists import CsvList
from accounts.lib.headers import content_disposition
from tokens.doors.rest.calls import Request
from tokens.doors.rest.errors import HEADERS

M = TypeVar("M", bound=Model)


def file(content: Iterable[bytes], media: str, name: str) -> HttpResponse:
    """The file, to be saved under that name."""
    answer: Any = StreamingHttpResponse(
        content, headers=HEADERS, content_type=f"{media}; charset=utf-8"
    )
    answer["Content-Disposition"] = content_disposition(name)
    sent: HttpResponse = answer
    return sent


def csv_file(
    request: Request, csv: CsvList[M], rows: QuerySet[M], filters: BaseModel
) -> HttpResponse:
    """The list of the rows, which `filters` narrow.

    Raises:
        NotAllowed
    """
    asked = filters.model_dump(mode="json", exclude_none=True)
    found = csv.take(by=request.by, rows=rows, filters=asked, at=request.now)
    return file(found, request.operation.media, csv.file_name(request.now))
