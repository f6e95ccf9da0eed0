"""Who signs in is told when a source gives them another e-mail address, at both addresses."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Identity, IdentityProfile, Source
from accounts.profiles.models import ProfileKind
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, process

pytestmark = pytest.mark.django_db

AT_FIRST = ("1,one,old@x.example,", "2,two,two@x.example,", "3,three,,")


@pytest.fixture
def source() -> Source:
    return make_source()


@pytest.fixture
def profile(source: Source) -> IdentityProfile:
    bring(source, rows(*AT_FIRST))
    profile = make_profile(source, kind=ProfileKind.PERSON)
    process(profile)
    return profile


def register(*names: str) -> None:
    for name in names:
        person = identity(name)
        person.set_password("correct horse battery staple")
        person.save(update_fields=["password"])


def again(profile: IdentityProfile, run: Any, *lines: str) -> list[str]:
    """Bring another file; answers who was told that an address was changed."""
    bring(profile.source, rows(*lines))
    with run(execute=True):
        process(profile)
    told = [m for m in mail.outbox if m.subject == "Your e-mail address was changed"]
    return sorted(address for message in told for address in message.to)


def test_a_registered_identity_is_told_at_the_old_and_the_new_address(
    profile: IdentityProfile, django_capture_on_commit_callbacks: Any
) -> None:
    register("one", "two")
    told = again(
        profile,
        django_capture_on_commit_callbacks,
        *("1,one,thief@y.example,", "2,two,two@x.example,", "3,three,,"),
    )
    assert told == ["old@x.example", "thief@y.example"]
    assert "account one" in mail.outbox[0].body


def test_who_has_no_password_or_had_no_address_is_not_told(
    profile: IdentityProfile, django_capture_on_commit_callbacks: Any
) -> None:
    register("two", "three")
    told = again(
        profile,
        django_capture_on_commit_callbacks,
        *("1,one,new@x.example,", "2,two,two@x.example,", "3,three,3@x.example,"),
    )
    assert told == []


def test_an_address_that_is_taken_away_is_told_where_it_was(
    profile: IdentityProfile, django_capture_on_commit_callbacks: Any
) -> None:
    register("one")
    told = again(profile, django_capture_on_commit_callbacks, "1,one,,", *AT_FIRST[1:])
    assert told == ["old@x.example"]


def test_a_profile_that_takes_over_tells_too(
    profile: IdentityProfile, django_capture_on_commit_callbacks: Any
) -> None:
    register("one")
    other = make_source("Better")
    bring(other, rows("9,one,better@y.example,"))
    better = make_profile(other, kind=ProfileKind.PERSON)
    better.refresh_from_db()
    IdentityProfile.objects.filter(pk=profile.pk).update(priority=better.priority + 10)
    better.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        process(better)
    told = sorted(a for m in mail.outbox for a in m.to)
    assert identity("one").email == "better@y.example"
    assert told == ["better@y.example", "old@x.example"]


def test_it_is_one_query_where_no_address_changes(
    profile: IdentityProfile, django_capture_on_commit_callbacks: Any
) -> None:
    register("one", "two")
    bring(profile.source, rows("1,uno,old@x.example,", *AT_FIRST[1:]))
    with CaptureQueriesContext(connection) as queries, django_capture_on_commit_callbacks() as c:
        process(profile)
    looks = [q["sql"] for q in queries if "i.email <> p.email" in q["sql"]]
    assert len(looks) == 1
    assert not [call for call in c if "many_notices" in str(call)]


def test_one_mail_that_is_refused_holds_up_no_other(
    profile: IdentityProfile, django_capture_on_commit_callbacks: Any
) -> None:
    register("one", "two")
    header = "a@x.example\nBcc: b@x.example"  # no such value comes in by any door
    Identity.objects.get_queryset().filter(user_name="one").update(email=header)
    told = again(
        profile,
        django_capture_on_commit_callbacks,
        *("1,one,a@x.example,", "2,two,new@x.example,", "3,three,,"),
    )
    assert told == ["a@x.example", "new@x.example", "two@x.example"]
