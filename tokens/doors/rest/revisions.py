"""Entity tags: what a caller has seen, so that nobody writes over what somebody else changed."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from tokens.doors.rest.calls import Request
from tokens.doors.rest.errors import Refused

HEADER: Final = "If-Match"
ANY: Final = "*"
TAGS: Final = re.compile(r'\s*"[^"]*"(?:\s*,\s*"[^"]*")*\s*')
"""Strong ones only: RFC 9110 section 13.1.1 has a weak one match nothing."""


def tag(revision: object) -> str:
    return f'"{revision}"'


def check_header(request: Request) -> None:
    """That the caller says which state they have seen.

    Raises:
        Refused: they do not (RFC 6585 section 3).
    """
    if HEADER not in request.headers:
        said = "Send If-Match with the ETag of what you have read, or * for whatever there is."
        raise Refused(HTTPStatus.PRECONDITION_REQUIRED, said)


def check(request: Request, revision: object) -> None:
    """That `revision`, which stands now, is what the caller has seen, where they say so.

    Raises:
        Refused: it is another.
    """
    asked = request.headers.get(HEADER)
    if asked is None or asked.strip() == ANY:
        return
    if not TAGS.fullmatch(asked) or tag(revision) not in re.findall(r'"[^"]*"', asked):
        said = "Someone else changed it since you have read it. Read it again, then change that."
        raise Refused(HTTPStatus.PRECONDITION_FAILED, said, code="edit_conflict")
