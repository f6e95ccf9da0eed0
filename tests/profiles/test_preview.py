"""The preview shows what an account would become, with mappings that nobody saved."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from accounts.models import AttributeMapping, IdentityProfile, SourceAccount
from accounts.profiles.mappings import BadMapping, MappingDraft
from accounts.profiles.preview import Preview, preview
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile, process

pytestmark = pytest.mark.django_db

UPPER = {"type": "upper"}


@pytest.fixture
def profile() -> IdentityProfile:
    source = make_source()
    bring(source, rows("1,one,a@x.example,first"))
    made = make_profile(source)
    process(made)
    return made


def of(profile: IdentityProfile, *drafts: MappingDraft) -> Preview:
    account = SourceAccount.objects.get()
    return preview(profile, account, at=timezone.now(), drafts=drafts or None)


def test_saved_mappings_show_what_is_there_already(profile: IdentityProfile) -> None:
    seen = of(profile)
    assert seen.identity is not None
    assert [(v.name, v.value, v.previous_value) for v in seen.values] == [
        ("uid", "one", "one"),
        ("email", "a@x.example", "a@x.example"),
        ("lastname", "one", "one"),
        ("firstname", "one", "one"),
    ]
    assert seen.is_complete
    assert not seen.has_errors
    assert not any(value.is_changed for value in seen.values)


def test_drafts_show_value_previous_value_and_errors(profile: IdentityProfile) -> None:
    seen = of(
        profile,
        MappingDraft("uid", "name", definition=UPPER),
        MappingDraft("email", "purpose"),
        MappingDraft(
            "title", "purpose", definition={"type": "lookup", "attributes": {"table": {}}}
        ),
    )
    values = {value.name: value for value in seen.values}
    assert (values["uid"].value, values["uid"].previous_value) == ("ONE", "one")
    assert values["email"].error_messages == [
        "Type an e-mail address, such as name@example.com, in plain letters. The value is “first”."
    ]
    assert values["title"].error_messages[0].startswith("$: ")
    assert values["title"].label == "Title"
    assert not seen.is_complete


def test_a_preview_changes_nothing(profile: IdentityProfile) -> None:
    events, mappings = Event.objects.count(), AttributeMapping.objects.count()
    of(profile, MappingDraft("uid", "purpose"))
    assert (Event.objects.count(), AttributeMapping.objects.count()) == (events, mappings)


def test_drafts_that_cannot_be_used_are_refused(profile: IdentityProfile) -> None:
    with pytest.raises(BadMapping) as refusal:
        of(profile, MappingDraft("uid", "nothing"))
    assert refusal.value.field == "uid"


def test_the_display_name_of_a_person_is_made_of_both_names() -> None:
    source = make_source()
    bring(source, rows("1,ada,a@x.example,Lovelace"))
    mapped = {"uid": "id", "firstname": "name", "lastname": "purpose"}
    made = make_profile(source, kind="person", mapped=mapped)
    assert of(made).display_name == "ada Lovelace"
