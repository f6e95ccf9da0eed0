"""At set times, what changed is applied without being asked; what is kept no longer goes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities import actions as identities
from accounts.jobs import actions as jobs
from accounts.models import (
    AccountProblem,
    Identity,
    PlannedEffect,
    Processing,
    ProcessingPlan,
    Schedule,
)
from accounts.profiles.processing import scheduled, upkeep
from accounts.roles import assigning
from tests.factories.groups import make_group, make_role
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, plan, process, work

pytestmark = pytest.mark.django_db


def test_the_refresh_applies_what_waits_and_leaves_the_rest_alone() -> None:
    source, other = make_source(), make_source("Other")
    bring(source, rows("1,one,a@x.example,"))
    bring(other, rows("1,two,b@x.example,"))
    done = make_profile(other)
    process(done)
    make_profile(source)
    jobs.start(by=SYSTEM, kind=scheduled.KIND, at=timezone.now())
    work()
    assert identity("one").email == "a@x.example"
    assert Processing.objects.filter(profile=done).count() == 1


def test_the_address_of_who_holds_levels_is_changed_by_nobody_unasked(ada: Identity) -> None:
    """Who writes the source would else be sent the link for an administrator's password."""
    source = make_source()
    bring(source, rows("1,one,a@x.example,", "2,two,b@x.example,"))
    process(make_profile(source))
    raised = identity("one")
    identities.set_levels(by=ada, identity=raised, levels=["helpdesk"], at=timezone.now())
    bring(source, rows("1,one,mallory@x.example,", "2,two,new@x.example,"))
    jobs.start(by=SYSTEM, kind=scheduled.KIND, at=timezone.now())
    work()
    assert identity("one").email == "a@x.example"
    held = Processing.objects.order_by("-planned_at")[0]
    assert held.state == "planned"
    assert held.held_reason.startswith("1 identity that holds user levels or roles or owns")


def test_nobody_who_holds_levels_is_put_out_unasked(ada: Identity) -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,", "2,two,b@x.example,"))
    process(make_profile(source))
    raised = identity("one")
    identities.set_levels(by=ada, identity=raised, levels=["helpdesk"], at=timezone.now())
    bring(source, rows("2,two,b@x.example,"))
    jobs.start(by=SYSTEM, kind=scheduled.KIND, at=timezone.now())
    work()
    assert identity("one").is_active
    held = Processing.objects.order_by("-planned_at")[0]
    assert (
        held.held_reason
        == "1 identity that holds user levels or roles would be disabled or removed."
    )


@pytest.mark.parametrize("by_group", [True, False])
@pytest.mark.parametrize("row", ["1,one,mallory@x.example,", ""])
def test_rights_by_role_or_group_hold_a_plan_like_levels(by_group: bool, row: str) -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,", "2,two,b@x.example,"))
    process(make_profile(source))
    raised, role = identity("one"), make_role()
    if by_group:
        make_group(roles=[role], members=[raised])
    else:
        assigning.assign(by=SYSTEM, role=role, identity=raised, until=None, at=timezone.now())
    bring(source, rows(*filter(None, [row, "2,two,b@x.example,"])))
    jobs.start(by=SYSTEM, kind=scheduled.KIND, at=timezone.now())
    work()
    assert (identity("one").is_active, identity("one").email) == (True, "a@x.example")
    held = Processing.objects.order_by("-planned_at")[0]
    assert (held.state, "user levels or roles" in held.held_reason) == ("planned", True)


def test_a_plan_that_waits_for_a_person_is_left_to_them() -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,"))
    waiting = plan(make_profile(source))
    jobs.start(by=SYSTEM, kind=scheduled.KIND, at=timezone.now())
    work()
    waiting.refresh_from_db()
    assert (waiting.state, Processing.objects.count()) == ("planned", 1)
    assert not Identity.objects.filter(user_name="one").exists()


def test_the_schedule_is_put_up_once() -> None:
    for _ in range(2):
        upkeep.run()
    schedule = Schedule.objects.get()
    assert (schedule.kind, schedule.times) == (scheduled.KIND, ["08:00", "20:00"])


def test_plans_go_after_a_day_and_problems_stay_while_they_count() -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,", "2,two,nothing,"))
    profile = make_profile(source)
    process(profile)
    upkeep.tidy(at=timezone.now() + timedelta(hours=2))
    assert PlannedEffect.objects.count() == 1
    upkeep.tidy(at=timezone.now() + timedelta(days=2))
    assert PlannedEffect.objects.count() == 0
    assert AccountProblem.objects.count() == 1
    bring(source, rows("1,one,a@x.example,", "2,two,b@x.example,"))
    process(profile)
    upkeep.tidy(at=timezone.now() + timedelta(days=2))
    assert AccountProblem.objects.count() == 0
    assert ProcessingPlan.objects.count() == 1


def test_a_plan_that_nobody_confirms_is_given_up() -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,"))
    waiting = plan(make_profile(source))
    upkeep.tidy(at=timezone.now() + timedelta(days=29))
    waiting.refresh_from_db()
    assert waiting.state == "planned"
    upkeep.tidy(at=timezone.now() + timedelta(days=31))
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
