"""Answers in the form of the vendor's resources (CREST)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, ParamSpec

from django.http import HttpRequest, HttpResponse

from tokens.access_tokens.guard import GuardedView
from tokens.access_tokens.verify import AccessToken
from tokens.doors.ping.crest.errors import BadQuery

P = ParamSpec("P")

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
CONTENT_TYPE = "application/json;charset=UTF-8"


def document(body: Mapping[str, Any] | list[Any], *, pretty: bool = False) -> HttpResponse:
    """A JSON answer; `pretty` is the parameter `_prettyPrint`."""
    text = json.dumps(body, indent=2 if pretty else None, ensure_ascii=False)
    return HttpResponse(text.encode("utf-8", "replace"), headers=HEADERS, content_type=CONTENT_TYPE)


def resource(body: Mapping[str, Any], *, revision: str, pretty: bool = False) -> HttpResponse:
    """One object with its revision as the entity tag."""
    response = document(body, pretty=pretty)
    response["ETag"] = f'"{revision}"'
    return response


def problem(status: HTTPStatus, message: str) -> HttpResponse:
    """An error: its code, the code in words, and what to do."""
    response = document({"code": status.value, "reason": status.phrase, "message": message})
    response.status_code = status.value
    return response


def bad_queries_answered(view: GuardedView[P]) -> GuardedView[P]:
    """Answer 400 where the view finds a parameter that it cannot read."""

    @wraps(view)
    def answered(
        request: HttpRequest, token: AccessToken, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        try:
            return view(request, token, *args, **kwargs)
        except BadQuery as error:
            return problem(HTTPStatus.BAD_REQUEST, error.message)

    return answered
