"""A mapped manager is the manager: found once all are there, and never an error that stops."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.identities import actions, managing
from accounts.identities.policies import OwnedElsewhere
from accounts.models import Event, Identity, IdentityProfile, Source
from accounts.profiles import exceptions
from accounts.profiles.mappings import MappingDraft
from accounts.profiles.models import ProfileKind
from accounts.profiles.processing import managing as step
from accounts.profiles.processing.states import Effect, Problem, State
from tests.factories import make_person
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import (
    FOUR,
    apply,
    identity,
    make_profile,
    map_all,
    plan,
    process,
)

ClientOf = Callable[[Identity], Client]
MAPPED = FOUR | {"manager": "purpose"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Source:
    return make_source("Staff")


def people(source: Source) -> IdentityProfile:
    return make_profile(source, kind=ProfileKind.PERSON, mapped=MAPPED)


def managers(*names: str) -> list[str | None]:
    found = [identity(name).manager for name in names]
    return [each.user_name if each else None for each in found]


def problems(profile: IdentityProfile) -> list[tuple[str, str, str]]:
    profile.refresh_from_db()
    found, _more = exceptions.errors(profile, at=timezone.now())
    return [(Problem(e.kind).name, e.account_name, e.causes[0]) for e in found]


def test_by_user_name_account_id_and_address_also_who_came_later_in_the_same_run(
    staff: Source, otto: Identity
) -> None:
    bring(
        staff,
        rows(
            "1,ann,ann@x.example,zoe",
            "2,bob,bob@x.example,9",
            "3,cid,cid@x.example,ZOE@x.example",
            "4,dan,dan@x.example,OTTO",
            "5,eve,eve@x.example,",
            "9,zoe,zoe@x.example,",
        ),
    )
    profile = people(staff)
    process(profile)
    assert managers("ann", "bob", "cid", "dan", "eve", "zoe") == [
        *("zoe", "zoe", "zoe", "otto", None, None)
    ]
    assert problems(profile) == []
    events = Event.objects.filter(action="identity.manager_set")
    assert events.count() == 4
    event = events.get(subject_id=str(identity("ann").pk))
    assert (event.subject_label, event.detail["before"], event.detail["after"]) == (
        *("ann", {"manager": None}, {"manager": "zoe"}),
    )


def test_a_change_of_the_source_changes_the_manager_and_no_value_takes_it_away(
    staff: Source,
) -> None:
    bring(staff, rows("1,ann,a@x.example,zoe", "2,bob,b@x.example,zoe", "9,zoe,z@x.example,"))
    profile = people(staff)
    process(profile)
    bring(staff, rows("1,ann,a@x.example,bob", "2,bob,b@x.example,", "9,zoe,z@x.example,"))
    process(profile)
    assert managers("ann", "bob") == ["bob", None]
    count = Event.objects.filter(action="identity.manager_set").count()
    process(profile)
    assert Event.objects.filter(action="identity.manager_set").count() == count


def test_who_is_not_found_is_an_exception_and_the_rest_goes_on(
    staff: Source, client_of: ClientOf, ada: Identity
) -> None:
    bring(staff, rows("1,ann,a@x.example,nobody", "2,bob,b@x.example,ann"))
    profile = people(staff)
    assert process(profile).state == State.APPLIED
    assert managers("ann", "bob") == [None, "ann"]
    said = "“nobody” is the Account ID, user name or e-mail address of no one person."
    assert problems(profile) == [("MANAGER", "ann", said)]
    assert exceptions.counts(profile).errors == 1
    page = client_of(ada).get(f"/identity-profiles/{profile.pk}/exceptions/").content.decode()
    assert "The manager is not found" in page
    assert "“nobody”" in page

    make_person("nobody")
    assert problems(profile) == [], "mended, although nothing was applied yet"
    process(profile)
    assert managers("ann") == ["nobody"]
    profile.refresh_from_db()
    assert exceptions.counts(profile).errors == 0


def test_one_who_is_not_found_leaves_the_manager_as_it_was(staff: Source) -> None:
    bring(staff, rows("1,ann,a@x.example,zoe", "9,zoe,z@x.example,"))
    profile = people(staff)
    process(profile)
    bring(staff, rows("1,ann,a@x.example,gone", "9,zoe,z@x.example,"))
    process(profile)
    assert managers("ann") == ["zoe"]
    assert [kind for kind, *_rest in problems(profile)] == ["MANAGER"]


def test_several_with_one_address_and_accounts_of_programs_are_nobody(
    staff: Source, otto: Identity
) -> None:
    make_person("twin")
    Identity.objects.people().filter(user_name="twin").update(email="otto@example.com")
    robots = make_source("Robots")
    bring(robots, rows("r,robot,r@x.example,"))
    process(make_profile(robots))
    bring(staff, rows("1,ann,a@x.example,otto@example.com", "2,bob,b@x.example,robot"))
    profile = people(staff)
    process(profile)
    assert managers("ann", "bob") == [None, None]
    assert len(problems(profile)) == 2


def test_nobody_manages_themselves_not_even_over_others(staff: Source) -> None:
    bring(
        staff,
        rows(
            "1,ann,a@x.example,bob",
            "2,bob,b@x.example,cid",
            "3,cid,c@x.example,ann",
            "4,dan,d@x.example,dan",
            "5,eve,e@x.example,ann",
        ),
    )
    profile = people(staff)
    process(profile)
    assert managers("ann", "bob", "cid", "dan", "eve") == [None, None, None, None, "ann"]
    found = problems(profile)
    assert [(kind, name) for kind, name, _cause in found] == [
        ("OWN_MANAGER", name) for name in ("ann", "bob", "cid", "dan")
    ]
    assert found[0][2] == "“bob” is managed by them already, or is they themselves."


def test_only_what_would_close_a_circle_stays_as_it_is(staff: Source) -> None:
    bring(staff, rows("1,ann,a@x.example,bob", "2,bob,b@x.example,"))
    profile = people(staff)
    process(profile)
    for _time in range(2):
        bring(staff, rows("1,ann,a@x.example,bob", "2,bob,b@x.example,ann"))
        process(profile)
        assert managers("ann", "bob") == ["bob", None]
        assert [name for _kind, name, _cause in problems(profile)] == ["bob"]
    bring(staff, rows("1,ann,a@x.example,", "2,bob,b@x.example,ann"))
    process(profile)
    assert managers("ann", "bob") == [None, "ann"]
    assert problems(profile) == []


def test_a_circle_over_people_made_by_hand_is_one(staff: Source, otto: Identity) -> None:
    bring(staff, rows("1,ann,a@x.example,otto"))
    profile = people(staff)
    process(profile)
    ann = identity("ann")
    assert ann.manager == otto
    Identity.objects.get_queryset().filter(pk=ann.pk).update(manager=None)
    Identity.objects.get_queryset().filter(pk=otto.pk).update(manager=ann)
    process(profile)
    assert managers("ann") == [None]
    assert [kind for kind, *_rest in problems(profile)] == ["OWN_MANAGER"]


def test_a_mapped_manager_is_not_chosen_by_hand_and_says_where_it_comes_from(
    staff: Source, client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    bring(staff, rows("1,ann,a@x.example,zoe", "9,zoe,z@x.example,"))
    profile = people(staff)
    process(profile)
    ann = identity("ann")
    with pytest.raises(OwnedElsewhere, match="Staff"):
        managing.set_manager(by=ada, identity=ann, manager=otto, at=timezone.now())
    browser, path = client_of(ada), f"/identities/{ann.pk}/manager/"
    page = browser.post(path, {"manager": "otto"}).content.decode()
    assert "It comes from the source “Staff”" in page
    assert managers("ann") == ["zoe"]
    shown = browser.get(f"/identities/{ann.pk}/").content.decode()
    assert "from the source “Staff”, by the identity profile “Staff”" in shown

    map_all(profile, [MappingDraft(n, source_attribute=a) for n, a in FOUR.items()])
    process(profile)
    assert managers("ann") == ["zoe"], "nobody says otherwise any more"
    managing.set_manager(by=ada, identity=identity("ann"), manager=otto, at=timezone.now())
    assert managers("ann") == ["otto"]


def test_who_is_deleted_manages_nobody(staff: Source, ada: Identity) -> None:
    make_person("zoe")
    bring(staff, rows("1,ann,a@x.example,zoe"))
    profile = people(staff)
    process(profile)
    actions.delete(by=ada, identity=identity("zoe"), at=timezone.now())
    process(profile)
    assert [kind for kind, *_rest in problems(profile)] == ["MANAGER"]


def test_an_account_in_error_is_told_once(staff: Source) -> None:
    bring(staff, rows("1,ann,a@x.example,nobody"))
    profile = people(staff)
    process(profile)
    bring(staff, rows("1,ann,no-address,nobody"))
    process(profile)
    assert [kind for kind, *_rest in problems(profile)] == ["VALUE"]


def test_a_new_plan_keeps_what_is_known_of_managers_until_it_is_applied(staff: Source) -> None:
    bring(staff, rows("1,ann,a@x.example,nobody"))
    profile = people(staff)
    process(profile)
    bring(staff, rows("1,ann,new@x.example,nobody"))
    waiting = plan(profile)
    assert waiting.state == State.PLANNED
    assert [kind for kind, *_rest in problems(profile)] == ["MANAGER"]
    apply(waiting)
    assert [kind for kind, *_rest in problems(profile)] == ["MANAGER"]
    again = plan(profile)
    assert again.count(Effect.SEEN) == 0, "such accounts are not evaluated anew for that"


def test_a_profile_that_maps_no_manager_leaves_those_set_by_hand(
    staff: Source, ada: Identity, otto: Identity
) -> None:
    bring(staff, rows("1,ann,a@x.example,otto"))
    profile = make_profile(staff, kind=ProfileKind.PERSON)
    process(profile)
    managing.set_manager(by=ada, identity=identity("ann"), manager=otto, at=timezone.now())
    bring(staff, rows("1,ann,b@x.example,otto"))
    process(profile)
    assert managers("ann") == ["otto"]


def test_twenty_cost_as_many_statements_as_three(staff: Source) -> None:
    def cost(first: int, last: int) -> int:
        lines = [f"{n},p{n},p{n}@x.example,{n - 1}" for n in range(first, last)]
        source = make_source(f"Staff {first}")
        bring(source, rows(*lines))
        profile = people(source)
        waiting = plan(profile)
        with CaptureQueriesContext(connection) as counted:
            apply(waiting)
        assert identity(f"p{last - 1}").manager == identity(f"p{last - 2}")
        return len(counted)

    cost(300, 302)  # from here on there is another profile to look in
    assert cost(100, 103) == cost(200, 220)


def test_pages_of_identities_are_gone_through_to_the_end(
    staff: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "PAGE", 2)
    bring(staff, rows(*[f"{n},p{n},p{n}@x.example,p1" for n in range(1, 8)]))
    profile = people(staff)
    process(profile)
    assert managers(*[f"p{n}" for n in range(1, 8)]) == [None, *["p1"] * 6]
    assert [name for _kind, name, _cause in problems(profile)] == ["p1"]
