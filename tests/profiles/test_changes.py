"""What changes an identity after it was made, and what does not."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.models import Identity, IdentityAccount, ServiceAccount
from accounts.profiles import library
from accounts.profiles.mappings import MappingDraft
from accounts.profiles.models import ProfileKind
from accounts.profiles.processing.models import Difference
from accounts.profiles.processing.states import Effect, State
from accounts.profiles.queries import planned, values_with_origin
from accounts.service_accounts import actions as service_accounts
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, apply, identity, make_profile, map_all, plan, process

pytestmark = pytest.mark.django_db

BEFORE = rows("1,one,a@x.example,first purpose", "2,two,b@x.example,second")


def test_a_changed_value_is_planned_with_what_it_was() -> None:
    source = make_source()
    bring(source, BEFORE)
    profile = make_profile(source)
    process(profile)
    bring(source, rows("1,one,new@x.example,", "2,two,b@x.example,second"))
    processing = plan(profile)
    [change] = planned(processing, Effect.CHANGED)
    assert change.differences == [Difference("email", "a@x.example", "new@x.example")]
    assert (processing.unchanged, processing.state) == (1, State.PLANNED)
    apply(processing)
    assert identity("one").email == "new@x.example"
    event = Event.objects.get(action="service_account.edited")
    assert event.detail == {
        "before": {"email": "a@x.example"},
        "after": {"email": "new@x.example"},
    }


def test_an_attribute_that_is_not_mapped_changes_nobody() -> None:
    source = make_source()
    bring(source, BEFORE)
    profile = make_profile(source)
    process(profile)
    bring(source, rows("1,one,a@x.example,another", "2,two,b@x.example,second"))
    profile.refresh_from_db()
    processing = plan(profile)
    assert (processing.state, processing.changes) == (State.APPLIED, 0)
    assert processing.count(Effect.SEEN) == 1
    assert plan(profile).count(Effect.SEEN) == 0
    profile.refresh_from_db()
    assert not profile.refresh_required


def test_a_purpose_becomes_the_description_and_one_typed_by_hand_stays_where_none_is_mapped() -> (
    None
):
    source = make_source()
    bring(source, BEFORE)
    profile = make_profile(source, mapped=FOUR | {"purpose": "purpose"})
    process(profile)
    assert ServiceAccount.objects.get(name="one").description == "first purpose"
    map_all(profile, [MappingDraft(n, source_attribute=a) for n, a in FOUR.items()])
    account = ServiceAccount.objects.get(name="one")
    details = service_accounts.Details(
        name="Renamed", description="by hand", owner=None, scopes=["fr:am:*"]
    )
    service_accounts.edit(
        by=SYSTEM, account=account, details=details, revision=account.revision, at=timezone.now()
    )
    bring(source, rows("1,one,new@x.example,changed", "2,two,b@x.example,second"))
    process(profile)
    account = ServiceAccount.objects.get(pk=account.pk)
    assert (account.name, account.description, account.scopes) == (
        "Renamed",
        "by hand",
        ["fr:am:*"],
    )
    assert account.identity.email == "new@x.example"


def test_a_change_moves_on_the_revision_so_that_an_open_form_notices() -> None:
    source = make_source()
    bring(source, BEFORE)
    profile = make_profile(source, mapped=FOUR | {"purpose": "purpose"})
    process(profile)
    bring(source, rows("1,one,a@x.example,changed", "2,two,b@x.example,second"))
    process(profile)
    account = ServiceAccount.objects.get(name="one")
    assert (account.description, account.revision) == ("changed", 2)
    assert ServiceAccount.objects.get(name="two").revision == 1


def test_a_new_mapping_evaluates_everybody_anew() -> None:
    source = make_source()
    bring(source, BEFORE)
    profile = make_profile(source)
    process(profile)
    drafts = [MappingDraft(n, source_attribute=a) for n, a in FOUR.items()]
    profile = map_all(profile, [*drafts, MappingDraft("department", "purpose")])
    assert profile.refresh_required
    processing = process(profile)
    assert processing.count(Effect.CHANGED) == 2
    assert identity("two").attributes["department"] == "second"


def test_a_changed_transform_marks_the_profiles_that_use_it_at_any_distance() -> None:
    now = timezone.now()
    shout = library.create(by=SYSTEM, name="Shout", definition={"type": "upper"}, at=now)
    outer = library.create(
        by=SYSTEM,
        name="Outer",
        definition={"type": "reference", "attributes": {"id": "Shout"}},
        at=now,
    )
    source, other = make_source(), make_source("Other")
    bring(source, BEFORE)
    profile, untouched = make_profile(source), make_profile(other)
    drafts = [MappingDraft(n, source_attribute=a) for n, a in FOUR.items() if n != "lastname"]
    map_all(profile, [*drafts, MappingDraft("lastname", "name", transform=outer)])
    process(profile)
    assert identity("one").last_name == "ONE"
    versions = untouched.version
    twice = {"type": "concat", "attributes": {"values": [{"type": "upper"}, "!"]}}
    with pytest.raises(library.Immutable):
        library.edit(by=SYSTEM, transform=shout, definition=twice, revision=1, at=now)
    library.edit(
        by=SYSTEM,
        transform=shout,
        definition={"type": "upper", "attributes": {"input": "fixed"}},
        revision=1,
        at=now,
    )
    profile.refresh_from_db()
    untouched.refresh_from_db()
    assert profile.refresh_required
    assert untouched.version == versions
    process(profile)
    assert identity("one").last_name == "FIXED"


def test_a_random_value_is_made_once() -> None:
    source = make_source()
    bring(source, BEFORE)
    profile = make_profile(source)
    drafts = [MappingDraft(n, source_attribute=a) for n, a in FOUR.items()]
    map_all(profile, [*drafts, MappingDraft("costCenter", definition={"type": "uuid"})])
    process(profile)
    first = identity("one").attributes["costCenter"]
    map_all(
        profile,
        [
            *drafts,
            MappingDraft("costCenter", definition={"type": "uuid"}),
            MappingDraft("title", "purpose"),
        ],
    )
    process(profile)
    assert identity("one").attributes["costCenter"] == first
    assert identity("one").attributes["title"] == "first purpose"


def test_an_account_in_error_leaves_its_identity_as_it_was() -> None:
    source = make_source()
    bring(source, BEFORE)
    profile = make_profile(source, kind=ProfileKind.PERSON)
    process(profile)
    bring(source, rows("1,one,no address,", "2,two,new@x.example,"))
    processing = process(profile)
    assert (processing.in_error, processing.count(Effect.CHANGED)) == (1, 1)
    assert identity("one").email == "a@x.example"
    bring(source, rows("1,one,good@x.example,", "2,two,new@x.example,"))
    process(profile)
    assert identity("one").email == "good@x.example"


def test_an_identity_in_error_is_looked_at_again_although_its_account_stays() -> None:
    """A mapping that failed for it is mended without a new version of its account."""
    source = make_source()
    bring(source, BEFORE)
    profile = make_profile(source)
    process(profile)
    drafts = [MappingDraft(n, source_attribute=a) for n, a in FOUR.items() if n != "email"]
    map_all(profile, [*drafts, MappingDraft("email", "name")])
    assert process(profile).in_error == 2
    assert plan(profile).in_error == 2
    map_all(profile, [*drafts, MappingDraft("email", "e-mail"), MappingDraft("title", "name")])
    assert process(profile).count(Effect.CHANGED) == 2


def test_a_value_changed_by_hand_is_set_right_when_everybody_is_evaluated() -> None:
    source = make_source()
    bring(source, BEFORE)
    profile = make_profile(source, kind=ProfileKind.PERSON)
    process(profile)
    Identity.objects.get_queryset().filter(user_name="one").update(email="by-hand@x.example")
    drafts = [MappingDraft(n, source_attribute=a) for n, a in FOUR.items()]
    map_all(profile, [*drafts, MappingDraft("title", "purpose")])
    process(profile)
    assert identity("one").email == "a@x.example"


def test_where_each_value_came_from() -> None:
    source = make_source()
    bring(source, BEFORE)
    profile = make_profile(source)
    process(profile)
    found = {v.info.name: v for v in values_with_origin(identity("one"))}
    assert found["email"].value == "a@x.example"
    assert found["email"].mapping is not None
    assert found["email"].mapping.source_attribute == "e-mail"
    assert found["email"].profile == profile
    assert found["displayName"].mapping is None


def test_values_of_an_identity_are_masked_in_the_log_where_they_look_like_keys() -> None:
    source = make_source()
    secret = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh"
    bring(source, rows(f"1,one,a@x.example,{secret}"))
    process(make_profile(source, mapped=FOUR | {"title": "purpose"}))
    assert identity("one").attributes["title"] == secret
    event = Event.objects.get(action="service_account.created")
    assert secret not in str(event.detail)
    assert event.detail["after"]["email"] == "a@x.example"


def test_a_user_name_that_looks_like_a_token_is_refused() -> None:
    source = make_source()
    bring(source, rows("1,stw_pat_abcdefgh.secretsecret,a@x.example,"))
    assert process(make_profile(source)).in_error == 1
    assert not IdentityAccount.objects.exists()
