"""Whatever is sent as the document says, or just not so, is answered as the document says.

Schemathesis makes it up. An ordinary run asks a few things of each operation; to ask 5,000 in all:

    CONTRACT_EXAMPLES=5000 make test-sqlite ARGS=tests/doors/rest/test_contract.py

With CONTRACT_COVERAGE=1 every bound of every member is tried as well, which takes some minutes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from math import ceil
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from accounts.models import AccessRequest, Group, Identity, Role, ServiceAccount
from tests.doors.rest.caller import Caller
from tests.factories import make_account, make_person
from tests.factories.apis import make_api, make_scope
from tests.factories.groups import make_group, make_role
from tests.factories.requests import ask
from tests.factories.tokens import make_token
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.doors.rest import document
from tokens.doors.rest.api import operations
from tokens.doors.rest.calls import limit
from tokens.models import Api, Credential
from tokens.personal_access_tokens.queries import held_by

pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.django_db,
    pytest.mark.timeout(3600),
]

ASKED: Final = int(os.environ.get("CONTRACT_EXAMPLES", "0"))
"""Examples in all; 0 for an ordinary run."""
EACH: Final = ceil(ASKED / len(operations())) if ASKED else 1

SLOW: Final = ("RSA-4096", "RSA-3072")
REFUSED: Final = ["2xx", "401", "403", "404", "409", "412", "422", "428", "429"]
"""A schema cannot say that a name is taken, that an id is somebody's, or which ETag stands."""
CONFIG: Final = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": REFUSED},
            "missing_required_header": {"expected-statuses": ["404", "428"]},
        },
        "phases": {"coverage": {"enabled": "CONTRACT_COVERAGE" in os.environ}},
        "generation": {"max-examples": EACH},
    }
)


def application(environ: Any, start_response: Any) -> list[bytes]:
    """The whole of it, as gunicorn runs it: each answer is closed, and with it what was sent."""
    from console.wsgi import application as whole

    with closing(whole(environ, start_response)) as answer:
        return list(answer)


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


def world() -> dict[str, UUID]:
    """An object for each part of an address; what an example has deleted is made again."""
    people = Identity.objects.active().filter(user_name__startswith="contract-")
    otto = people.first() or make_person(f"contract-{uuid4().hex}")
    role = Role.objects.filter(name="contract").first() or make_role("contract")
    group = Group.objects.filter(name="contract").first() or make_group("contract")
    accounts = ServiceAccount.objects.existing().filter(name="contract")
    account = accounts.first() or make_account("contract", owner=otto).account
    api = Api.objects.filter(name="Contract").first() or make_api(
        "Contract", audience="https://contract.example.com"
    )
    scope = api.scopes.first() or make_scope(api, "contract:read")
    keys = Credential.objects.filter(kind=KEY_PAIR, identity=account.pk)
    tokens = held_by(otto)
    waiting = AccessRequest.objects.open().filter(requester=otto)
    asked = waiting.first() or ask(
        otto, "new_service_account", name=f"Contract {uuid4().hex}", purpose="For a test"
    )
    return {
        "request_id": asked.pk,
        "identity_id": otto.pk,
        "role_id": role.pk,
        "group_id": group.pk,
        "account_id": account.pk,
        "api_id": api.pk,
        "scope_id": scope.pk,
        "key_id": keys.values_list("pk", flat=True)[0],
        "token_id": (tokens.first() or make_token(otto).token).pk,
    }


def is_id(value: Any) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True


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
    limit.forget()
    known = world()
    for name, value in list((case.path_parameters or {}).items()):
        if name in known and is_id(value):
            case.path_parameters[name] = str(known[name])
    quicken(case.body)
    case.call_and_validate(headers=admin.headers())
