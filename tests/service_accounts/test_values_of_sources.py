"""Name and description that a mapping writes, nobody types over; the rest is edited as ever."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities.policies import OwnedElsewhere
from accounts.models import Identity, IdentityProfile, ServiceAccount
from accounts.profiles.mappings import MappingDraft
from accounts.profiles.processing.models import Difference
from accounts.profiles.processing.states import Effect
from accounts.profiles.queries import planned
from accounts.service_accounts import actions
from accounts.service_accounts.actions import Details
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, apply, make_profile, map_all, plan, process
from tests.service_accounts.filled import edit_form, page

pytestmark = pytest.mark.django_db

MAPPED = FOUR | {"purpose": "purpose", "displayName": "name"}
ORIGIN = "the source “Payroll”, by the identity profile “Night <jobs>”"


def made(mapped: dict[str, str]) -> IdentityProfile:
    """A profile with one service account, `audit01`."""
    source = make_source("Payroll")
    bring(source, rows("1,audit01,team@x.example,Nightly audit"))
    profile = make_profile(source, name="Night <jobs>", mapped=mapped)
    process(profile)
    return profile


@pytest.fixture
def sourced(db: None) -> ServiceAccount:
    made(MAPPED)
    return ServiceAccount.objects.select_related("identity", "owner").get()


def edit(by: Any, account: ServiceAccount, **changes: Any) -> ServiceAccount:
    typed = {"name": account.name, "description": account.description} | changes
    details = Details(owner=account.owner, scopes=account.scopes, **typed)
    revision = account.revision
    return actions.edit(by=by, account=account, details=details, revision=revision, at=now())


def now() -> Any:
    return timezone.now()


@pytest.mark.parametrize("field", ["name", "description"])
def test_a_mapped_value_is_refused_with_where_it_comes_from(
    ada: Identity, sourced: ServiceAccount, field: str
) -> None:
    for by in (ada, SYSTEM):
        with pytest.raises(OwnedElsewhere) as refused:
            edit(by, sourced, **{field: "typed by hand"})
        assert refused.value.field == field
        assert ORIGIN in refused.value.message
    sourced.refresh_from_db()
    assert (sourced.name, sourced.description) == ("audit01", "Nightly audit")


def test_the_form_says_where_it_comes_from_and_takes_the_rest(
    admin: Client, sourced: ServiceAccount
) -> None:
    shown = admin.get(page("edit", sourced)).content.decode()
    assert shown.count("It comes from the source “Payroll”") == 3
    assert "“Night &lt;jobs&gt;”" in shown
    assert "<jobs>" not in shown

    filled = edit_form(admin, sourced, scopes=["fr:am:*"], ends_at="2099-01-01")
    assert admin.post(page("edit", sourced), filled).status_code == 302
    sourced.refresh_from_db()
    assert (sourced.name, sourced.scopes) == ("audit01", ["fr:am:*"])


@pytest.mark.parametrize("field", ["name", "description"])
def test_the_page_refuses_what_was_typed_all_the_same(
    admin: Client, sourced: ServiceAccount, field: str
) -> None:
    answer = admin.post(page("edit", sourced), edit_form(admin, sourced, **{field: "by hand"}))
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"][field].value() == "by hand"


def test_a_name_that_no_mapping_gives_is_changed_by_hand_and_says_so(admin: Client) -> None:
    made(FOUR)
    account = ServiceAccount.objects.get()
    assert "no mapping gives it" in admin.get(page("edit", account)).content.decode()
    filled = edit_form(admin, account, name="Night audit", description="by hand")
    assert admin.post(page("edit", account), filled).status_code == 302
    account.refresh_from_db()
    assert (account.name, account.description) == ("Night audit", "by hand")


def test_the_command_goes_on_changing_scopes(sourced: ServiceAccount) -> None:
    out = StringIO()
    call_command("service_account", "set-scopes", sourced.pk, "--scope", "fr:am:*", stdout=out)
    assert json.loads(out.getvalue())["scopes"] == ["fr:am:*"]


def test_what_was_typed_before_it_was_mapped_is_planned_to_change_and_not_silently() -> None:
    profile = made(FOUR)
    account = ServiceAccount.objects.select_related("identity", "owner").get()
    edit(SYSTEM, account, name="By hand", description="Typed by hand")

    map_all(profile, [MappingDraft(n, source_attribute=a) for n, a in MAPPED.items()])
    processing = plan(profile)
    [change] = planned(processing, Effect.CHANGED)
    assert change.differences == [
        Difference("displayName", "By hand", "audit01"),
        Difference("purpose", "Typed by hand", "Nightly audit"),
    ]

    apply(processing)
    account.refresh_from_db()
    assert (account.name, account.description) == ("audit01", "Nightly audit")


def test_a_description_typed_while_no_mapping_gave_it_is_set_back() -> None:
    """The value in the source is as it was: only the description itself shows the difference."""
    profile = made(MAPPED)
    map_all(profile, [MappingDraft(n, source_attribute=a) for n, a in FOUR.items()])
    account = ServiceAccount.objects.select_related("identity", "owner").get()
    edit(SYSTEM, account, description="Typed by hand")
    map_all(profile, [MappingDraft(n, source_attribute=a) for n, a in MAPPED.items()])

    process(profile)

    account.refresh_from_db()
    assert account.description == "Nightly audit"
    assert plan(profile).changes == 0
