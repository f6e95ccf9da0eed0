"""A list as a CSV file, with the filters of its address, read while it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.audit.csv_lists import CONTENT_TYPE, LONGEST_FILTER, CsvList
from accounts.lib.headers import content_disposition
from console.ui.access import ConsoleRequest
from console.ui.lists import address

M = TypeVar("M", bound=Model)


def csv_file(
    request: ConsoleRequest, csv: CsvList[M], rows: QuerySet[M], filters: Mapping[str, Any]
) -> StreamingHttpResponse:
    """The file of the rows; `filters` are what narrows these, for the audit log.

    Raises:
        NotAllowed
    """
    now = timezone.now()
    found = csv.take(by=request.user, rows=rows, filters=filters, at=now)
    answer = StreamingHttpResponse(found, content_type=f"{CONTENT_TYPE}; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition(csv.file_name(now))
    return answer


def asked(request: HttpRequest, *names: str) -> dict[str, str]:
    """The parameters of the address that narrow the list."""
    return {name: request.GET.get(name, "")[:LONGEST_FILTER] for name in names}


def search(request: HttpRequest) -> str:
    """What is searched for in the list."""
    return request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_FILTER]


def url(request: HttpRequest, view: str) -> str:
    """The address of the export of what a list shows now."""
    query = address(request, after="", before="", sort="").partition("?")[2]
    return reverse(view) + (f"?{query}" if query else "")
