"""A list as a CSV file, with the filters of its address, read while it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse

from accounts.lib.csv_safety import stream_csv
from accounts.lib.headers import content_disposition
from console.ui.lists import address

BATCH: Final = 1_000
"""Rows read at a time, so that memory does not grow with the export."""
LONGEST_FILTER: Final = 200
"""Characters of a filter that the audit log keeps."""


def csv_file(
    name: str, header: Sequence[str], lines: Iterable[Sequence[object]], *, at: datetime
) -> StreamingHttpResponse:
    """The file; `name` says of what it is, without an ending."""
    answer = StreamingHttpResponse(
        stream_csv(header, lines), content_type="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = content_disposition(f"{name}-{at:%Y-%m-%d}.csv")
    return answer


def filters(request: HttpRequest, *names: str) -> dict[str, str]:
    """What narrows the list, for the audit log.

    Not as "q": the log masks that name, which is a member of private RSA keys.
    """
    asked = {name: request.GET.get(name, "")[:LONGEST_FILTER] for name in names}
    return {"search" if name == "q" else name: text for name, text in asked.items() if text}


def url(request: HttpRequest, view: str) -> str:
    """The address of the export of what a list shows now."""
    query = address(request, after="", before="", sort="").partition("?")[2]
    return reverse(view) + (f"?{query}" if query else "")
