from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AccessRequest, Delegation, Group, Identity, Membership, ServiceAccount
from accounts.requests.states import State, Verdict
from accounts.service_accounts import obligatory
from accounts.tenant import actions as tenant
from console.requests.forms import request_forms
from tests.factories import make_account, make_person
from tests.factories.groups import make_group
from tests.factories.people import PASSWORD
from tests.factories.requests import ask, ask_for_group, carry_out, decide

ClientOf = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


def digest_on(page: Any) -> str:
    return str(page.context["digest"])


def test_the_whole_way_from_asking_to_being_a_member(
    client_of: ClientOf, requester: Identity, boss: Identity, account: ServiceAccount, group: Group
) -> None:
    asking, deciding = client_of(requester), client_of(boss)
    opened = asking.get("/requests/new/group_membership/").content.decode()
    assert "Boss, your manager, decides" in opened
    form = {"group": group.pk, "account": account.pk, "reason": "Nightly export"}
    answer = asking.post("/requests/new/group_membership/", form)
    request = AccessRequest.objects.get()
    assert answer["Location"] == f"/requests/{request.pk}/"

    assert ">1<" in deciding.get("/requests/to-approve/").content.decode()
    page = deciding.get(f"/requests/{request.pk}/")
    seen = page.content.decode()
    for said in ("audit01", group.name, "fr:am:*", "Nightly export", "Otto"):
        assert said in seen
    sent = {"verdict": "approve", "comment": "", "digest": digest_on(page)}
    deciding.post(f"/requests/{request.pk}/decide/", sent)
    assert carry_out(request).state == State.DONE
    assert Membership.objects.get().identity_id == account.pk
    assert "Carried out" in asking.get("/requests/").content.decode()


def test_who_decides_is_said_for_what_is_asked(
    client_of: ClientOf, requester: Identity, mallory: Identity, ada: Identity, group: Group
) -> None:
    for person in (requester, mallory, ada):
        account = make_account(f"of-{person.user_name}", owner=person, scopes=["fr:idm:*"]).account
        ServiceAccount.objects.filter(pk=account.pk).update(
            ends_at=timezone.now() + timedelta(days=9)
        )
    for kind in request_forms.keys():  # noqa: SIM118  a registry
        of_group = kind == "group_membership"
        for person in (requester, mallory):
            form = client_of(person).get(f"/requests/new/{kind}/").content.decode()
            assert ("manager of the group" in form) is of_group, kind
        assert "an administrator" in form
        alone = client_of(ada).get(f"/requests/new/{kind}/").content.decode()
        assert "there is none but you" in alone


@pytest.mark.parametrize("kind", request_forms.keys())
def test_an_empty_form_says_what_is_missing(
    client_of: ClientOf, requester: Identity, account: ServiceAccount, group: Group, kind: str
) -> None:
    ServiceAccount.objects.filter(pk=account.pk).update(ends_at=timezone.now() + timedelta(days=9))
    browser = client_of(requester)
    assert browser.get(f"/requests/new/{kind}/").status_code == 200
    page = browser.post(f"/requests/new/{kind}/", {"reason": ""})
    assert page.status_code == 200
    assert "Say what it is for." in page.content.decode()
    assert not AccessRequest.objects.exists()


@pytest.mark.parametrize(
    ("kind", "owns", "said", "next_"),
    [
        ("more_scopes", False, "You own no service account", "Ask for a service account"),
        ("new_credential", False, "You own no service account", "Ask for a service account"),
        ("longer_life", False, "You own no service account", "Ask for a service account"),
        ("longer_life", True, "None of your service accounts has an end", "Ask for something else"),
        ("group_membership", True, "No group can be asked for", "Ask for something else"),
    ],
)
def test_where_there_is_nothing_to_choose_the_page_says_so(
    client_of: ClientOf, requester: Identity, kind: str, owns: bool, said: str, next_: str
) -> None:
    Group.objects.update(may_be_requested=False)
    if owns:
        make_account("audit01", owner=requester)
    browser = client_of(requester)
    for page in (
        browser.get(f"/requests/new/{kind}/"),
        browser.post(f"/requests/new/{kind}/", {"reason": "x"}),
    ):
        shown = page.content.decode()
        assert said in shown
        assert next_ in shown
        assert "Send Request" not in shown


