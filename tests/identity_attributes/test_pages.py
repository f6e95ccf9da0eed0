"""The page of identity attributes: what there is, adding, renaming and removing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.models import Identity, IdentityAttribute
from accounts.profiles import custom_attributes
from tests.factories.imports import make_source
from tests.factories.profiles import FOUR, make_profile

ClientOf = Callable[[Identity], Client]
LIST = "/identity-attributes/"


@pytest.fixture
def browser(client_of: ClientOf, ada: Identity) -> Client:
    return client_of(ada)


def add(name: str = "costUnit", label: str = "Cost unit") -> IdentityAttribute:
    return custom_attributes.add(by=SYSTEM, label=label, name=name, at=timezone.now())


def test_what_every_tenant_has_and_what_was_added(browser: Client) -> None:
    add()
    make_profile(make_source(), mapped=FOUR | {"costUnit": "purpose"})
    text = browser.get(LIST).content.decode()
    for part in ("SailPoint User Name", "uid", "Required", "Cost unit", "Custom", "Not mapped"):
        assert part in text
    rows = {r["info"].name: r for r in browser.get(f"{LIST}?q=COST").context["rows"]}
    assert set(rows) == {"costCenter", "costUnit"}
    assert [str(p) for p in rows["costUnit"]["profiles"]] == ["Service Accounts"]
    assert "No attribute matches" in browser.get(f"{LIST}?q=zzz").content.decode()


def test_from_adding_to_renaming_to_removing(browser: Client) -> None:
    given = {"label": "Cost unit", "name": "costUnit"}
    assert "is added" in browser.post(f"{LIST}new/", given, follow=True).content.decode()
    made = IdentityAttribute.objects.get()
    assert 'value="Cost unit"' in browser.get(f"{LIST}{made.pk}/").content.decode()
    browser.post(f"{LIST}{made.pk}/", {"label": " Unit  of cost ", "name": "other"})
    made.refresh_from_db()
    assert (made.name, made.label) == ("costUnit", "Unit of cost")
    assert "What will happen" in browser.get(f"{LIST}{made.pk}/remove/").content.decode()
    assert browser.post(f"{LIST}{made.pk}/remove/").status_code == 302
    assert browser.post(f"{LIST}{made.pk}/remove/").status_code == 404
    done = Event.objects.filter(action__startswith="identity_attribute.", actor_label="ada")
    assert done.count() == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"label": ""}, "Type a label."),
        ({"name": ""}, "Type a technical name."),
        ({"name": "2nd"}, "a letter first"),
        ({"name": "UID"}, "There is such an attribute already."),
        ({"name": "x" * 61}, "a letter first"),
        ({"label": "x" * 101}, "100"),
        ({"label": "a\u202eb"}, "Label"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    browser: Client, given: dict[str, str], message: str
) -> None:
    typed = {"label": "Cost unit", "name": "costUnit"} | given
    answer = browser.post(f"{LIST}new/", typed)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not IdentityAttribute.objects.exists()


def test_a_mapped_one_is_not_removed_and_it_says_where_it_is(browser: Client) -> None:
    made = add()
    profile = make_profile(make_source(), mapped=FOUR | {"costUnit": "purpose"})
    for answer in (
        browser.get(f"{LIST}{made.pk}/remove/"),
        browser.post(f"{LIST}{made.pk}/remove/"),
    ):
        text = answer.content.decode()
        assert "cannot be removed" in text
        assert f"/identity-profiles/{profile.pk}/mappings/" in text
    assert IdentityAttribute.objects.exists()


def test_an_auditor_reads_and_changes_nothing(client_of: ClientOf, vera: Identity) -> None:
    made, browser = add(), client_of(vera)
    text = browser.get(LIST).content.decode()
    assert "Add Attribute" not in text
    assert f"{LIST}{made.pk}/" not in text
    for path in ("new/", f"{made.pk}/", f"{made.pk}/remove/"):
        assert browser.get(LIST + path).status_code == 403


@pytest.mark.parametrize("path", ["", "new/", "{0}/", "{0}/remove/"])
def test_a_basic_user_and_nobody_at_all(
    client_of: ClientOf, client: Client, mallory: Identity, path: str
) -> None:
    address = LIST + path.format(add().pk)
    assert client_of(mallory).get(address).status_code == 403
    assert client.get(address)["Location"].startswith("/sign-in/?next=/identity-attributes/")


def test_what_is_only_read_and_what_does_not_exist(browser: Client) -> None:
    assert browser.post(LIST).status_code == 405
    for path in ("999/", "999/remove/"):
        assert browser.get(LIST + path).status_code == 404


def test_many_cost_as_much_as_few(browser: Client) -> None:
    counts = []
    for number in (3, 20):
        for index in range(number):
            add(f"a{number}_{index}")
        with CaptureQueriesContext(connection) as captured:
            browser.get(LIST)
        counts.append(len(captured))
    assert counts[0] == counts[1]
