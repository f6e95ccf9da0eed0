"""Acts on many at once, each of which may be refused by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.http import HttpResponse

from tokens.doors.rest.answers import answered
from tokens.doors.rest.schemas.several import WhatCame, WhatCameOfEach


def outcomes(sent: Sequence[UUID], problems: Mapping[UUID, str], what: str) -> HttpResponse:
    """`problems` has each object that there is for the caller; "" where it is done."""
    missing = f"There is no such {what}."
    found = {pk: problems.get(pk, missing) for pk in dict.fromkeys(sent)}
    items = [WhatCame(id=pk, done=not problem, problem=problem) for pk, problem in found.items()]
    return answered(WhatCameOfEach(items=items))
