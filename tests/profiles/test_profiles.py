"""Profiles themselves: made, changed, deleted, by those who may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions as identities
from accounts.lib.errors import DomainError
from accounts.models import Identity, IdentityProfile
from accounts.profiles import actions, custom_attributes, library, policies, queries
from accounts.profiles.mappings import BadMapping, MappingDraft, set_mappings
from accounts.profiles.models import InvitePolicy, ProfileKind
from accounts.profiles.processing import actions as processing
from accounts.profiles.transforms.base import BadDefinition
from accounts.sources import actions as sources
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile, plan, process

pytestmark = pytest.mark.django_db


def test_a_profile_makes_its_source_authoritative(ada: Identity) -> None:
    source, other = make_source(), make_source("Other")
    profile = make_profile(source, by=ada)
    assert queries.profile_of(source) == profile
    assert list(queries.possible_sources()) == [other]
    with pytest.raises(policies.AlreadyAuthoritative) as refusal:
        make_profile(source, name="Second")
    assert refusal.value.profile == profile
    assert IdentityProfile.objects.count() == 1
    event = Event.objects.get(action="identity_profile.created")
    assert event.detail["after"]["source"] == "Service Accounts"


def test_a_source_with_a_profile_is_not_deleted(ada: Identity) -> None:
    source = make_source()
    profile = make_profile(source)
    with pytest.raises(sources.SourceInUse, match="identity profile “Service Accounts”"):
        sources.delete(by=ada, source=source, at=timezone.now())
    actions.delete(by=ada, profile=profile, at=timezone.now())
    sources.delete(by=ada, source=source, at=timezone.now())


@pytest.mark.parametrize("name", ["Service Accounts", "service  accounts", "Sеrviсе Aссоunts"])
def test_a_look_alike_name_is_taken(name: str) -> None:
    make_profile(make_source())
    with pytest.raises(DomainError) as refusal:
        make_profile(make_source("Other"), name=name)
    assert refusal.value.field == "name"


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"priority": 0}, "priority"),
        ({"invite_policy": "always"}, "invite_policy"),
        ({"invite_policy": InvitePolicy.ON_STATE}, "invite_state"),
        ({"vanished_policy": "forget"}, "vanished_policy"),
        ({"name": " "}, "name"),
        ({"description": "x" * 1001}, "description"),
    ],
)
def test_what_is_wrong_is_named(details: dict[str, object], field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        make_profile(make_source(), **{"name": "P", **details})  # type: ignore[arg-type]
    assert refusal.value.field == field
    assert not IdentityProfile.objects.exists()


def test_an_owner_is_a_person_who_can_sign_in(ada: Identity, otto: Identity) -> None:
    identities.disable(by=ada, identity=otto, at=timezone.now())
    otto.refresh_from_db()
    with pytest.raises(policies.BadOwner):
        make_profile(make_source(), owner=otto)


def test_two_who_edit_at_once_are_told(ada: Identity) -> None:
    profile = make_profile(make_source())
    details = actions.Details(name="New name", description="x")
    changed = actions.edit(
        by=ada, profile=profile, details=details, revision=profile.revision, at=timezone.now()
    )
    assert changed.name == "New name"
    with pytest.raises(actions.EditConflict) as conflict:
        actions.edit(
            by=ada,
            profile=profile,
            details=actions.Details(name="Other"),
            revision=profile.revision,
            at=timezone.now(),
        )
    assert conflict.value.profile.name == "New name"


def test_settings_do_not_ask_for_processing(ada: Identity) -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,"))
    profile = make_profile(source)
    process(profile)
    profile.refresh_from_db()
    details = actions.Details(name="New name", vanished_policy="remove")
    profile = actions.edit(
        by=ada, profile=profile, details=details, revision=profile.revision, at=timezone.now()
    )
    assert not profile.refresh_required
    assert queries.refresh_required_since(profile) is None


def test_an_import_asks_for_processing() -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,"))
    profile = make_profile(source)
    process(profile)
    run = bring(source, rows("1,one,b@x.example,"))
    profile = IdentityProfile.objects.select_related("source").get()
    assert profile.refresh_required
    assert queries.refresh_required_since(profile) == run.finished_at
    assert list(queries.to_be_applied()) == [profile]


def test_one_processing_at_a_time_and_a_new_plan_replaces_the_one_that_waits() -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,"))
    profile = make_profile(source)
    first = plan(profile)
    second = processing.plan(by=SYSTEM, profile=profile, at=timezone.now())
    with pytest.raises(processing.AlreadyProcessing) as refusal:
        processing.plan(by=SYSTEM, profile=profile, at=timezone.now())
    assert refusal.value.running == second
    first.refresh_from_db()
    assert first.state == "cancelled"
    with pytest.raises(processing.WrongState):
        processing.confirm(by=SYSTEM, processing=first, at=timezone.now())
    with pytest.raises(actions.StillProcessing):
        actions.delete(by=SYSTEM, profile=profile, at=timezone.now())
    processing.cancel(by=SYSTEM, processing=second, at=timezone.now())
    second.refresh_from_db()
    assert second.state == "cancelled"


def test_the_database_holds_what_the_actions_promise() -> None:
    profile = make_profile(make_source())
    twin = IdentityProfile.objects.get(pk=profile.pk)
    twin.pk, twin.name_key = None, "another"
    for attempt in (
        lambda: twin.save(force_insert=True),
        lambda: IdentityProfile.objects.update(invite_policy=InvitePolicy.ON_STATE),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def refused(by: Identity) -> list[Callable[[], object]]:
    now = timezone.now()
    source = make_source()
    bring(source, rows("1,one,a@x.example,"))
    profile = make_profile(source)
    waiting = plan(profile)
    transform = library.create(by=SYSTEM, name="Shout", definition={"type": "upper"}, at=now)
    details = actions.Details(name="Mine")
    return [
        lambda: actions.create(
            by=by, source=make_source("X"), kind=ProfileKind.PERSON, details=details, at=now
        ),
        lambda: actions.edit(
            by=by, profile=profile, details=details, revision=profile.revision, at=now
        ),
        lambda: actions.delete(by=by, profile=profile, at=now),
        lambda: set_mappings(by=by, profile=profile, drafts=[], revision=profile.revision, at=now),
        lambda: processing.plan(by=by, profile=profile, at=now),
        lambda: processing.confirm(by=by, processing=waiting, at=now),
        lambda: processing.cancel(by=by, processing=waiting, at=now),
        lambda: library.create(by=by, name="Mine", definition={"type": "lower"}, at=now),
        lambda: library.edit(
            by=by, transform=transform, definition={"type": "upper"}, revision=1, at=now
        ),
        lambda: library.delete(by=by, transform=transform, at=now),
        lambda: custom_attributes.add(by=by, label="Mine", name="mine", at=now),
    ]


@pytest.mark.parametrize("who", ["vera", "mallory"])
def test_only_who_manages_profiles_changes_anything(
    who: str, request: pytest.FixtureRequest
) -> None:
    for attempt in refused(request.getfixturevalue(who)):
        with pytest.raises(NotAllowed):
            attempt()


def test_who_may_see_profiles(vera: Identity, mallory: Identity) -> None:
    profile = make_profile(make_source())
    assert list(queries.visible_to(vera)) == [profile]
    assert list(queries.visible_to(mallory)) == []


def test_a_mapping_reads_what_is_there(ada: Identity) -> None:
    profile = make_profile(make_source())
    for draft, field in (
        (MappingDraft("uid", "no such"), "uid"),
        (MappingDraft("nobody", "name"), "nobody"),
        (MappingDraft("email"), "email"),
    ):
        with pytest.raises(BadMapping) as refusal:
            set_mappings(
                by=ada,
                profile=profile,
                drafts=[draft],
                revision=profile.revision,
                at=timezone.now(),
            )
        assert refusal.value.field == field
    wrong = MappingDraft("uid", "name", definition={"type": "shout"})
    with pytest.raises(BadDefinition, match=r"uid \$\.type"):
        set_mappings(
            by=ada, profile=profile, drafts=[wrong], revision=profile.revision, at=timezone.now()
        )
    twice = [MappingDraft("uid", "name")] * 2
    with pytest.raises(BadMapping, match="twice"):
        set_mappings(
            by=ada, profile=profile, drafts=twice, revision=profile.revision, at=timezone.now()
        )
    assert profile.mappings.count() == 4


def test_the_order_of_mappings_alone_asks_for_no_processing(ada: Identity) -> None:
    profile = make_profile(make_source())
    version = profile.version
    drafts = [MappingDraft(m.attribute, m.source_attribute) for m in profile.mappings.all()]
    changed = set_mappings(
        by=ada,
        profile=profile,
        drafts=drafts[::-1],
        revision=profile.revision,
        at=timezone.now(),
    )
    assert changed.version == version
    rows_now = [row.info.name for row in queries.mapping_rows(changed) if row.mapping]
    assert rows_now == ["uid", "email", "lastname", "firstname"]
