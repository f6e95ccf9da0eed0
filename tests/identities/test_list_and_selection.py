"""The tabs of the list, its menus, and what is done with those that are ticked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.audit.models import Event
from accounts.authorization.levels import HELPDESK
from accounts.models import Identity, Invitation
from tests.factories import make_account, make_person
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, identity, make_profile, process
from tests.identities.people import NEW

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def accounts(db: None) -> None:
    source = make_source("Payroll")
    bring(
        source,
        rows(
            "1,audit01,team@x.example,active",
            "2,audit02,team@x.example,",
            "3,audit03,,",
            "4,audit04,not an address,",
        ),
    )
    process(make_profile(source, mapped=FOUR | {"cloudLifecycleState": "purpose"}))


def ids(*names: str) -> dict[str, list[str]]:
    return {"selected": [str(identity(name).pk) for name in names]}


def test_the_tabs_and_columns_are_those_of_the_guide(
    client_of: ClientOf, ada: Identity, accounts: None
) -> None:
    page = client_of(ada).get("/identities/").content.decode()

    for said in ("Errors", "Incomplete", "Email", "Username", "Lifecycle State", "Not invited"):
        assert said in page
    assert "Invite" in page


def test_what_is_incomplete_is_live(client_of: ClientOf, ada: Identity, accounts: None) -> None:
    browser = client_of(ada)

    answer = browser.get("/identities/incomplete/")
    assert [row["identity"].user_name for row in answer.context["rows"]] == ["audit03"]
    assert "Work Email" in answer.content.decode()

    Identity.objects.filter(user_name="audit03").update(email="now@x.example")
    assert "No identity is incomplete" in browser.get("/identities/incomplete/").content.decode()


def test_errors_stand_under_their_profile_and_go_when_mended(
    client_of: ClientOf, ada: Identity, vera: Identity, mallory: Identity, accounts: None
) -> None:
    page = client_of(vera).get("/identities/errors/").content.decode()

    assert "Payroll" in page
    assert "audit04" in page
    assert "Work Email" in page
    assert client_of(mallory).get("/identities/errors/").status_code == 403
    assert client_of(ada).post("/identities/errors/").status_code == 405


def test_without_profiles_the_tabs_say_what_to_do(client_of: ClientOf, ada: Identity) -> None:
    assert "No identity profiles yet" in client_of(ada).get("/identities/errors/").content.decode()


def test_the_preview_says_who_gets_a_mail_and_why_others_do_not(
    client_of: ClientOf, ada: Identity, otto: Identity, accounts: None
) -> None:
    chosen = ids("audit01", "audit02", "audit03", "otto")

    page = client_of(ada).post("/identities/invite/", chosen).content.decode()

    assert "Invite 2 identities" in page
    assert "Mailbox of 2 identities" in page
    assert "Add an e-mail address first" in page
    assert "Has a password already" in page
    assert not Invitation.objects.exists()


def test_those_are_invited_who_can_be(
    client_of: ClientOf, ada: Identity, accounts: None, mails: Any
) -> None:
    browser = client_of(ada)
    chosen = ids("audit01", "audit02", "audit03") | {"confirmed": "yes"}

    sent = mails(lambda: browser.post("/identities/invite/", chosen))

    assert sorted(message.subject for message in sent) == [
        "Set up your account: audit01",
        "Set up your account: audit02",
    ]
    assert len({message.body for message in sent}) == 2
    page = browser.get("/identities/").content.decode()
    assert "2 invitations go out." in page
    assert "1 was left out" in page
    assert "Invited until" in page


def test_those_are_disabled_who_can_be(
    client_of: ClientOf, ada: Identity, otto: Identity, accounts: None
) -> None:
    browser = client_of(ada)
    chosen = ids("audit01", "otto", "ada")

    page = browser.post("/identities/disable/", chosen).content.decode()
    assert "Disable 2 identities" in page
    browser.post("/identities/disable/", chosen | {"confirmed": "yes"})

    for name, active in (("audit01", False), ("otto", False), ("ada", True)):
        assert identity(name).is_active is active
    actions = Event.objects.filter(action__endswith=".disabled").values_list("action", flat=True)
    assert sorted(actions) == ["identity.disabled", "service_account.disabled"]


@pytest.mark.parametrize("path", ["/identities/invite/", "/identities/disable/"])
def test_nothing_ticked_nonsense_or_too_many(client_of: ClientOf, ada: Identity, path: str) -> None:
    browser = client_of(ada)

    for selected in ([], ["x"], ["0" * 32], [f"{n:032x}" for n in range(300)]):
        page = browser.post(path, {"selected": selected}, follow=True).content.decode()
        assert "Tick the identities first" in page
    assert browser.get(path).status_code == 405


def test_who_may_not_is_refused_and_who_sees_nothing_is_told_nothing(
    client_of: ClientOf, vera: Identity, accounts: None
) -> None:
    browser = client_of(vera)

    for path in ("/identities/invite/", "/identities/disable/"):
        assert browser.post(path, ids("audit01")).status_code == 403
    assert "data-select-all" not in browser.get("/identities/").content.decode()


def test_helpdesk_invites_and_resets_but_stops_no_service_account(
    client_of: ClientOf, accounts: None, ada: Identity, mails: Any
) -> None:
    browser = client_of(make_person("help", levels=[HELPDESK]))

    page = browser.post("/identities/disable/", ids("audit01", "ada")).content.decode()
    assert "None of them will be disabled" in page
    confirmed = ids("audit01") | {"confirmed": "yes"}
    assert len(mails(lambda: browser.post("/identities/invite/", confirmed))) == 1
    browser.post("/identities/disable/", confirmed)
    assert identity("audit01").is_active


def test_the_reset_page_says_all_that_goes_and_does_it(
    client_of: ClientOf, ada: Identity, vera: Identity, mails: Any
) -> None:
    browser = client_of(ada)
    path = f"/identities/{vera.pk}/reset/"

    page = browser.get(path).content.decode()
    for said in ("password is forgotten", "Auditor", "vera@example.com", "Second factors"):
        assert said in page
    [message] = mails(lambda: browser.post(path))

    assert message.to == ["vera@example.com"]
    vera.refresh_from_db()
    assert not vera.is_registered
    assert client_of(make_person("pat")).get(path).status_code == 403


def test_twenty_rows_cost_as_much_as_three(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    counts = []
    for number in (3, 20):
        for index in range(number):
            make_account(f"account {number} {index}")
        with CaptureQueriesContext(connection) as captured:
            browser.get("/identities/")
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_the_page_of_an_identity_tells_where_each_value_came_from(
    client_of: ClientOf, ada: Identity, accounts: None
) -> None:
    audit01 = identity("audit01")

    page = client_of(ada).get(f"/identities/{audit01.pk}/").content.decode()

    assert "Payroll › Payroll › 1 › e-mail" in page
    assert "Nobody types over them" in page
    assert "/mappings/#row-email" in page
    assert "No link to set a password was ever mailed." in page


def test_a_mail_that_failed_is_tried_again_from_the_page(
    client_of: ClientOf, ada: Identity, accounts: None, mails: Any
) -> None:
    browser, audit01 = client_of(ada), identity("audit01")
    mails(lambda: browser.post(f"/identities/{audit01.pk}/invite/"))
    Invitation.objects.update(sent_at=None, next_try_at=None, failure="550 nobody <b>here</b>")
    invitation = Invitation.objects.get()

    page = browser.get(f"/identities/{audit01.pk}/").content.decode()
    assert "Try again now" in page
    assert "550 nobody &lt;b&gt;here&lt;/b&gt;" in page
    path = f"/identities/{audit01.pk}/invitations/{invitation.pk}/retry/"
    assert len(mails(lambda: browser.post(path))) == 1
    other = make_person("other", first_name=NEW["first_name"])
    stranger = f"/identities/{other.pk}/invitations/{invitation.pk}/retry/"
    assert browser.post(stranger).status_code == 404
    assert "Works" in browser.get(f"/identities/{audit01.pk}/").content.decode()
