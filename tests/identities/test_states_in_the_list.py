"""The life-cycle state of identities: by its name, told where it was set by hand, and a filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Identity, IdentityProfile, LifecycleState
from accounts.profiles.lifecycle_states import manual
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, identity, make_profile, process

ClientOf = Callable[[Identity], Client]
STATES = ("active", "active", "")
MAPPED = FOUR | {"cloudLifecycleState": "purpose"}


@pytest.fixture
def profile(db: None) -> IdentityProfile:
    source = make_source("Payroll", threshold=100)
    bring(
        source, rows("1,a1,a1@x.example,active", "2,a2,a2@x.example,active", "3,a3,a3@x.example,")
    )
    profile = make_profile(source, mapped=MAPPED)
    profile.lifecycle_states.update(is_enabled=True)
    LifecycleState.objects.filter(technical_name="active").update(name="At work")
    process(profile)
    return profile


@pytest.fixture
def browser(client_of: ClientOf, ada: Identity) -> Client:
    return client_of(ada)


def set_by_hand(by: Identity, profile: IdentityProfile) -> Identity:
    who = identity("a2")
    state = profile.lifecycle_states.get(technical_name="inactive")
    manual.set_state(by=by, identity=who, state=state, at=timezone.now())
    return identity("a2")


def found(answer: Any) -> list[str]:
    return sorted(row["identity"].user_name for row in answer.context["rows"])


def test_the_column_shows_the_name_and_what_was_set_by_hand(
    browser: Client, ada: Identity, profile: IdentityProfile
) -> None:
    set_by_hand(ada, profile)
    text = browser.get("/identities/").content.decode()
    assert "<span>At work</span>" in text
    assert text.count("set by hand") == 1


@pytest.mark.parametrize(
    ("state", "who"),
    [
        ("active", ["a1"]),
        ("inactive", ["a2"]),
        ("-", ["a3", "ada"]),
        ("nonsense", ["a1", "a2", "a3", "ada"]),
        ("\0", ["a1", "a2", "a3", "ada"]),
    ],
)
def test_the_list_and_its_export_are_narrowed_to_a_state(
    browser: Client, ada: Identity, profile: IdentityProfile, state: str, who: list[str]
) -> None:
    set_by_hand(ada, profile)
    assert found(browser.get("/identities/", {"state": state})) == who
    answer: Any = browser.get("/identities/export/", {"state": state})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()[1:]
    assert sorted(line.split(",")[0] for line in lines) == who


def test_the_filter_is_a_chip_that_can_be_removed(
    browser: Client, profile: IdentityProfile
) -> None:
    answer = browser.get("/identities/?state=active&q=a")
    chips = {chip["label"]: chip["remove_url"] for chip in answer.context["chips"]}
    assert chips["Lifecycle State: At work"] == "/identities/?q=a"
    assert "state" not in answer.context["clear_url"]


def test_without_profiles_there_is_no_such_filter(browser: Client) -> None:
    names = [f["name"] for f in browser.get("/identities/").context["filters"]]
    assert "state" not in names


def test_a_state_set_by_hand_names_no_mapping(
    browser: Client, ada: Identity, profile: IdentityProfile
) -> None:
    def origin(name: str) -> Any:
        values = browser.get(f"/identities/{identity(name).pk}/").context["values"]
        return next(row for row in values if row["name"] == "cloudLifecycleState")

    set_by_hand(ada, profile)
    assert (origin("a2")["steps"], origin("a2")["url"]) == (["Set by hand"], "")
    assert origin("a1")["steps"][0] == "Payroll"
    assert origin("a1")["url"]


def test_more_rows_ask_no_more_questions(browser: Client, profile: IdentityProfile) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert browser.get("/identities/?state=active").status_code == 200
        return len(asked)

    browser.get("/identities/")
    few = queries()
    accounts = [f"{n},a{n},a{n}@x.example,active" for n in range(1, 21)]
    bring(profile.source, rows(*accounts))
    process(profile)
    assert queries() == few
