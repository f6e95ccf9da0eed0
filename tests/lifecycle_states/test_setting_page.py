"""The page on which a person sets the life-cycle state of one identity."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Identity, IdentityProfile
from tests.factories.imports import make_source
from tests.factories.profiles import identity, process
from tests.lifecycle_states.test_entering import person_profile, states
from tests.lifecycle_states.test_pages import ClientOf, state


@pytest.fixture
def profile(db: None) -> IdentityProfile:
    source = make_source(threshold=100)
    states(source, "active")
    profile = person_profile(source)
    process(profile)
    return profile


@pytest.fixture
def browser(client_of: ClientOf, ada: Identity) -> Client:
    return client_of(ada)


def path(person: Identity | None = None) -> str:
    return f"/identities/{(person or identity('user1')).pk}/lifecycle-state/"


def test_it_says_what_each_state_does_and_sets_one(
    browser: Client, profile: IdentityProfile
) -> None:
    text = browser.get(path()).content.decode()
    assert "Inactive: disables the identity, its keys and tokens stop" in text
    answer = browser.post(path(), {"state": str(state(profile, "inactive").pk)}, follow=True)
    page = answer.content.decode()
    assert "user1 is in the state Inactive, until the source says" in page
    assert "Inactive, set by hand" in page
    assert f'href="{path()}"' in page
    assert not identity("user1").is_active

    text = browser.get(path()).content.decode()
    assert "The state was set by hand" in text
    assert "The source said “active”." in text
    answer = browser.post(f"{path()}follow-source/", follow=True)
    assert "The source decides again" in answer.content.decode()
    process(profile)
    assert identity("user1").is_active


def test_what_is_wrong_is_said(browser: Client, profile: IdentityProfile, ada: Identity) -> None:
    assert "Choose a state." in browser.post(path(), {"x": "y"}).content.decode()
    wrong = browser.post(path(), {"state": "00000000-0000-4000-8000-000000000000"})
    assert "Choose an enabled life-cycle state" in wrong.content.decode()
    state(profile, "inactive").delete()
    state(profile, "active").delete()
    assert "No state is enabled" in browser.get(path()).content.decode()
    assert "It belongs to no identity profile." in browser.get(path(ada)).content.decode()
    answer = browser.post(f"{path(ada)}follow-source/", follow=True)
    assert "belongs to no identity profile" in answer.content.decode()


def test_who_may_not_and_what_is_not_there(
    client_of: ClientOf,
    client: Client,
    browser: Client,
    vera: Identity,
    mallory: Identity,
    profile: IdentityProfile,
) -> None:
    for person in (vera, mallory):
        assert client_of(person).get(path()).status_code == 403
        assert client_of(person).post(f"{path()}follow-source/").status_code == 403
    assert client.get(path())["Location"].startswith("/sign-in/?next=/identities/")
    nobody = "/identities/00000000-0000-4000-8000-000000000000/lifecycle-state/"
    assert browser.get(nobody).status_code == 404
    assert browser.get(f"{path()}follow-source/").status_code == 405
    assert profile.lifecycle_states.count() == 2
