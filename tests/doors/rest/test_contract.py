"""Whatever is sent as the document says, or just not so, is answered as the document says; and
each operation has a call that it answers with what it is for.

Schemathesis makes it up. An ordinary run asks a few things of each operation; to ask 5,000 in all:

    CONTRACT_EXAMPLES=5000 make test-sqlite ARGS=tests/doors/rest/test_contract.py

With CONTRACT_COVERAGE=1 every bound of every member is tried as well, which takes some minutes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from math import ceil
from typing import Any, Final
from uuid import UUID

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, assume, settings
from schemathesis.config import SchemathesisConfig

from tests.doors.rest.caller import Caller
from tests.doors.rest.examples import example_of
from tokens.doors.rest import document
from tokens.doors.rest.api import operations
from tokens.doors.rest.calls import limit
from tokens.doors.rest.operations import PREFIX, Operation
from tokens.edge import uploads

pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.django_db,
    pytest.mark.timeout(3600),
]

ASKED: Final = int(os.environ.get("CONTRACT_EXAMPLES", "0"))
"""Examples in all; 0 for an ordinary run."""
OPERATIONS: Final[dict[str, Operation]] = {found.name: found for found in operations()}
EACH: Final = ceil(ASKED / len(OPERATIONS)) if ASKED else 1

SLOW: Final = ("RSA-4096", "RSA-3072")
REFUSED: Final = ["2xx", "401", "403", "404", "409", "412", "422", "428", "429"]
"""A schema cannot say that a name is taken, that an id is somebody's, or which ETag stands."""
CONFIG: Final = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": REFUSED},
            # a body that is too long for a bound may be too long for us to read at all
            "negative_data_rejection": {
                "expected-statuses": ["400", "401", "403", "404", "405", "409", "413"]
                + ["415", "422", "428", "429"]
            },
            "missing_required_header": {"expected-statuses": ["404", "428"]},
        },
        "phases": {"coverage": {"enabled": "CONTRACT_COVERAGE" in os.environ}},
        "generation": {"max-examples": EACH},
    }
)


CANONICAL: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
NUMBER: Final = re.compile(r"[1-9][0-9]*", re.ASCII)


def application(environ: Any, start_response: Any) -> list[bytes]:
    """The whole of it, as gunicorn runs it: each answer is closed, and with it what was sent."""
    from console.wsgi import application as whole

    found: Any = whole(environ, start_response)
    try:
        return list(found)
    finally:
        if hasattr(found, "close"):  # what is refused unread has nothing to close
            found.close()


schema: Final = schemathesis.openapi.from_dict(document.openapi(), config=CONFIG)
schema.app = application
schema.config.update(base_url=document.openapi()["servers"][0]["url"])


@pytest.fixture(autouse=True)
def connection_stays() -> Iterator[None]:
    """A request must not close the connection of the test."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def is_alike(value: Any, known: UUID | int) -> bool:
    """Whether it is written as the id that is known is: a UUID, or the number of a row."""
    written = NUMBER if isinstance(known, int) else CANONICAL
    return bool(written.fullmatch(str(value)))


def quicken(body: Any) -> None:
    """RSA keys take seconds each, and are another's test."""
    key = body.get("key", body) if isinstance(body, dict) else None
    if isinstance(key, dict) and key.get("algorithm", SLOW[0]) in SLOW and "origin" in key:
        key["algorithm"] = "P-256"


@schema.parametrize()
@settings(
    max_examples=EACH,
    deadline=None,
    derandomize=not ASKED,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
def test_an_operation_keeps_to_the_document(case: Any, admin: Caller) -> None:
    # a query is made of texts: an object or list there is written as some, which may be right
    assume(not any(isinstance(value, dict | list) for value in (case.query or {}).values()))
    limit.forget()
    cache.clear()  # of tries
    called = case.operation.definition.raw["operationId"]
    found = example_of(OPERATIONS[called], admin.holder).parts
    for part, value in list((case.path_parameters or {}).items()):
        if is_alike(value, found[part]):
            case.path_parameters[part] = str(found[part])
    quicken(case.body)
    case.call_and_validate(headers=admin.headers())


@pytest.mark.parametrize("called", sorted(OPERATIONS))
def test_an_operation_does_what_it_is_for(called: str, admin: Caller) -> None:
    """So that no operation is only ever tried with ids of nothing."""
    operation = OPERATIONS[called]
    found = example_of(operation, admin.holder)
    path = PREFIX + re.sub(r"{\w+:", "{", operation.path)
    case = schema[path][operation.method].Case(
        path_parameters={part: str(value) for part, value in found.parts.items()},
        query=found.query,
        headers={"If-Match": "*"} if operation.matches else {},
        **({} if found.body is None else {"body": found.body, "media_type": media(operation)}),
    )
    answer = case.call_and_validate(headers=admin.headers())
    assert answer.status_code == operation.status, answer.text


def media(operation: Operation) -> str:
    return uploads.CONTENT_TYPE if operation.most_bytes else "application/json"
