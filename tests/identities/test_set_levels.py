"""Set User Levels: of one identity, seeing what changes, and of several by a plan."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authorization.levels import (
    ADMIN,
    AUDITOR,
    FORBIDDEN_PAIRS,
    HELPDESK,
    SOURCE_ADMIN,
    SOURCE_SUBADMIN,
)
from accounts.identities import granting
from accounts.identities.granting import ChangedMeanwhile, LevelsTogether, RefusedFor, Way
from accounts.models import Event, Identity, LevelAssignment
from tests.at_once import at_once
from tests.factories import make_account, make_person

ClientOf = Callable[[Identity], Client]
SEVERAL = "/identities/levels/"


def held(identity: Identity) -> set[str]:
    return set(LevelAssignment.objects.filter(identity=identity).values_list("level", flat=True))


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def plan_in(answer: Any) -> str:
    found = re.search(r'name="plan" value="([^"]*)"', answer.content.decode())
    assert found
    return html.unescape(found.group(1))


def test_it_shows_every_level_with_what_it_is_for(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    page = text(client_of(ada).get(f"/identities/{otto.pk}/levels/"))

    assert "Adds sources; manages those that they own" in page
    assert "Not together with Source Admin, Role Admin." in page
    assert "Nothing so far. They hold: User." in page


def test_several_are_given_at_once(client_of: ClientOf, ada: Identity, otto: Identity) -> None:
    answer = client_of(ada).post(
        f"/identities/{otto.pk}/levels/", {"levels": [HELPDESK, SOURCE_ADMIN]}
    )

    assert answer.status_code == 302
    assert held(otto) == {HELPDESK, SOURCE_ADMIN}
    event = Event.objects.filter(action="identity.levels_changed").latest("pk")
    assert event.detail["after"] == {"levels": [HELPDESK, SOURCE_ADMIN]}


def test_what_changes_is_shown_with_every_tick(
    client_of: ClientOf, ada: Identity, vera: Identity
) -> None:
    page = text(client_of(ada).get(f"/identities/{vera.pk}/levels/change/", {"levels": [HELPDESK]}))

    assert "Helpdesk: given" in page
    assert "Auditor: taken away" in page
    assert "Disable and enable identities" in page
    assert "Export the audit log" in page
    assert held(vera) == {AUDITOR}


def test_without_a_script_a_button_shows_it(
    client_of: ClientOf, ada: Identity, vera: Identity
) -> None:
    answer = client_of(ada).post(
        f"/identities/{vera.pk}/levels/", {"levels": [HELPDESK], "preview": "1"}
    )

    assert "Auditor: taken away" in text(answer)
    assert held(vera) == {AUDITOR}


PAIRS = [tuple(sorted(pair.codes)) for pair in FORBIDDEN_PAIRS]


@pytest.mark.parametrize("pair", PAIRS)
def test_a_forbidden_pair_is_refused_with_the_reason(
    client_of: ClientOf, ada: Identity, otto: Identity, pair: tuple[str, str]
) -> None:
    browser = client_of(ada)

    with pytest.raises(LevelsTogether):
        granting.set_levels(by=ada, identity=otto, levels=pair, at=timezone.now())
    for answer in (
        browser.get(f"/identities/{otto.pk}/levels/change/", {"levels": pair}),
        browser.post(f"/identities/{otto.pk}/levels/", {"levels": pair}),
    ):
        assert "do not go together" in text(answer)
    assert held(otto) == set()


def test_a_level_that_does_not_exist_is_said_so(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    answer = client_of(ada).post(f"/identities/{otto.pk}/levels/", {"levels": ["root"]})

    assert "There is no user level “root”" in text(answer)


def test_a_service_account_becomes_an_administrator_only_if_that_is_meant(
    client_of: ClientOf, ada: Identity
) -> None:
    service = make_account("audit01").account.identity
    browser, url = client_of(ada), f"/identities/{service.pk}/levels/"

    answer = browser.post(url, {"levels": [ADMIN]})
    assert "would be over-privileged" in text(answer)
    assert held(service) == set()

    browser.post(url, {"levels": [ADMIN], "over_privileged": "on"})
    assert held(service) == {ADMIN}
    page = text(browser.get(f"/service-accounts/{service.pk}/"))
    assert "It is over-privileged" in page
    assert url in page


def test_lesser_levels_of_a_service_account_need_no_such_tick(
    client_of: ClientOf, ada: Identity
) -> None:
    service = make_account("audit01").account.identity

    client_of(ada).post(f"/identities/{service.pk}/levels/", {"levels": [HELPDESK]})

    assert held(service) == {HELPDESK}
    page = text(client_of(ada).get(f"/service-accounts/{service.pk}/"))
    assert "Helpdesk" in page
    assert "over-privileged" not in page


def test_several_identities_see_a_plan_first(
    client_of: ClientOf, ada: Identity, otto: Identity, vera: Identity
) -> None:
    browser = client_of(ada)
    asked = {"selected": [str(p.pk) for p in (ada, otto, vera)]}
    assert "3 identities" in text(browser.post(SEVERAL, asked))

    wanted = asked | {"way": "add", "levels": [HELPDESK]}
    plan = browser.post(SEVERAL, wanted)
    assert "Change the levels of 2 identities" in text(plan)
    assert "You cannot do this to your own account" in text(plan)
    assert held(otto) == set()

    answer = browser.post(SEVERAL, wanted | {"plan": plan_in(plan)}, follow=True)
    assert "The user levels of 2 identities are set." in text(answer)
    assert (held(ada), held(otto), held(vera)) == ({ADMIN}, {HELPDESK}, {AUDITOR, HELPDESK})


@pytest.mark.parametrize(
    ("way", "expected"),
    [("add", {AUDITOR, HELPDESK}), ("take", {AUDITOR}), ("exactly", {HELPDESK})],
)
def test_the_three_ways(
    client_of: ClientOf, ada: Identity, vera: Identity, way: str, expected: set[str]
) -> None:
    browser = client_of(ada)
    wanted = {"selected": [str(vera.pk)], "way": way, "levels": [HELPDESK]}

    plan = browser.post(SEVERAL, wanted)
    browser.post(SEVERAL, wanted | {"plan": plan_in(plan)})

    assert held(vera) == expected


def test_a_plan_that_is_old_is_shown_anew(
    client_of: ClientOf, ada: Identity, otto: Identity, vera: Identity
) -> None:
    browser = client_of(ada)
    wanted = {
        "selected": [str(otto.pk), str(vera.pk)],
        "way": "exactly",
        "levels": [HELPDESK],
    }
    plan = plan_in(browser.post(SEVERAL, wanted))
    granting.set_levels(by=ada, identity=otto, levels=[AUDITOR], at=timezone.now())

    answer = browser.post(SEVERAL, wanted | {"plan": plan})

    assert "changed meanwhile" in text(answer)
    assert (held(otto), held(vera)) == ({AUDITOR}, {AUDITOR})


def test_all_of_a_plan_is_done_or_nothing(ada: Identity, otto: Identity, vera: Identity) -> None:
    ordered = sorted([otto, vera], key=lambda each: each.pk)
    bad = frozenset({SOURCE_ADMIN, SOURCE_SUBADMIN})
    planned = {
        ordered[0].pk: (frozenset(ordered[0].levels), frozenset({HELPDESK})),
        ordered[1].pk: (frozenset(ordered[1].levels), bad),
    }

    with pytest.raises(RefusedFor) as refused:
        granting.set_levels_of_all(
            by=ada, identities=[otto, vera], planned=planned, at=timezone.now()
        )
    assert ordered[1].display_name in refused.value.message
    assert (held(otto), held(vera)) == (set(), {AUDITOR})


def test_the_last_administrators_are_not_taken_together(ada: Identity) -> None:
    bert, carl = (make_person(name, levels=[ADMIN]) for name in ("bert", "carl"))
    changes = granting.preview_all(
        by=bert, identities=[ada, bert, carl], levels=[ADMIN], way=Way.TAKE
    )

    assert [bool(each.problem) for each in changes] == [False, True, False]


@pytest.mark.parametrize("selected", [[], ["nonsense"], ["6f7ab0b7-37ff-4f9c-9d0c-0e2bb8f2b8a0"]])
def test_nobody_ticked_leads_back(client_of: ClientOf, ada: Identity, selected: list[str]) -> None:
    answer = client_of(ada).post(SEVERAL, {"selected": selected}, follow=True)

    assert answer.redirect_chain == [("/identities/", 302)]
    assert "Tick the identities" in text(answer)


def test_no_level_chosen_is_asked_for(client_of: ClientOf, ada: Identity, otto: Identity) -> None:
    answer = client_of(ada).post(SEVERAL, {"selected": [str(otto.pk)], "way": "add"})

    assert "Choose at least one level." in text(answer)


@pytest.mark.django_db(transaction=True)
def test_two_plans_at_once_do_not_wait_in_a_ring() -> None:
    ada, bert = (make_person(name, levels=[ADMIN]) for name in ("ada", "bert"))
    people = [make_person(f"p{n}") for n in range(6)]

    def by(who: Identity, level: str, order: int) -> Callable[[], int]:
        planned = {p.pk: (frozenset[str](), frozenset({level})) for p in people}
        return lambda: granting.set_levels_of_all(
            by=who, identities=people[::order], planned=planned, at=timezone.now()
        )

    found = at_once([by(ada, HELPDESK, 1), by(bert, AUDITOR, -1)])

    assert sorted(isinstance(each, ChangedMeanwhile) for each in found) == [False, True]
    assert len({frozenset(held(person)) for person in people}) == 1
