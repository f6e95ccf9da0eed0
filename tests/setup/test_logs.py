"""The log is one JSON object a line, without anything that must stay secret."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django.utils.log import log_response

from accounts.audit.context import RequestFacts, request_facts
from console.logs import JsonFormatter, config
from console.ui.access import public

LINK = "/set-up/Zm9yIHlvdXIgZXllcyBvbmx5/"


def written(message: str, *values: object, **extra: Any) -> dict[str, Any]:
    record = logging.getLogger("tests").makeRecord(
        "tests", logging.INFO, __file__, 1, message, values, None, extra=extra
    )
    line = JsonFormatter().format(record)
    assert "\n" not in line
    told: dict[str, Any] = json.loads(line)
    return told


def test_a_line_holds_message_and_plain_data() -> None:
    told = written("Import %s\nfailed", "run", run=7, form={"password": "hidden"})
    assert told["message"] == "Import run\nfailed"
    assert told["run"] == 7
    assert "form" not in told
    assert told["at"].endswith("+00:00")


def test_extra_data_cannot_pass_for_the_line_itself() -> None:
    assert written("True", level="DEBUG", at="never")["level"] == "INFO"


def test_a_line_knows_its_request() -> None:
    with request_facts(RequestFacts(request_id="a1b2")):
        assert written("Hello")["request_id"] == "a1b2"
    assert "request_id" not in written("Hello")


def test_an_exception_stays_on_its_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.getLogger("tests").makeRecord(
            "tests", logging.ERROR, __file__, 1, "Failed", (), __import__("sys").exc_info()
        )
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert "ValueError: two\nlines" in json.loads(line)["exception"]


def test_a_one_time_link_is_not_written(caplog: pytest.LogCaptureFixture) -> None:
    request = RequestFactory().get(LINK)
    request.META["STEWARD_REQUEST_ID"] = "c3d4"
    log_response("Not Found: %s", LINK, response=HttpResponse(status=404), request=request)
    told = json.loads(JsonFormatter().format(caplog.records[-1]))
    assert told["message"] == "Not Found: /set-up/…"
    assert told["request_id"] == "c3d4"


def nowhere(request: HttpRequest, token: str) -> HttpResponse:
    raise Http404


urlpatterns = [path("set-up/<token>/", public(nowhere))]


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db
def test_the_route_stands_for_the_path(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.get(LINK)
    told = json.loads(JsonFormatter().format(caplog.records[-1]))
    assert told["message"] == "Not Found: /set-up/<token>/"


def test_statements_with_their_values_are_never_logged() -> None:
    assert config("DEBUG")["loggers"]["django.db.backends"]["level"] == "INFO"


def test_debug_is_for_what_is_ours() -> None:
    """Some libraries write down bodies, headers and what stands in templates."""
    told = config("DEBUG")
    assert told["root"]["level"] == told["loggers"]["django"]["level"] == "INFO"
    assert {told["loggers"][name]["level"] for name in ("accounts", "tokens", "console")} == {
        "DEBUG"
    }
    assert config("ERROR")["root"]["level"] == "ERROR"
