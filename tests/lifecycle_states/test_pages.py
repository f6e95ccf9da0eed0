"""The tab Life-cycle states of an identity profile, and what the plan shows of states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.models import Identity, IdentityProfile, LifecycleState
from accounts.profiles.lifecycle_states import actions
from accounts.profiles.lifecycle_states.actions import Draft
from accounts.profiles.models import InvitePolicy
from tests.factories.imports import make_source
from tests.factories.profiles import make_profile, plan, process
from tests.lifecycle_states.test_entering import MAPPED, person_profile, states

ClientOf = Callable[[Identity], Client]
NEW = {
    "name": "On leave",
    "technical_name": "onLeave",
    "description": "",
    "on_entry": "disable",
    "identity_state": "",
    "priority": "",
}


@pytest.fixture
def profile(db: None) -> IdentityProfile:
    return make_profile(make_source(threshold=100), mapped=MAPPED)


@pytest.fixture
def browser(client_of: ClientOf, ada: Identity) -> Client:
    return client_of(ada)


def tab(profile: IdentityProfile) -> str:
    return f"/identity-profiles/{profile.pk}/lifecycle-states/"


def state(profile: IdentityProfile, name: str) -> LifecycleState:
    return profile.lifecycle_states.get(technical_name=name)


def edited(profile: IdentityProfile, technical: str, **fields: str) -> dict[str, str]:
    found = state(profile, technical)
    kept = {"name": found.name, "on_entry": found.on_entry, "revision": str(found.revision)}
    return NEW | kept | {"priority": str(found.priority)} | fields


def test_the_tab_lists_states_with_how_many_are_in_them(browser: Client) -> None:
    source = make_source(threshold=100)
    states(source, "active", "active", "inactive", "gone")
    profile = person_profile(source, invite_policy=InvitePolicy.ON_STATE, invite_state="active")
    process(profile)
    answer = browser.get(tab(profile))
    rows = {row["state"].technical_name: row["count"] for row in answer.context["rows"]}
    assert rows == {"active": 2, "inactive": 1}
    text = answer.content.decode()
    for part in ("Disable the identity", "Invites", "gone", "of 1 account", "?name=gone"):
        assert part in text


def test_in_a_large_source_counting_ends_early(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_source(threshold=100)
    states(source, "active", "active", "active", "inactive")
    profile = person_profile(source)
    process(profile)
    monkeypatch.setattr("accounts.profiles.lifecycle_states.queries.COUNTED", 1)
    answer = browser.get(tab(profile))
    assert [(r["count"], r["is_more"]) for r in answer.context["rows"]] == [(2, True), (1, False)]
    assert "more than" in answer.content.decode()


def test_without_a_mapping_it_says_what_to_do(browser: Client) -> None:
    profile = make_profile(make_source())
    text = browser.get(tab(profile)).content.decode()
    assert "No identity enters a state by itself yet" in text
    assert f"/identity-profiles/{profile.pk}/mappings/" in text


def test_from_adding_a_state_to_enabling_it(browser: Client, profile: IdentityProfile) -> None:
    text = browser.get(f"{tab(profile)}new/?name=onLeave").content.decode()
    assert 'value="onLeave"' in text
    answer = browser.post(f"{tab(profile)}new/", NEW, follow=True)
    assert "Nobody enters it before it is enabled." in answer.content.decode()
    made = state(profile, "onLeave")
    assert (made.is_enabled, made.on_entry, made.priority) == (False, "disable", 30)

    version = IdentityProfile.objects.get(pk=profile.pk).version
    answer = browser.post(f"{tab(profile)}{made.pk}/enable/", follow=True)
    assert "Apply the changes to let it count." in answer.content.decode()
    assert IdentityProfile.objects.get(pk=profile.pk).version == version + 1
    browser.post(f"{tab(profile)}{made.pk}/disable/")
    made.refresh_from_db()
    assert not made.is_enabled
    done = Event.objects.filter(action__startswith="lifecycle_state.", actor_label="ada")
    assert done.count() == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "Type a name."),
        ({"name": "Active"}, "There is a state of this name already."),
        ({"technical_name": "ACTIVE"}, "There is such a state already."),
        ({"technical_name": "löschen"}, "Use letters, digits, spaces"),
        ({"technical_name": "x" * 101}, "Use letters, digits, spaces"),
        ({"on_entry": "explode"}, "Select a valid choice."),
        ({"priority": "0"}, "Type a whole number from 1"),
        ({"priority": "first"}, "Type a whole number."),
        ({"description": "x" * 1001}, "1000"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    browser: Client, profile: IdentityProfile, given: dict[str, str], message: str
) -> None:
    answer = browser.post(f"{tab(profile)}new/", NEW | {"name": "Typed"} | given)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert profile.lifecycle_states.count() == 2


def test_a_state_is_edited_and_keeps_its_technical_name(
    browser: Client, profile: IdentityProfile
) -> None:
    path = f"{tab(profile)}{state(profile, 'inactive').pk}/"
    given = edited(profile, "inactive", name="Away", technical_name="other", on_entry="")
    assert browser.post(path, given).status_code == 302
    found = state(profile, "inactive")
    assert (found.name, found.on_entry) == ("Away", "")


def test_two_who_edit_at_once_are_told(browser: Client, profile: IdentityProfile) -> None:
    path = f"{tab(profile)}{state(profile, 'active').pk}/"
    mine = edited(profile, "active", name="Mine")
    browser.post(path, edited(profile, "active", name="Theirs"))
    text = browser.post(path, mine).content.decode()
    assert "ada changed this life-cycle state while you were editing it" in text
    assert "<ins>Theirs</ins>" in text
    browser.post(path, mine | {"revision": "2"})
    assert state(profile, "active").name == "Mine"


def test_a_state_in_use_is_not_removed(browser: Client) -> None:
    source = make_source(threshold=100)
    states(source, "inactive")
    profile = person_profile(source, invite_policy=InvitePolicy.ON_STATE, invite_state="active")
    process(profile)
    for name, message in (
        ("inactive", "1 identity is in this state."),
        ("active", "The profile invites identities"),
    ):
        answer = browser.post(f"{tab(profile)}{state(profile, name).pk}/remove/")
        assert message in answer.content.decode()
    refused = browser.post(f"{tab(profile)}{state(profile, 'active').pk}/disable/", follow=True)
    assert "The profile invites identities" in refused.content.decode()
    assert profile.lifecycle_states.filter(is_enabled=True).count() == 2


def test_a_state_in_which_nobody_is_is_removed(browser: Client, profile: IdentityProfile) -> None:
    path = f"{tab(profile)}{state(profile, 'inactive').pk}/remove/"
    assert "What will happen" in browser.get(path).content.decode()
    assert browser.post(path).status_code == 302
    assert browser.post(path).status_code == 404
    assert [s.technical_name for s in profile.lifecycle_states.all()] == ["active"]


def test_the_plan_says_whom_states_disable(browser: Client) -> None:
    source = make_source(threshold=100)
    states(source, "inactive", "gone")
    profile = person_profile(source)
    planned = plan(profile)
    path = f"/identity-profiles/{profile.pk}/changes/{planned.pk}/"
    text = browser.get(f"{path}?show=created").content.decode()
    for part in (
        "1 identity enters a state that disables it",
        "disable 1 by life-cycle state",
        "Disabled by its state",
        "The source names states that are not enabled here",
    ):
        assert part in text


def test_many_states_cost_as_much_as_few(browser: Client, profile: IdentityProfile) -> None:
    counts = []
    for number in (3, 20):
        for index in range(number):
            actions.add(
                by=SYSTEM,
                profile=profile,
                technical_name=f"s{number}-{index}",
                draft=Draft(f"State {number} {index}"),
                at=timezone.now(),
            )
        with CaptureQueriesContext(connection) as captured:
            browser.get(tab(profile))
        counts.append(len(captured))
    assert counts[0] == counts[1]


PATHS = ["", "new/", "{0}/", "{0}/remove/"]


def test_an_auditor_reads_and_changes_nothing(
    client_of: ClientOf, vera: Identity, profile: IdentityProfile
) -> None:
    browser, made = client_of(vera), state(profile, "active")
    text = browser.get(tab(profile)).content.decode()
    assert "Add State" not in text
    assert "/remove/" not in text
    for path in PATHS[1:]:
        assert browser.get(tab(profile) + path.format(made.pk)).status_code == 403
    for path in ("enable/", "disable/"):
        assert browser.post(f"{tab(profile)}{made.pk}/{path}").status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_a_basic_user_and_nobody_at_all(
    client_of: ClientOf, client: Client, mallory: Identity, profile: IdentityProfile, path: str
) -> None:
    address = tab(profile) + path.format(state(profile, "active").pk)
    assert client_of(mallory).get(address).status_code == 403
    answer: Any = client.get(address)
    assert answer["Location"].startswith("/sign-in/?next=/identity-profiles/")


def test_what_is_only_read_and_what_does_not_exist(
    browser: Client, profile: IdentityProfile
) -> None:
    other = make_profile(make_source("Other"))
    theirs = state(other, "active").pk
    assert browser.post(tab(profile)).status_code == 405
    assert browser.get(f"{tab(profile)}{state(profile, 'active').pk}/enable/").status_code == 405
    for path in (f"{theirs}/", f"{theirs}/remove/"):
        assert browser.get(tab(profile) + path).status_code == 404
    assert browser.post(f"{tab(profile)}{theirs}/disable/").status_code == 404
    assert state(other, "active").is_enabled