def test_what_the_domain_refuses_stands_at_its_field(
    client_of: ClientOf, requester: Identity, account: ServiceAccount
) -> None:
    form = {"account": account.pk, "scopes": ["fr:idm:*"], "reason": "x"}
    page = client_of(requester).post("/requests/new/more_scopes/", form)
    assert "Choose a scope that the account does not have." in page.content.decode()


def test_a_new_account_is_asked_for(client_of: ClientOf, requester: Identity) -> None:
    form = {
        "name": "nightly",
        "purpose": "Exports",
        "scopes": ["fr:idm:*"],
        "ends_at": "2030-01-31",
        "reason": "Nightly export",
    }
    client_of(requester).post("/requests/new/new_service_account/", form)
    assert AccessRequest.objects.get().details == {
        "name": "nightly",
        "purpose": "Exports",
        "scopes": ["fr:idm:*"],
        "ends_at": "2030-01-31T23:59:59+00:00",
        "successor": "",
    }


def test_the_form_of_a_new_account_takes_a_successor_and_lists_nobody(
    client_of: ClientOf, requester: Identity, boss: Identity, ada: Identity
) -> None:
    states = {obligatory.SUCCESSOR.name: True}
    tenant.set_switches(by=ada, states=states, at=timezone.now())
    browser, url = client_of(requester), "/requests/new/new_service_account/"
    opened = browser.get(url).content.decode()
    assert "This tenant wants a successor for every service account." in opened
    assert "boss" not in opened.replace("Boss, your manager", "")
    form = {"name": "nightly", "purpose": "Exports", "reason": "x"}
    for nobody in ("", "nobody-here", requester.user_name):
        page = browser.post(url, form | {"successor": nobody}).content.decode()
        assert "this tenant wants one" in page or "Type the user name of another" in page
    browser.post(url, form | {"successor": "BOSS@example.com"})
    assert AccessRequest.objects.get().details["successor"] == str(boss.pk)


def test_others_accounts_are_not_offered(
    client_of: ClientOf, requester: Identity, mallory: Identity, group: Group
) -> None:
    theirs = make_account("theirs", owner=mallory).account
    browser = client_of(requester)
    assert "theirs" not in browser.get("/requests/new/more_scopes/").content.decode()
    form = {"group": group.pk, "account": theirs.pk, "reason": "x"}
    page = browser.post("/requests/new/group_membership/", form)
    assert "Choose an account that you own." in page.content.decode()


