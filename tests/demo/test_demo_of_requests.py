"""The demo has groups, roles, an API of its own, and requests in every state that people leave."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import (
    AccessRequest,
    Event,
    Group,
    Identity,
    Membership,
    RequestLetter,
    ServiceAccount,
)
from console.management.demo.cast import PASSWORD
from console.management.demo.wishes import MANAGERS, REQUESTS, TEAMS
from console.ui.waiting import answers_wanted
from tokens.models import Api
from tokens.scopes.effective import effective, of_identity

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def seeded() -> None:
    call_command("seed_demo", stdout=io.StringIO())


def person(name: str) -> Identity:
    return Identity.objects.people().get(user_name=name)


def account(name: str) -> Any:
    return ServiceAccount.objects.existing().get(name=name)


def test_requests_wait_were_carried_out_rejected_and_withdrawn() -> None:
    states = Counter(AccessRequest.objects.values_list("state", flat=True))
    assert states == {"waiting": 3, "done": 2, "rejected": 1, "withdrawn": 1}
    assert sum(states.values()) == len(REQUESTS)
    assert (answers_wanted(person("mira")), answers_wanted(person("ada"))) == (2, 1)
    assert not Event.objects.filter(action="request.failed").exists()
    assert "fr:idc:certificate:read" in account("proxy-connect-check").scopes


def test_those_who_decide_are_the_managers_and_nobody_else_is_written_to() -> None:
    for name, manager in MANAGERS.items():
        assert person(name).manager == person(manager)
    unsent = RequestLetter.objects.filter(sent_at=None)
    assert {letter.recipient.user_name for letter in unsent} == {"mira", "ada", "ingrid"}


def test_groups_give_their_members_what_their_roles_carry() -> None:
    assert set(Group.objects.values_list("name", flat=True)) > {team.draft.name for team in TEAMS}
    named = Membership.objects.get(group__name="ServiceNow Service Accounts").identity
    assert named.user_name == "nightly-user-report"
    assert "payroll:payslips:read" in effective(of_identity(account("payroll-sync").identity)).reach
    review = Membership.objects.get(group__name="Security review")
    assert review.until is not None
    assert review.until > timezone.now()


def test_the_api_of_its_own_has_scopes_below_one() -> None:
    api = Api.objects.get()
    names = set(api.scopes.values_list("name", flat=True))
    assert names == {"payroll:*", "payroll:payslips:read", "payroll:accounts"}
    assert api.scopes.exclude(parent=None).count() == 2


@pytest.mark.parametrize("name", ["ada", "mira", "otto", "mallory"])
def test_pages_of_them_open(name: str) -> None:
    client = Client()
    client.post("/sign-in/", {"login": name, "password": PASSWORD})
    for path in ("/requests/", "/requests/to-approve/", "/groups/", "/"):
        assert client.get(path).status_code == 200, path
    for request in AccessRequest.objects.visible_to(person(name), timezone.now()):
        assert client.get(f"/requests/{request.pk}/").status_code == 200
