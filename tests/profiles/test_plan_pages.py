"""What the page of a plan tells before it is applied: other names to sign in under, bad values."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.jobs import actions as jobs
from accounts.models import Identity, IdentityProfile, Processing, Source
from accounts.profiles.models import VanishedPolicy
from accounts.profiles.processing import scheduled
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, plan, process, work

ClientOf = Callable[[Identity], Client]

TWO = rows("SA-1,audit01,a@company.example,Audit", "SA-2,backup02,b@company.example,Backups")
RENAMED = TWO.replace("audit01", "audit99").replace("backup02", "backup99")


@pytest.fixture
def profile(ada: Identity) -> IdentityProfile:
    source = make_source(threshold=100)
    bring(source, TWO)
    return make_profile(source)


def said(browser: Client, processing: Processing, query: str = "") -> str:
    path = f"/identity-profiles/{processing.profile_id}/changes/{processing.pk}/{query}"
    return browser.get(path).content.decode()


def register(user_name: str) -> None:
    person = identity(user_name)
    person.set_password("correct horse battery staple")
    person.save(update_fields=["password"])


def test_who_is_registered_and_gets_another_user_name_is_named_and_looked_at(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    process(profile)
    register("audit01")
    bring(profile.source, RENAMED)
    processing = plan(profile)
    assert processing.held_reason == (
        "1 registered identity signs in under another name afterwards: audit01 → audit99."
    )
    text = said(client_of(ada), processing)
    assert "I have looked at what changes" in text
    assert text.count("Signs in under another name") == 1


def test_the_schedule_leaves_that_to_a_person(ada: Identity, profile: IdentityProfile) -> None:
    process(profile)
    register("audit01")
    bring(profile.source, RENAMED)
    jobs.start(by=SYSTEM, kind=scheduled.KIND, at=timezone.now())
    work()
    assert Processing.objects.order_by("-asked_at")[0].state == "planned"
    assert identity("audit01").is_active


def test_who_never_set_a_password_is_renamed_without_a_word(profile: IdentityProfile) -> None:
    process(profile)
    bring(profile.source, RENAMED.replace("a@company", "new@company"))
    assert plan(profile).held_reason == ""


def test_another_value_than_the_user_name_is_no_other_name(profile: IdentityProfile) -> None:
    process(profile)
    register("audit01")
    bring(profile.source, TWO.replace("a@company", "new@company"))
    assert plan(profile).held_reason == ""


@pytest.mark.parametrize(
    ("policy", "told"), [("disable", "2 identities would be disabled"), ("remove", "be removed")]
)
def test_too_many_are_said_to_be_what_they_will_be(
    profile: IdentityProfile, policy: str, told: str
) -> None:
    lines = [f"SA-{n},svc{n},a@x.example," for n in range(3, 20)]
    bring(profile.source, rows(*TWO.splitlines()[1:], *lines))
    process(profile)
    IdentityProfile.objects.update(vanished_policy=VanishedPolicy(policy))
    bring(profile.source, rows(*lines))
    Source.objects.update(delete_threshold_percent=1)
    assert told in plan(profile).held_reason


def test_a_value_that_is_no_address_is_named_with_account_and_reason(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    bring(profile.source, TWO.replace("b@company.example", "not an address"))
    text = said(client_of(ada), plan(profile))
    for part in ("backup02", "SA-2", "Work Email", "The value is “not an address”."):
        assert part in text


def test_invitations_are_the_next_step_only_of_new_identities(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    browser = client_of(ada)
    assert "Next: give a service account scopes" in said(browser, process(profile))
    bring(profile.source, TWO.replace("Backups", "Copies").replace("a@company", "c@company"))
    done = process(profile)
    assert done.state == "applied"
    text = said(browser, done)
    assert "1 identity changed" in text or "2 identities changed" in text
    assert "Next:" not in text


def test_shared_names_are_told_alike_on_both_pages(
    client_of: ClientOf, ada: Identity, profile: IdentityProfile
) -> None:
    source, browser = profile.source, client_of(ada)
    run = bring(source, rows("SA-1,same,,", "SA-2,same,,", "SA-3,third,,"))
    told = "they are not merged into one."
    assert told in browser.get(f"/sources/{source.pk}/imports/{run.pk}/").content.decode()
    assert told in said(browser, plan(profile))
