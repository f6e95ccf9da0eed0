"""The cast and the stage: Ada administers, Otto owns, Vera views, Mallory may do nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, settings

from accounts.authorization.levels import ADMIN, AUDITOR
from accounts.groups import built_in
from accounts.models import Group, Identity, Role
from tests.factories import make_person
from tests.factories.people import PASSWORD
from tokens.access_tokens import implied_use
from tokens.doors.rest.calls import limit as rest_limit
from tokens.doors.sailpoint.rate import limit
from tokens.doors.scim.calls import limit as scim_limit
from tokens.doors.servicenow.calls import limit as servicenow_limit
from tokens.edge.refusals import flood
from tokens.oauth.failures import failures
from tokens.signing import keys
from tokens.usage.buffer import buffer

# what passes today passes tomorrow; --hypothesis-profile=others makes up new examples each time
# nor does it fail because a machine is slow
PATIENT = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", PATIENT, derandomize=True)
settings.register_profile("others", PATIENT)
settings.load_profile("same")


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Nothing to change: the engine comes from the environment."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let the database be emptied between transactional tests.

    On SQLite Django empties tables row by row, which the trigger on events refuses. The test of
    that trigger puts it back for itself. The group and the roles that a new tenant has are not on
    the stage: tests make their own, also of these names.
    """
    with django_db_blocker.unblock():
        Group.objects.filter(name=built_in.GROUP).delete()
        Role.objects.filter(name__in=built_in.ROLES).delete()
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER IF EXISTS event_no_delete")


@pytest.fixture(autouse=True)
def clean_process() -> Iterator[None]:
    """What a process keeps between requests, as in a process just started."""
    forget()
    cache.clear()
    yield
    forget()


def forget() -> None:
    keys.forget()
    buffer.discard()
    flood.forget()
    failures.forget()
    implied_use.forget()
    limit.forget()
    rest_limit.forget()
    servicenow_limit.forget()
    scim_limit.forget()


@pytest.fixture
def ada(db: None) -> Identity:
    return make_person("ada", levels=[ADMIN])


@pytest.fixture
def otto(db: None) -> Identity:
    return make_person("otto")


@pytest.fixture
def vera(db: None) -> Identity:
    return make_person("vera", levels=[AUDITOR])


@pytest.fixture
def mallory(db: None) -> Identity:
    return make_person("mallory")


@pytest.fixture
def client_of() -> Callable[[Identity], Client]:
    """A browser in which someone has just signed in with their password."""

    def signed_in(person: Identity) -> Client:
        client = Client()
        answer = client.post("/sign-in/", {"login": person.user_name, "password": PASSWORD})
        assert answer.status_code == 302, answer.content
        return client

    return signed_in
