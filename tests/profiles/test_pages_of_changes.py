"""Apply Changes through its pages: the bar, the plan, the decision, the result, the history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.models import Identity, IdentityProfile, Job, Processing, ServiceAccount, Source
from accounts.profiles.processing import actions
from accounts.profiles.processing.states import State
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, plan, process, work

ClientOf = Callable[[Identity], Client]

BAR = "Recent changes need to be applied through identity processing"
THREE = rows(
    "SA-001,audit01,admin@company.example,Audit",
    "SA-002,backup02,ops@company.example,Backups",
    "SA-003,report03,ops@company.example,Reports",
)
ONE = rows("SA-001,audit01,admin@company.example,Audit")


@pytest.fixture
def source(ada: Identity) -> Source:
    source = make_source(threshold=100)
    bring(source, THREE)
    return source


@pytest.fixture
def profile(source: Source) -> IdentityProfile:
    return make_profile(source)


def page_of(profile: IdentityProfile) -> str:
    return f"/identity-profiles/{profile.pk}/"


def changes_of(processing: Processing) -> str:
    return f"{page_of(processing.profile)}changes/{processing.pk}/"


def said(browser: Client, processing: Processing, query: str = "") -> str:
    return browser.get(f"{changes_of(processing)}{query}").content.decode()


def confirm(browser: Client, processing: Processing, **fields: Any) -> Any:
    processing.refresh_from_db()
    given = {"plan": str(processing.plan)} | fields
    return browser.post(f"{changes_of(processing)}confirm/", given, follow=True)


def test_the_bar_stands_on_every_tab_and_on_the_source_until_all_is_applied(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser = client_of(ada)
    pages = [page_of(profile) + tab for tab in ("", "mappings/", "history/")]
    pages += [f"/sources/{profile.source_id}/{tab}" for tab in ("", "accounts/", "imports/")]
    for page in pages:
        text = browser.get(page).content.decode()
        assert BAR in text
        assert f'action="{page_of(profile)}apply/"' in text
    process(profile)
    for page in pages:
        assert BAR not in browser.get(page).content.decode()
    bring(profile.source, ONE)
    for page in pages:
        assert BAR in browser.get(page).content.decode()


def test_from_apply_changes_to_the_result(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser = client_of(ada)
    answer = browser.post(f"{page_of(profile)}apply/")
    processing = Processing.objects.get()
    assert answer["Location"] == changes_of(processing)
    text = said(browser, processing)
    assert f'hx-get="{changes_of(processing)}progress/"' in text
    assert '<noscript><meta http-equiv="refresh"' in text
    assert "HX-Refresh" not in browser.get(f"{changes_of(processing)}progress/")
    assert "A plan of changes is being made" in browser.get(page_of(profile)).content.decode()

    work()
    assert browser.get(f"{changes_of(processing)}progress/")["HX-Refresh"] == "true"
    text = said(browser, processing)
    assert "Apply: create 3" in text
    assert "admin@company.example" in text
    assert not ServiceAccount.objects.exists()
    assert "A plan of changes waits" in browser.get(page_of(profile)).content.decode()

    assert "Applying" in confirm(browser, processing).content.decode()
    work()
    text = said(browser, processing)
    assert "3 identities created" in text
    assert "Invite from the list of identities" in text
    assert f'href="/service-accounts/{identity("audit01").pk}/"' in text
    text = browser.get(f"{page_of(profile)}history/").content.decode()
    assert "3 identities created" in text
    assert "ada" in text


def test_what_changes_is_shown_cell_by_cell_and_what_is_lost_with_its_consequence(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    process(profile)
    bring(profile.source, ONE.replace("admin@", "audit@"))
    browser, processing = client_of(ada), plan(profile)
    text = said(browser, processing, "?show=changed")
    assert "<del>admin@company.example</del>" in text
    assert "<ins>audit@company.example</ins>" in text
    assert "Apply: change 1, disable 2" in text
    assert "The accounts of 2 identities are no longer in the source." in text
    assert "backup02" in said(browser, processing, "?show=disabled")
    assert "only counted" in said(browser, processing, "?show=unchanged")
    assert "Disabled" in said(browser, processing, "?show=nonsense")


def test_ending_identities_asks_for_the_password_again(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    process(profile)
    bring(profile.source, ONE)
    browser, processing = client_of(ada), plan(profile)
    session = browser.session
    session["steward_confirmed_at"] = 0.0
    session.save()
    assert "step_up_password" in confirm(browser, processing).content.decode()
    processing.refresh_from_db()
    assert processing.state == State.PLANNED


def test_so_does_another_address_of_who_holds_levels_and_it_wants_a_tick(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    """To type it on the page of the identity asks for the password, too."""
    process(profile)
    at = timezone.now()
    identities.set_levels(by=ada, identity=identity("audit01"), levels=["helpdesk"], at=at)
    bring(profile.source, THREE.replace("admin@", "mallory@"))
    browser, processing = client_of(ada), plan(profile)
    assert "another e-mail address" in processing.held_reason
    assert "Tick that you have looked at it." in confirm(browser, processing).content.decode()
    session = browser.session
    session["steward_confirmed_at"] = 0.0
    session.save()
    assert "step_up_password" in confirm(browser, processing, sure="on").content.decode()
    processing.refresh_from_db()
    assert processing.state == State.PLANNED


def test_making_identities_does_not(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser, processing = client_of(ada), plan(profile)
    session = browser.session
    session["steward_confirmed_at"] = 0.0
    session.save()
    confirm(browser, processing)
    processing.refresh_from_db()
    assert processing.state == State.APPLYING


def test_unusually_many_go_only_after_a_tick(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    process(profile)
    bring(profile.source, ONE)
    Source.objects.filter(pk=profile.source_id).update(delete_threshold_percent=10)
    browser, processing = client_of(ada), plan(profile)
    text = said(browser, processing)
    assert "Look at this before you apply it" in text
    assert "2 identities would be disabled, and" in text
    assert "Tick that you have looked at it." in confirm(browser, processing).content.decode()
    processing.refresh_from_db()
    assert processing.state == State.PLANNED
    confirm(browser, processing, sure="on")
    work()
    assert identity("backup02").disabled_at is not None


@pytest.mark.parametrize("number", ["", "0", "x", "-1", "٣", "9" * 30])
def test_only_the_plan_that_was_seen_is_applied(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile, number: str
) -> None:
    browser, processing = client_of(ada), plan(profile)
    text = confirm(browser, processing, plan=number).content.decode()
    assert "This cannot be done any more" in text
    processing.refresh_from_db()
    assert processing.state == State.PLANNED


def test_confirming_twice_is_harmless(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser, processing = client_of(ada), plan(profile)
    confirm(browser, processing)
    confirm(browser, processing)
    work()
    confirm(browser, processing)
    processing.refresh_from_db()
    assert processing.state == State.APPLIED
    assert ServiceAccount.objects.count() == 3
    assert Job.objects.filter(kind="identity_processing.apply").count() == 1


def test_a_plan_that_was_given_up_for_a_newer_one_cannot_be_confirmed(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser, old = client_of(ada), plan(profile)
    new = plan(profile)
    assert "This cannot be done any more" in confirm(browser, old).content.decode()
    assert not ServiceAccount.objects.exists()
    confirm(browser, new)
    work()
    assert ServiceAccount.objects.count() == 3


def test_asking_while_one_is_at_work_leads_to_that_one(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser = client_of(ada)
    first = browser.post(f"{page_of(profile)}apply/")
    second = browser.post(f"{page_of(profile)}apply/")
    assert first["Location"] == second["Location"]
    assert Processing.objects.count() == 1


def test_accounts_in_error_are_named_with_their_cause(client_of: ClientOf, ada: Identity) -> None:
    source = make_source("Broken")
    bring(source, rows("1,one two,a@x.example,x", "2,two,b@x.example,y", "3,two,c@x.example,z"))
    text = said(client_of(ada), plan(make_profile(source)))
    assert "3 accounts make no identity" in text
    assert "Use letters, digits and . _ - @ + only" in text
    assert "Non-unique username" in text


def test_accounts_that_share_their_name_are_told_before(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    bring(profile.source, THREE.replace("report03", "backup02"))
    text = said(client_of(ada), plan(profile))
    assert "Accounts share an Account Name" in text
    assert "SA-002, SA-003" in text


def test_a_plan_and_work_can_be_cancelled(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser, processing = client_of(ada), plan(profile)
    answer = browser.post(f"{changes_of(processing)}cancel/", follow=True)
    text = answer.content.decode()
    assert "The changes are cancelled." in text
    assert "Nothing was changed." in text
    browser.post(f"{changes_of(processing)}cancel/")
    processing.refresh_from_db()
    assert processing.state == State.CANCELLED

    browser.post(f"{page_of(profile)}apply/")
    running = Processing.objects.unfinished().get()
    browser.post(f"{changes_of(running)}cancel/")
    work()
    running.refresh_from_db()
    assert running.state == State.CANCELLED
    assert BAR in browser.get(page_of(profile)).content.decode()


def test_a_failed_one_says_why(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    processing = plan(profile)
    Processing.objects.filter(pk=processing.pk).update(
        state=State.FAILED, failure="The lookup\nis wrong", finished_at=timezone.now()
    )
    text = said(client_of(ada), processing)
    assert "The changes could not be processed" in text
    assert "The lookup<br>is wrong" in text


def test_nothing_to_change_is_said(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    process(profile)
    processing, browser = plan(profile), client_of(ada)
    assert processing.state == State.APPLIED
    assert "Nothing changed: every identity is as its account says" in said(browser, processing)


def test_an_auditor_reads_and_decides_nothing(
    client_of: ClientOf, ada: Identity, vera: Identity, profile: IdentityProfile
) -> None:
    browser, processing = client_of(vera), plan(profile)
    text = said(browser, processing)
    assert "audit01" in text
    assert "Apply: create 3" not in text
    text = browser.get(page_of(profile)).content.decode()
    assert "A plan of changes waits" in text
    for path in ("confirm/", "cancel/"):
        assert browser.post(changes_of(processing) + path).status_code == 403
    assert browser.post(f"{page_of(profile)}apply/").status_code == 403


def test_who_may_not_and_what_is_not_there(
    client_of: ClientOf, client: Client, ada: Identity, mallory: Identity, profile: IdentityProfile
) -> None:
    other = make_profile(make_source("Other"))
    processing = plan(profile)
    path = f"changes/{processing.pk}/"
    for address in (path, f"{path}progress/", "history/"):
        assert client.get(page_of(profile) + address).status_code == 302
        assert client_of(mallory).get(page_of(profile) + address).status_code == 403
        assert client_of(ada).post(page_of(profile) + address).status_code == 405
    for address in (f"{path}confirm/", f"{path}cancel/", "apply/"):
        assert client_of(ada).get(page_of(profile) + address).status_code == 405
        assert client_of(mallory).post(page_of(profile) + address).status_code == 403
    for address in (path, f"{path}progress/"):
        assert client_of(ada).get(page_of(other) + address).status_code == 404
    assert client_of(ada).post(f"{page_of(other)}{path}confirm/").status_code == 404
    actions.cancel(by=ada, processing=processing, at=timezone.now())


@pytest.mark.parametrize("show", ["created", "in_error"])
def test_twenty_rows_of_a_plan_cost_as_much_as_three(
    client_of: ClientOf, ada: Identity, show: str
) -> None:
    browser, counts = client_of(ada), []
    for number in (3, 20):
        source = make_source(f"Source {number}")
        name = "bad name" if show == "in_error" else f"n{number}-"
        bring(source, rows(*(f"{i},{name}{i},a@x.example,x" for i in range(number))))
        processing = plan(make_profile(source))
        with CaptureQueriesContext(connection) as captured:
            said(browser, processing, f"?show={show}")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_source_with_accounts_and_no_profile_leads_to_making_one(
    client_of: ClientOf, ada: Identity, vera: Identity
) -> None:
    source = make_source("Fresh")
    page, link = f"/sources/{source.pk}/", f"/identity-profiles/new/?source={source.pk}"
    assert link not in client_of(ada).get(page).content.decode()
    bring(source, ONE)
    assert link in client_of(ada).get(page).content.decode()
    assert link not in client_of(vera).get(page).content.decode()
    make_profile(source)
    assert link not in client_of(ada).get(page).content.decode()
