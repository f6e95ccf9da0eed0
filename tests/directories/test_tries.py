"""Testing a connection is no way to look for open ports: it ends after a few tries a minute."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.models import Event, Identity, Source
from tests.directories.reading import make_ldap_source
from tests.directories.test_pages import configuration, typed

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Identity], Client]
TOO_MANY = "That was tried many times in a short while. Try again in 1 minute."

NOWHERE: Any = SimpleNamespace(host="127.0.0.1", port=1, certificates=None)
"""Where nothing answers."""


@pytest.fixture
def source() -> Source:
    return make_ldap_source(NOWHERE)


def tries() -> int:
    return Event.objects.filter(action="source.tried_out").count()


def test_one_source_is_tried_ten_times_a_minute(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    browser, page = client_of(ada), f"/sources/{source.pk}/configuration/"
    given = configuration(source, do="test", password="x") | {"base_dn": "ou=typed"}
    answers = [browser.post(page, given).content.decode() for _ in range(11)]
    assert [TOO_MANY in text for text in answers] == [False] * 10 + [True]
    assert "ou=typed" in answers[-1]
    assert tries() == 10
    answer = browser.post(page.replace("configuration", "schema/discover"), follow=True)
    assert TOO_MANY in answer.content.decode()


def test_ports_that_are_typed_for_a_new_source_count_too(
    client_of: ClientOf, ada: Identity
) -> None:
    browser, given = client_of(ada), typed(NOWHERE, do="test")
    for port in range(1, 12):
        answer = browser.post("/sources/new/", given | {"port": str(port)})
    assert TOO_MANY in answer.content.decode()
    assert tries() == 10


def test_other_sources_and_saving_are_not_kept_waiting(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    page = f"/sources/{source.pk}/configuration/"
    browser = client_of(ada)
    for _ in range(11):
        browser.post(page, configuration(source, do="test", password="x"))
    other = make_ldap_source(NOWHERE, "Other")
    path = page.replace(str(source.pk), str(other.pk))
    text = browser.post(path, configuration(other, do="test", password="x")).content.decode()
    assert TOO_MANY not in text
    assert "Nothing answers" in text
    assert browser.post(page, configuration(source, password="x")).status_code == 302
