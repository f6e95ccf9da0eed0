"""What a view for programs answers when something goes wrong: JSON, never a page."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tokens.doors.ping.answers import problem
from tokens.edge.machine import machine


def answer(error: Exception | None, method: str = "GET") -> HttpResponse:
    @machine(problem, "GET")
    def view(request: HttpRequest) -> HttpResponse:
        if error is not None:
            raise error
        return HttpResponse("fine")

    request = RequestFactory().generic(method, "/somewhere")
    request.resolver_match = None
    return view(request)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("secret host"), 503),
        (InterfaceError("secret host"), 503),
        (DataError("secret value"), 503),
        (SuspiciousOperation("secret header"), 400),
        (RuntimeError("secret detail"), 500),
        (RecursionError(), 500),
    ],
)
def test_an_error_tells_nothing_of_its_inside(error: Exception, status: int) -> None:
    told = answer(error)
    assert told.status_code == status
    assert json.loads(told.content)["code"] == status
    assert "secret" not in told.content.decode()
    assert ("Retry-After" in told) is (status == 503)


def test_other_methods_are_told_which_ones_there_are() -> None:
    told = answer(None, "DELETE")
    assert (told.status_code, told["Allow"]) == (405, "GET")
    assert answer(None).status_code == 200


def test_the_mark_lets_programs_in_without_a_session() -> None:
    @machine(problem, "GET")
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("fine")

    assert view.access == "machine"  # type: ignore[attr-defined]
    assert view.csrf_exempt  # type: ignore[attr-defined]
    assert view.login_required is False  # type: ignore[attr-defined]
