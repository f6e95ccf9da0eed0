"""How many accounts one import may remove, and what holds it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from accounts.imports import actions
from accounts.imports.actions import ReasonMissing, WrongState
from accounts.imports.states import Decision, State
from accounts.imports.thresholds import removable
from accounts.models import Identity, Source
from accounts.sources import actions as sources
from accounts.sources.actions import Details
from tests.factories.imports import accounts_of, apply, bring, make_source, plan, rows


def numbered(first: int, last: int) -> str:
    return rows(*[f"SA-{n:03d},svc{n:03d},,{n}" for n in range(first, last + 1)])


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("accounts", "percent", "may_go"),
    [
        (0, 10, 1),
        (1, 10, 1),
        (9, 10, 1),
        (10, 10, 1),
        (19, 10, 1),
        (20, 10, 2),
        (100, 10, 10),
        (109, 10, 10),
        (100, 1, 1),
        (99, 1, 1),
        (100, 100, 100),
        (1_000_000, 10, 100_000),
    ],
)
def test_the_percentage_is_rounded_down_but_one_may_always_go(
    accounts: int, percent: int, may_go: int
) -> None:
    assert removable(accounts, percent) == may_go


@pytest.mark.django_db
@pytest.mark.parametrize(("last", "state"), [(18, State.PLANNED), (17, State.HELD)])
def test_more_than_the_threshold_is_held(last: int, state: State) -> None:
    source = make_source()
    bring(source, numbered(1, 20))
    run = plan(source, numbered(1, last))
    assert (run.state, run.accounts_before, run.removable) == (state, 20, 2)
    assert len(accounts_of(source)) == 20


@pytest.mark.django_db
def test_a_held_import_cannot_be_confirmed(ada: Identity) -> None:
    source = make_source()
    bring(source, numbered(1, 20))
    run = plan(source, numbered(1, 5))
    with pytest.raises(WrongState):
        actions.confirm(by=ada, import_run=run, at=timezone.now())


@pytest.mark.django_db
def test_an_override_needs_a_reason_and_is_for_this_import_only(ada: Identity) -> None:
    source = make_source()
    bring(source, numbered(1, 20))
    run = plan(source, numbered(1, 5))
    with pytest.raises(ReasonMissing):
        actions.override(by=ada, import_run=run, reason="  ", at=timezone.now())
    run = actions.override(
        by=ada, import_run=run, reason="The site in Bern was closed", at=timezone.now()
    )
    assert (run.state, run.decision, run.overridden_by) == ("planned", "overridden", ada.label)
    apply(run, by=ada)
    assert len(accounts_of(source)) == 5
    event = Event.objects.get(action="import.overridden")
    assert (event.reason, event.detail["missing"]) == ("The site in Bern was closed", 15)
    assert plan(source, numbered(1, 1)).state == State.HELD


@pytest.mark.django_db
def test_an_override_does_not_outlive_its_plan(ada: Identity) -> None:
    source = make_source()
    bring(source, numbered(1, 20))
    run = plan(source, numbered(1, 5))
    run = actions.override(by=ada, import_run=run, reason="why", at=timezone.now())
    Source.objects.filter(pk=source.pk).update(generation=99)
    apply(run, by=ada)
    assert (run.state, run.decision, run.override_reason) == (State.HELD, "exceeded", "")
    assert len(accounts_of(source)) == 20


@pytest.mark.django_db
def test_a_held_import_can_go_on_without_removing(ada: Identity) -> None:
    source = make_source()
    bring(source, numbered(1, 20))
    run = plan(source, numbered(18, 21))
    run = actions.keep_missing(by=ada, import_run=run, at=timezone.now())
    apply(run)
    assert (run.new, run.removed, len(accounts_of(source))) == (1, 0, 21)


@pytest.mark.django_db
def test_with_account_deletion_disabled_nothing_is_ever_removed() -> None:
    source = make_source(deletion_disabled=True)
    bring(source, numbered(1, 20))
    run = bring(source, numbered(1, 5))
    assert (run.missing, run.removed, run.decision) == (15, 0, Decision.DISABLED)
    assert len(accounts_of(source)) == 20


@pytest.mark.django_db
def test_a_rule_that_changed_after_the_plan_is_obeyed(ada: Identity) -> None:
    source = make_source(threshold=50)
    bring(source, numbered(1, 20))
    run = plan(source, numbered(1, 15))
    assert (run.state, run.decision) == (State.PLANNED, Decision.REMOVE)
    source.refresh_from_db()
    details = Details(name=source.name, config=source.config, deletion_disabled=True)
    sources.edit(
        by=ada, source=source, details=details, revision=source.revision, at=timezone.now()
    )
    apply(run)
    # nothing is left to confirm
    assert (run.state, run.decision, run.planned_again) == ("applied", "disabled", True)
    assert run.removed == 0
    assert len(accounts_of(source)) == 20


@pytest.mark.django_db
def test_half_of_a_file_removes_nothing_at_all() -> None:
    """RB-28: a hundred, then fifty; also what is new in it waits."""
    source = make_source()
    bring(source, numbered(1, 100))
    run = plan(source, numbered(51, 101))
    assert (run.state, run.missing, run.new) == (State.HELD, 50, 1)
    assert len(accounts_of(source)) == 100
