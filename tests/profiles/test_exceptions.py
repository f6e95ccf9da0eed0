"""Exceptions are live: what was mended is gone at once, and each says where to mend it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Identity, IdentityProfile
from accounts.profiles import exceptions
from accounts.profiles.mappings import MappingDraft
from accounts.profiles.models import ProfileKind
from accounts.profiles.processing.states import Problem
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, identity, make_profile, map_all, process

pytestmark = pytest.mark.django_db

FAILING = {"type": "lookup", "attributes": {"table": {"a": "b"}}}


def errors(profile: IdentityProfile) -> list[exceptions.AccountError]:
    profile.refresh_from_db()
    found, more = exceptions.errors(profile, at=timezone.now())
    assert not more
    return found


def with_failing_transform() -> IdentityProfile:
    source = make_source()
    bring(source, rows("1,one,a@x.example,z", "2,two,b@x.example,a"))
    profile = make_profile(source)
    drafts = [MappingDraft(n, source_attribute=a) for n, a in FOUR.items()]
    map_all(profile, [*drafts, MappingDraft("title", "purpose", definition=FAILING)])
    process(profile)
    return profile


def test_a_transform_error_names_cause_attribute_and_mapping() -> None:
    [error] = errors(with_failing_transform())
    assert (error.kind, error.account_name, error.label) == (Problem.TRANSFORM, "one", "Title")
    assert error.causes[0].startswith("$: ")
    assert error.mapping is not None
    assert error.mapping.attribute == "title"
    assert not Identity.objects.get_queryset().filter(user_name="one").exists()
    assert identity("two").attributes["title"] == "b"


def test_an_error_is_gone_once_the_account_is_mended() -> None:
    profile = with_failing_transform()
    bring(profile.source, rows("1,one,a@x.example,a", "2,two,b@x.example,a"))
    assert errors(profile) == []


def test_an_error_is_gone_once_the_mapping_is_mended() -> None:
    profile = with_failing_transform()
    map_all(profile, [MappingDraft(n, source_attribute=a) for n, a in FOUR.items()])
    assert errors(profile) == []


def test_an_error_is_gone_with_its_account() -> None:
    profile = with_failing_transform()
    bring(profile.source, rows("2,two,b@x.example,a"))
    assert errors(profile) == []


def test_a_value_that_cannot_be_taken_says_why() -> None:
    source = make_source()
    bring(source, rows("1,one two,nothing,x"))
    found = {e.attribute: e for e in _processed(source)}
    assert found["uid"].causes == [
        "Use letters, digits and . _ - @ + only: remove “ ” at position 4. The value is “one two”."
    ]
    (cause,) = found["email"].causes
    assert cause.endswith("The value is “nothing”.")
    assert found["email"].label == "Work Email"
    assert found["email"].kind == Problem.VALUE


def _processed(source: object) -> list[exceptions.AccountError]:
    profile = make_profile(source)  # type: ignore[arg-type]
    process(profile)
    return errors(profile)


def test_an_account_without_a_user_name_is_listed() -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,"))
    profile = make_profile(source, mapped={"uid": "purpose", "email": "e-mail"})
    process(profile)
    [error] = errors(profile)
    assert (error.kind, error.label) == (Problem.MISSING, "SailPoint User Name")


def test_incomplete_identities_lack_an_address_or_a_last_name() -> None:
    source = make_source()
    bring(source, rows("1,one,,", "2,two,b@x.example,Lovelace", "3,three,c@x.example,"))
    profile = make_profile(source, mapped=FOUR | {"lastname": "purpose"}, kind=ProfileKind.PERSON)
    process(profile)
    found = {i.user_name: exceptions.missing_in(i) for i in exceptions.incomplete(profile)}
    assert found == {"one": ["email", "lastname"], "three": ["lastname"]}
    assert exceptions.incomplete().count() == 2
    bring(profile.source, rows("1,one,a@x.example,Byron", "2,two,b@x.example,L", "3,three,,x"))
    process(profile)
    assert [i.user_name for i in exceptions.incomplete(profile)] == ["three"]


def test_people_made_by_hand_are_not_incomplete(ada: Identity) -> None:
    assert not exceptions.incomplete().exists()


def test_counts_of_all_exceptions(ada: Identity) -> None:
    source = make_source()
    bring(source, rows("1,ada,a@x.example,", "2,two,nothing,", "3,three,,"))
    profile = make_profile(source)
    process(profile)
    profile.refresh_from_db()
    counts = exceptions.counts(profile)
    assert (counts.collisions, counts.errors, counts.incomplete, counts.left_deleted) == (
        1,
        1,
        1,
        0,
    )
    assert counts.total == 3


def test_pages_of_errors_go_on_where_the_last_ended() -> None:
    source = make_source()
    bring(source, rows(*[f"{n},n{n},nothing," for n in range(7)]))
    profile = make_profile(source)
    process(profile)
    profile.refresh_from_db()
    seen, after = [], 0
    while True:
        found, after = exceptions.errors(profile, at=timezone.now(), after=after, limit=3)
        seen += [e.native_identity for e in found]
        if not after:
            break
    assert seen == [str(n) for n in range(7)]


def test_pages_of_collisions_go_on_where_the_last_ended() -> None:
    source = make_source()
    lines = [f"{n}-{side},name{n},{side}@x.example," for n in "abcde" for side in "xy"]
    bring(source, rows(*lines))
    profile = make_profile(source)
    process(profile)
    profile.refresh_from_db()
    seen, after = [], ""
    while True:
        found, after = exceptions.collisions(profile, at=timezone.now(), after=after, limit=2)
        seen += [c.name for c in found]
        if not after:
            break
    assert seen == [f"name{n}" for n in "abcde"]
