"""Entity tags: what a caller has seen, so that nobody writes over what somebody else changed."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final, TypeVar

from tokens.doors.rest.calls import Request
from tokens.doors.rest.errors import Refused

R = TypeVar("R")

HEADER: Final = "If-Match"
ANY: Final = "*"
PATTERN: Final = r'^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$'
"""RFC 9110 section 13.1.1, as a schema can say it; where a weak tag matches nothing."""
TAGS: Final = re.compile(r'(?:W/)?"[^"]*"')


def tag(revision: object) -> str:
    return f'"{revision}"'


def check_header(request: Request) -> None:
    """That the caller says which state they have seen.

    Raises:
        Refused: they do not (RFC 6585 section 3), or it is no entity tag.
    """
    if HEADER not in request.headers:
        said = "Send If-Match with the ETag of what you have read, or * for whatever there is."
        raise Refused(HTTPStatus.PRECONDITION_REQUIRED, said)
    _tags(request.headers[HEADER])


def check(request: Request, revision: object) -> None:
    """That `revision`, which stands now, is what the caller has seen, where they say so.

    Raises:
        Refused: it is another.
    """
    asked = request.headers.get(HEADER)
    if asked is None or asked == ANY:
        return
    if tag(revision) not in _tags(asked):
        said = "Someone else changed it since you have read it. Read it again, then change that."
        raise Refused(HTTPStatus.PRECONDITION_FAILED, said, code="edit_conflict")


def seen(request: Request, revision: R) -> R | None:
    """`revision` where the caller says that they have seen it, for the action to compare it again
    under its lock; None where they do not say, or mean whatever there is.

    Raises:
        Refused: they have seen another.
    """
    check(request, revision)
    return None if request.headers.get(HEADER) in (None, ANY) else revision


def _tags(text: str) -> list[str]:
    if not re.match(PATTERN, text):
        said = f'{HEADER} is no ETag, such as "3" with its quotes.'
        raise Refused(HTTPStatus.BAD_REQUEST, said, code="bad_etag", field=HEADER)
    return TAGS.findall(text)
