"""Letting an import off its threshold, and setting a state by hand, ask for the password again."""

from __future__ import annotations

from django.test import Client

from accounts.imports.states import State
from accounts.models import ImportRun
from tests.factories.imports import make_source
from tests.factories.people import PASSWORD
from tests.factories.profiles import identity, process
from tests.imports.test_pages_of_imports import held
from tests.lifecycle_states.test_entering import person_profile, states
from tests.lifecycle_states.test_pages import state
from tests.step_up.test_asking_again import ASKED, clock, hidden, stale

__all__ = ["clock", "stale"]
"""Fixtures."""

REASON = "They were retired"


def test_an_override_asks_again_and_keeps_the_reason(stale: Client, db: None) -> None:
    source = make_source()
    run = held(source)
    path = f"/sources/{source.pk}/imports/{run.pk}/override/"

    asked = stale.post(path, {"reason": REASON})
    assert ASKED in asked.content.decode()
    assert hidden(asked) == {"reason": [REASON]}
    run.refresh_from_db()
    assert (run.state, run.override_reason) == (State.HELD, "")

    stale.post(path, hidden(asked) | {"step_up_password": PASSWORD})
    assert ImportRun.objects.get(pk=run.pk).override_reason == REASON


def test_a_state_set_by_hand_asks_again_and_keeps_the_choice(stale: Client, db: None) -> None:
    source = make_source(threshold=100)
    states(source, "active")
    profile = person_profile(source)
    process(profile)
    path = f"/identities/{identity('user1').pk}/lifecycle-state/"
    chosen = str(state(profile, "inactive").pk)

    asked = stale.post(path, {"state": chosen})
    assert ASKED in asked.content.decode()
    assert hidden(asked) == {"state": [chosen]}
    assert identity("user1").is_active

    stale.post(path, hidden(asked) | {"step_up_password": PASSWORD})
    assert not identity("user1").is_active
