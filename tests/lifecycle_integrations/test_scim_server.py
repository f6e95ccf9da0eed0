"""The accounts of a SCIM server that is not ours follow the members of a group."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.groups import memberships
from accounts.identities import actions as identities
from accounts.lifecycle_integrations import runs, syncing
from accounts.lifecycle_integrations.states import Leavers
from accounts.models import Event, Group, Identity, LifecycleLink, LifecycleStep
from tests.factories import make_person
from tests.factories.groups import join
from tests.factories.lifecycle import Application, connected, synchronize, work

pytestmark = pytest.mark.django_db


def leave(group: Group, person: Identity) -> None:
    memberships.remove(by=SYSTEM, group=group, identity=person, at=timezone.now())


def test_members_are_invited_updated_and_deactivated(
    acme: Application, team: Group, people: list[Identity]
) -> None:
    lifecycle = connected(acme.url, [team])
    run = synchronize(lifecycle)
    assert (run.state, run.integration.status) == ("done", "up_to_date")
    assert run.numbers["invite"] == 6
    there = acme.users()
    assert set(there) == {"anna", "bert", "carl", "dora", "emil", "fred"}
    assert there["anna"]["externalId"] == str(people[0].pk)
    assert there["anna"]["emails"][0]["value"] == "anna@example.com"
    assert there["anna"]["active"] is True

    identities.edit_person(
        by=SYSTEM,
        identity=people[0],
        first_name="Hanna",
        last_name="",
        email="hanna@example.com",
        at=timezone.now(),
    )
    leave(team, people[5])
    run = synchronize(lifecycle)
    assert run.state == "done"
    assert (run.numbers["update"], run.numbers["deactivate"]) == (1, 1)
    there = acme.users()
    assert there["anna"]["name"]["givenName"] == "Hanna"
    assert there["anna"]["emails"][0]["value"] == "hanna@example.com"
    assert there["fred"]["active"] is False
    assert there["bert"]["active"] is True
    events = Event.objects.filter(action__startswith="lifecycle_integration.")
    assert events.filter(action="lifecycle_integration.invited").count() == 6
    assert events.get(action="lifecycle_integration.deactivated").detail["name"] == "fred"


def test_nothing_is_done_twice(acme: Application, team: Group) -> None:
    lifecycle = connected(acme.url, [team])
    synchronize(lifecycle)
    run = synchronize(lifecycle)
    assert run.numbers["unchanged"] == 6
    assert not run.steps.exists()
    assert len(acme.users()) == 6


def test_whoever_comes_back_is_active_again(
    acme: Application, team: Group, people: list[Identity]
) -> None:
    lifecycle = connected(acme.url, [team])
    synchronize(lifecycle)
    leave(team, people[0])
    synchronize(lifecycle)
    assert acme.users()["anna"]["active"] is False
    assert synchronize(lifecycle).numbers["unchanged"] == 5
    join(team, people[0])
    run = synchronize(lifecycle)
    assert run.numbers["update"] == 1
    assert acme.users()["anna"]["active"] is True


def test_who_is_disabled_loses_the_account_too(
    acme: Application, team: Group, people: list[Identity]
) -> None:
    lifecycle = connected(acme.url, [team], leavers=Leavers.REMOVE)
    synchronize(lifecycle)
    identities.disable(by=SYSTEM, identity=people[1], at=timezone.now())
    run = synchronize(lifecycle)
    assert run.numbers["remove"] == 1
    assert "bert" not in acme.users()
    assert not LifecycleLink.objects.filter(identity=people[1]).exists()


def test_accounts_of_others_are_left_alone(acme: Application, team: Group) -> None:
    acme.add("their-admin")
    lifecycle = connected(acme.url, [team])
    run = synchronize(lifecycle)
    assert run.numbers["unmanaged"] == 1
    assert acme.users()["their-admin"]["active"] is True


def test_a_namesake_is_not_taken_over_unless_that_is_wanted(acme: Application, team: Group) -> None:
    outside_id = acme.add("anna")
    lifecycle = connected(acme.url, [team])
    run = synchronize(lifecycle)
    assert (run.state, run.integration.status) == ("failed", "failed")
    step = run.steps.get(label="anna")
    assert (step.act, step.state) == ("refuse", "failed")
    assert run.numbers["invite"] == 5
    lifecycle.refresh_from_db()
    lifecycle.adopt = True
    lifecycle.save(update_fields=["adopt"])
    run = synchronize(lifecycle)
    assert run.state == "done"
    assert LifecycleLink.objects.get(identity__user_name="anna").outside_id == outside_id
    assert len(acme.users()) == 6


def test_a_plan_changes_nothing_before_somebody_applies_it(acme: Application, team: Group) -> None:
    lifecycle = connected(acme.url, [team])
    run = synchronize(lifecycle, plan_only=True)
    assert (run.state, run.integration.status) == ("planned", "waits")
    assert run.steps.count() == 6
    assert acme.users() == {}
    runs.confirm(by=SYSTEM, lifecycle_run=run, at=timezone.now())
    assert work(run).state == "done"
    assert len(acme.users()) == 6
    assert set(run.steps.values_list("state", flat=True)) == {"done"}


def test_more_leavers_than_the_safeguard_allows_are_held(
    acme: Application, team: Group, people: list[Identity]
) -> None:
    lifecycle = connected(acme.url, [team])
    synchronize(lifecycle)
    for person in people[:2]:
        leave(team, person)
    run = synchronize(lifecycle)
    assert (run.state, run.integration.status) == ("held", "held")
    assert "2 of 6 accounts" in run.reason
    assert all(user["active"] for user in acme.users().values())
    # one more leaves before it is confirmed, whom nobody has seen in the plan
    leave(team, people[2])
    runs.confirm(by=SYSTEM, lifecycle_run=run, at=timezone.now())
    assert work(run).state == "held"
    assert all(user["active"] for user in acme.users().values())
    runs.confirm(by=SYSTEM, lifecycle_run=run, at=timezone.now())
    assert work(run).state == "done"
    gone = {name for name, user in acme.users().items() if not user["active"]}
    assert gone == {"anna", "bert", "carl"}


def test_accounts_that_are_not_listed_any_more_are_held_too(acme: Application, team: Group) -> None:
    lifecycle = connected(acme.url, [team])
    synchronize(lifecycle)
    for user in list(acme.users().values())[:2]:
        acme.call("DELETE", f"/Users/{user['id']}")
    run = synchronize(lifecycle)
    assert run.state == "held"
    assert "invited again" in run.reason
    runs.confirm(by=SYSTEM, lifecycle_run=run, at=timezone.now())
    assert work(run).state == "done"
    assert len(acme.users()) == 6


def test_many_pages_are_read(acme: Application, team: Group) -> None:
    for number in range(230):
        acme.add(f"other{number}")
    lifecycle = connected(acme.url, [team])
    assert synchronize(lifecycle).numbers["unmanaged"] == 230
    assert synchronize(lifecycle).numbers["unchanged"] == 6


def test_whoever_left_after_the_plan_is_not_invited(
    acme: Application, team: Group, people: list[Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycle = connected(acme.url, [team])
    before = syncing._done

    def late(*arguments: object) -> object:
        leave(team, people[3])
        return before(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(syncing, "_done", late)
    run = synchronize(lifecycle)
    assert run.state == "done"
    assert LifecycleStep.objects.get(run=run, label="dora").state == "skipped"
    assert "dora" not in acme.users()


def test_newcomers_are_invited(acme: Application, team: Group) -> None:
    lifecycle = connected(acme.url, [team])
    synchronize(lifecycle)
    join(team, make_person("gina"))
    assert synchronize(lifecycle).numbers["invite"] == 1
    assert "gina" in acme.users()
