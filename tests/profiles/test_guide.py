"""The guide: a file with audit01, four mappings, Apply Changes, and audit01 exists."""

from __future__ import annotations

import pytest

from accounts.audit.models import Event
from accounts.models import Identity, IdentityAccount, ServiceAccount
from accounts.profiles.processing.states import Effect, State
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import apply, identity, make_profile, plan, process

pytestmark = pytest.mark.django_db

FILE = rows("SA-001,audit01,admin@company.com,Monthly audit")


def test_audit01_becomes_an_identity_with_a_service_account(ada: Identity) -> None:
    source = make_source()
    bring(source, FILE)
    profile = make_profile(source, name="Service Accounts", by=ada, owner=ada)
    assert profile.refresh_required
    processing = plan(profile, by=ada)
    assert (processing.state, processing.count(Effect.CREATED)) == (State.PLANNED, 1)
    assert not Identity.objects.get_queryset().filter(user_name="audit01").exists()
    apply(processing, by=ada)
    assert processing.state == State.APPLIED
    made = identity("audit01")
    assert (made.email, made.last_name, made.first_name, made.display_name, made.kind) == (
        "admin@company.com",
        "audit01",
        "audit01",
        "audit01",
        "service",
    )
    assert made.attributes == {
        "uid": "audit01",
        "email": "admin@company.com",
        "lastname": "audit01",
        "firstname": "audit01",
    }
    assert made.origin == "profile"
    account = ServiceAccount.objects.get(pk=made.pk)
    assert (account.name, account.owner, account.scopes) == ("audit01", ada, [])
    link = IdentityAccount.objects.get()
    assert (link.native_identity, link.identity_id, link.leads) == ("SA-001", made.pk, True)
    profile.refresh_from_db()
    assert not profile.refresh_required


def test_each_identity_has_its_line_in_the_audit_log(ada: Identity) -> None:
    source = make_source()
    bring(source, FILE)
    process(make_profile(source, by=ada), by=ada)
    made = identity("audit01")
    event = Event.objects.get(action="service_account.created")
    assert (event.subject_id, event.subject_label) == (str(made.pk), "audit01")
    assert (event.actor_label, event.actor_id) == ("ada", str(ada.pk))
    assert event.detail["after"] == made.attributes


def test_applying_again_changes_nothing() -> None:
    source = make_source()
    bring(source, FILE)
    profile = make_profile(source)
    process(profile)
    before = identity("audit01")
    again = plan(profile)
    assert (again.state, again.changes, again.unchanged) == (State.APPLIED, 0, 1)
    after = identity("audit01")
    assert (after.changed_at, after.attributes) == (before.changed_at, before.attributes)
    assert Event.objects.filter(action="service_account.created").count() == 1
