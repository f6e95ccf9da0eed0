"""The pages of identity profiles: list, making, settings, deletion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.audit.models import Event
from accounts.models import Identity, IdentityProfile
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, process

ClientOf = Callable[[Identity], Client]

NOBODY = "00000000-0000-4000-8000-000000000000"
SETTINGS = {
    "name": "Service Accounts",
    "description": "",
    "owner": "",
    "priority": "10",
    "vanished_policy": "disable",
    "invite_policy": "by_hand",
    "invite_state": "",
    "revision": "1",
}


def page_of(profile: IdentityProfile) -> str:
    return f"/identity-profiles/{profile.pk}/"


def unmapped(name: str = "Service Accounts", **options: Any) -> IdentityProfile:
    return make_profile(make_source(name), mapped={}, **options)


def test_the_guide_makes_a_profile_of_its_source(client_of: ClientOf, ada: Identity) -> None:
    source, browser = make_source(), client_of(ada)
    assert "No identity profiles yet" in browser.get("/identity-profiles/").content.decode()
    text = browser.get(f"/identity-profiles/new/?source={source.pk}").content.decode()
    assert 'value="Service Accounts"' in text
    assert f'<option value="{source.pk}" selected>' in text

    given = {"name": "Service Accounts", "source": str(source.pk), "kind": "service"}
    answer = browser.post("/identity-profiles/new/", given, follow=True)
    profile = IdentityProfile.objects.get()
    assert (profile.source, profile.kind, profile.owner) == (source, "service", ada)
    assert "Map its attributes next." in answer.content.decode()
    assert "No mappings" in browser.get("/identity-profiles/").content.decode()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "Type a name."),
        ({"name": "taken"}, "There already is an identity profile named"),
        ({"source": ""}, "Choose the source of the accounts."),
        ({"source": NOBODY}, "has an identity profile already, or is gone"),
        ({"source": "nonsense"}, "is not a valid UUID"),
        ({"kind": "robot"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_with_a_new_profile_is_said_and_nothing_typed_is_lost(
    client_of: ClientOf, ada: Identity, given: dict[str, str], message: str
) -> None:
    unmapped("Taken")
    source = make_source("Free")
    fields = {"name": "Kept name", "source": str(source.pk), "kind": "person"} | given
    answer = client_of(ada).post("/identity-profiles/new/", fields)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert message in text
    assert given.get("name", "Kept name") in text
    assert IdentityProfile.objects.count() == 1


def test_a_source_that_is_authoritative_cannot_be_chosen_again(
    client_of: ClientOf, ada: Identity
) -> None:
    profile = unmapped()
    browser = client_of(ada)
    assert "No source is free" in browser.get("/identity-profiles/new/").content.decode()
    given = {"name": "Second", "source": str(profile.source_id), "kind": "service"}
    assert browser.post("/identity-profiles/new/", given).status_code == 200
    assert IdentityProfile.objects.count() == 1


def test_settings_are_saved(client_of: ClientOf, ada: Identity, otto: Identity) -> None:
    profile, browser = unmapped(), client_of(ada)
    given = SETTINGS | {
        "name": "Machines",
        "owner": str(otto.pk),
        "priority": "5",
        "vanished_policy": "remove",
        "invite_policy": "on_state",
        "invite_state": "active",
    }
    answer = browser.post(page_of(profile), given)
    assert answer["Location"] == page_of(profile)
    profile.refresh_from_db()
    assert (profile.name, profile.owner, profile.priority) == ("Machines", otto, 5)
    assert (profile.vanished_policy, profile.invite_state) == ("remove", "active")
    assert Event.objects.filter(action="identity_profile.edited", actor_label="ada").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": " "}, "Type a name."),
        ({"priority": "0"}, "Type a whole number from 1 to 1000000."),
        ({"priority": "first"}, "Type a whole number."),
        ({"owner": NOBODY}, "Choose a person who can sign in."),
        ({"invite_policy": "on_state"}, "Choose the life-cycle state."),
        ({"vanished_policy": "forget"}, "Select a valid choice"),
        ({"name": "x" * 101}, "100"),
    ],
)
def test_settings_that_cannot_be_taken_are_refused_at_their_field(
    client_of: ClientOf, ada: Identity, given: dict[str, str], message: str
) -> None:
    profile = unmapped()
    fields = SETTINGS | {"description": "Kept"} | given
    answer = client_of(ada).post(page_of(profile), fields)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert message in text
    assert "Kept" in text
    profile.refresh_from_db()
    assert profile.revision == 1


def test_two_who_edit_at_once_are_told(client_of: ClientOf, ada: Identity, otto: Identity) -> None:
    profile, browser = unmapped(), client_of(ada)
    browser.post(page_of(profile), SETTINGS | {"description": "The first", "owner": str(otto.pk)})
    answer = browser.post(page_of(profile), SETTINGS | {"description": "The second"})
    text = answer.content.decode()
    assert "ada changed this identity profile while you were editing it" in text
    assert "<ins>The first</ins>" in text
    assert "<ins>otto</ins>" in text.lower()
    assert 'name="revision" value="2"' in text

    browser.post(page_of(profile), SETTINGS | {"description": "The second", "revision": "2"})
    profile.refresh_from_db()
    assert profile.description == "The second"


def test_the_order_of_priority_is_shown(client_of: ClientOf, ada: Identity) -> None:
    later = unmapped("Later", priority=20)
    unmapped("Earlier", priority=10)
    answer = client_of(ada).get(page_of(later))
    assert [profile.name for profile in answer.context["order"]] == ["Earlier", "Later"]
    assert "This profile" in answer.content.decode()


def test_a_profile_is_deleted_by_typing_its_name(client_of: ClientOf, ada: Identity) -> None:
    source, browser = make_source(), client_of(ada)
    bring(source, rows("SA-001,audit01,a@x.example,Audit"))
    profile = make_profile(source)
    process(profile)
    path = f"{page_of(profile)}delete/"
    assert "1 identity stays as it is" in browser.get(path).content.decode()
    assert "This is not the name." in browser.post(path, {"name": "x"}).content.decode()
    assert browser.post(path, {"name": "Service Accounts"}).status_code == 302
    assert browser.get(page_of(profile)).status_code == 404
    assert identity("audit01").deleted_at is None


def test_deleting_asks_for_the_password_again(client_of: ClientOf, ada: Identity) -> None:
    profile, browser = unmapped(), client_of(ada)
    session = browser.session
    session["steward_confirmed_at"] = 0.0
    session.save()
    answer = browser.post(f"{page_of(profile)}delete/", {"name": "Service Accounts"})
    assert "step_up_password" in answer.content.decode()
    assert IdentityProfile.objects.existing().exists()


def test_an_auditor_reads_and_has_no_button(
    client_of: ClientOf, ada: Identity, vera: Identity
) -> None:
    profile, browser = unmapped(), client_of(vera)
    text = browser.get("/identity-profiles/").content.decode()
    assert "Service Accounts" in text
    assert "Create New Identity Profile" not in text
    text = browser.get(page_of(profile)).content.decode()
    assert "By hand" in text
    for absent in ("Danger zone", 'name="priority"'):
        assert absent not in text
    assert browser.post(page_of(profile), SETTINGS).status_code == 403
    for path in ("/identity-profiles/new/", f"{page_of(profile)}delete/"):
        assert browser.get(path).status_code == 403


PAGES = ["", "new/", "{0}/", "{0}/delete/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_basic_user_is_refused_and_it_is_recorded(
    client_of: ClientOf, mallory: Identity, path: str
) -> None:
    answer = client_of(mallory).get("/identity-profiles/" + path.format(unmapped().pk))
    assert answer.status_code == 403
    assert Event.objects.filter(action="console.refused", actor_label="mallory").exists()


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_signed_in_is_asked_to(client: Client, db: None, path: str) -> None:
    answer = client.get("/identity-profiles/" + path.format(unmapped().pk))
    assert answer["Location"].startswith("/sign-in/?next=/identity-profiles/")


def test_what_is_only_read_and_what_does_not_exist(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    assert browser.post("/identity-profiles/").status_code == 405
    for path in ("", "delete/"):
        assert browser.get(f"/identity-profiles/{NOBODY}/{path}").status_code == 404
        assert browser.delete(f"{page_of(unmapped(path or 'x'))}{path}").status_code == 405


def test_twenty_rows_cost_as_much_as_three(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    browser, counts = client_of(ada), []
    for number in (3, 20):
        for index in range(number):
            unmapped(f"Source {number} {index}", owner=otto)
        with CaptureQueriesContext(connection) as captured:
            browser.get("/identity-profiles/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_search(client_of: ClientOf, ada: Identity) -> None:
    unmapped("Directory")
    unmapped("Payroll")
    found = client_of(ada).get("/identity-profiles/?q=pay").context["rows"]
    assert [row["profile"].name for row in found] == ["Payroll"]