def test_a_rejection_without_a_reason_is_asked_for_one(
    client_of: ClientOf, requester: Identity, boss: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    browser = client_of(boss)
    digest = digest_on(browser.get(f"/requests/{request.pk}/"))
    url = f"/requests/{request.pk}/decide/"
    page = browser.post(url, {"verdict": "reject", "comment": "", "digest": digest})
    assert "Say why." in page.content.decode()
    browser.post(url, {"verdict": "reject", "comment": "Not needed.", "digest": digest})
    request.refresh_from_db()
    assert request.state == State.REJECTED
    assert "Not needed." in client_of(requester).get(f"/requests/{request.pk}/").content.decode()


def test_what_changed_meanwhile_is_shown_again_and_can_then_be_approved(
    client_of: ClientOf, requester: Identity, boss: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    browser, url = client_of(boss), f"/requests/{request.pk}/decide/"
    digest = digest_on(browser.get(f"/requests/{request.pk}/"))
    Group.objects.update(name="Another name")
    page = browser.post(url, {"verdict": "approve", "digest": digest})
    assert "has changed since you opened it" in page.content.decode()
    assert digest_on(page) != digest
    browser.post(url, {"verdict": "approve", "digest": digest_on(page)})
    request.refresh_from_db()
    assert request.state == State.APPROVED


def test_what_is_gone_can_only_be_rejected(
    client_of: ClientOf, requester: Identity, boss: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    Group.objects.update(may_be_requested=False)
    browser, url = client_of(boss), f"/requests/{request.pk}/decide/"
    page = browser.get(f"/requests/{request.pk}/").content.decode()
    assert 'value="reject"' in page
    assert 'value="approve"' not in page
    browser.post(url, {"verdict": "approve", "digest": "x"})
    request.refresh_from_db()
    assert request.state == State.WAITING
    browser.post(url, {"verdict": "reject", "comment": "Gone.", "digest": "x"})
    request.refresh_from_db()
    assert request.state == State.REJECTED


def test_nobody_decides_by_a_link(
    client_of: ClientOf, requester: Identity, boss: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    browser = client_of(boss)
    for act in ("withdraw", "try-again"):
        assert browser.get(f"/requests/{request.pk}/{act}/?verdict=approve").status_code == 405
    # where a decision was refused the address stays, and is opened again
    back = browser.get(f"/requests/{request.pk}/decide/?verdict=approve")
    assert (back.status_code, back["Location"]) == (302, f"/requests/{request.pk}/")
    browser.get(f"/requests/{request.pk}/?verdict=approve")
    request.refresh_from_db()
    assert request.state == State.WAITING


def test_who_has_nothing_to_do_with_it_does_not_see_it(
    client_of: ClientOf, requester: Identity, mallory: Identity, vera: Identity, group: Group
) -> None:
    request = ask_for_group(requester, group)
    for path in (f"/requests/{request.pk}/", f"/requests/{uuid.uuid4()}/"):
        assert client_of(mallory).get(path).status_code == 404
    assert client_of(mallory).post(f"/requests/{request.pk}/withdraw/").status_code == 404
    assert client_of(mallory).get("/requests/all/").status_code == 403
    assert client_of(mallory).get("/requests/new/nothing/").status_code == 404
    auditor = client_of(vera)
    assert request.number in auditor.get("/requests/all/?state=waiting").content.decode()
    assert "Your decision" not in auditor.get(f"/requests/{request.pk}/").content.decode()
    sent = {"verdict": "approve", "digest": "x"}
    assert auditor.post(f"/requests/{request.pk}/decide/", sent).status_code == 403
    assert auditor.post(f"/requests/{request.pk}/withdraw/").status_code == 403


def test_without_a_manager_an_administrator_finds_it(
    client_of: ClientOf, otto: Identity, ada: Identity, group: Group
) -> None:
    request = ask_for_group(otto, group)
    browser = client_of(ada)
    assert request.number in browser.get("/requests/to-approve/").content.decode()
    digest = digest_on(browser.get(f"/requests/{request.pk}/"))
    browser.post(f"/requests/{request.pk}/decide/", {"verdict": "approve", "digest": digest})
    request.refresh_from_db()
    assert request.state == State.APPROVED


def test_it_is_withdrawn_and_tried_again_by_buttons(
    client_of: ClientOf, requester: Identity, boss: Identity, group: Group
) -> None:
    browser = client_of(requester)
    first = ask_for_group(requester, group)
    browser.post(f"/requests/{first.pk}/withdraw/")
    first.refresh_from_db()
    assert first.state == State.WITHDRAWN
    assert (
        "not waiting any more"
        in browser.post(f"/requests/{first.pk}/withdraw/", follow=True).content.decode()
    )

    second = ask_for_group(requester, group)
    decide(boss, second)
    Group.objects.update(may_be_requested=False)
    assert carry_out(second).state == State.FAILED
    assert "It could not be carried out" in browser.get(f"/requests/{second.pk}/").content.decode()
    Group.objects.update(may_be_requested=True)
    browser.post(f"/requests/{second.pk}/try-again/")
    assert carry_out(second).state == State.DONE


def test_a_delegate_is_chosen_and_sees_what_waits(
    client_of: ClientOf, requester: Identity, boss: Identity, mallory: Identity, group: Group
) -> None:
    today = timezone.now().date()
    browser = client_of(boss)
    wrong = {"delegate": "boss", "since": today, "until": today - timedelta(days=1)}
    page = browser.post("/requests/away/", wrong).content.decode()
    assert "Type the user name of another person who can sign in." in page
    assert "The last day lies before the first." in page
    named = {"delegate": "Mallory@example.com", "since": today, "until": today}
    browser.post("/requests/away/", named)
    assert Delegation.objects.get().delegate == mallory

    request = ask_for_group(requester, group)
    deputy = client_of(mallory)
    assert request.number in deputy.get("/requests/to-approve/").content.decode()
    page = deputy.get(f"/requests/{request.pk}/").content.decode()
    assert "You decide in place of Boss." in page
    assert 'href="/requests/to-approve/"' in deputy.get("/").content.decode()
    browser.post("/requests/away/end/")
    assert request.number not in client_of(mallory).get("/requests/to-approve/").content.decode()


def test_what_came_of_it_leads_on(client_of: ClientOf, requester: Identity, boss: Identity) -> None:
    asked = ask(requester, "new_service_account", name="nightly", purpose="Exports at night.")
    decide(boss, asked)
    carry_out(asked)
    page = client_of(requester).get(f"/requests/{asked.pk}/").content.decode()
    made = ServiceAccount.objects.get(name="nightly")
    assert f'href="/service-accounts/{made.pk}/"' in page
    assert "Decision due" not in page


def test_twenty_requests_cost_as_many_statements_as_three(
    client_of: ClientOf, requester: Identity, ada: Identity
) -> None:
    browser, counts = client_of(ada), []
    for number in (3, 20):
        for index in range(number):
            group = make_group(f"group {number} {index}", may_be_requested=True)
            decided = ask_for_group(requester, group)
            if index % 2:
                decide(requester.manager, decided, Verdict.REJECT, "No.")  # type: ignore[arg-type]
        with CaptureQueriesContext(connection) as captured:
            browser.get("/requests/all/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_lists_without_anything_say_what_comes_here(client_of: ClientOf) -> None:
    browser = client_of(make_person("new", levels=["admin"]))
    for path, said in (
        ("/requests/", "You have asked for nothing yet"),
        ("/requests/to-approve/", "Nothing waits for you"),
        ("/requests/all/", "No requests yet"),
        ("/requests/?state=done", "No request matches"),
        ("/requests/new/", "New service account"),
    ):
        assert said in browser.get(path).content.decode()


def test_an_account_is_named_once_whatever_it_is_called(
    client_of: ClientOf, requester: Identity, boss: Identity, account: ServiceAccount, group: Group
) -> None:
    request = ask_for_group(requester, group, account)
    page = client_of(boss).get(f"/requests/{request.pk}/").content.decode()
    assert "audit01 (audit01)" not in page
    decide(boss, request)
    carry_out(request)
    done = client_of(requester).get(f"/requests/{request.pk}/").content.decode()
    assert done.count(f'href="/service-accounts/{account.pk}/"') == 1
    person = ask_for_group(requester, group)
    said = client_of(boss).get(f"/requests/{person.pk}/").content.decode()
    assert f"{requester.display_name} ({requester.user_name})" in said


def test_the_account_that_a_request_made_is_linked(
    client_of: ClientOf, requester: Identity, boss: Identity
) -> None:
    request = ask(requester, "new_service_account", name="desk-bot", purpose="Trial", scopes=[])
    decide(boss, request)
    carry_out(request)
    made = ServiceAccount.objects.get(name="desk-bot")
    page = client_of(requester).get(f"/requests/{request.pk}/").content.decode()
    assert f'href="/service-accounts/{made.pk}/"' in page


def test_a_service_account_that_is_signed_in_is_told_at_once_that_its_owner_asks(
    client_of: ClientOf, account: ServiceAccount
) -> None:
    account.identity.set_password(PASSWORD)
    account.identity.save(update_fields=["password"])
    browser = client_of(account.identity)
    page = browser.get("/requests/new/").content.decode()
    assert "A service account asks for nothing itself" in page
    assert "Ask for:" not in page
    answer = browser.get("/requests/new/group_membership/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/requests/new/")
