"""The demo has sources, an import history, a profile with exceptions, and jobs to look at."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import (
    Event,
    IdentityAccount,
    IdentityProfile,
    ImportRun,
    Job,
    ServiceAccount,
    Source,
)
from accounts.profiles import exceptions
from console.management.demo.cast import PASSWORD
from console.management.demo.sources import IMPORTED, OWNED

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def seeded() -> None:
    call_command("seed_demo", stdout=io.StringIO())


@pytest.mark.usefixtures("seeded")
def test_there_is_a_history_with_one_held_and_one_with_rejected_rows() -> None:
    runs = ImportRun.objects.order_by("uploaded_at")
    assert Counter(run.state for run in runs) == {"applied": 4, "held": 1}
    assert [run.rejected for run in runs if run.rejected] == [2]
    assert runs.get(state="held").missing == 7
    assert {source.status.value for source in Source.objects.all()} == {"healthy"}
    assert {source.account_count for source in Source.objects.all()} == {11, 4}


@pytest.mark.usefixtures("seeded")
def test_the_profile_made_service_accounts_and_tells_its_exceptions() -> None:
    profile = IdentityProfile.objects.get()
    assert not profile.refresh_required
    names = ServiceAccount.objects.filter(
        pk__in=IdentityAccount.objects.values("identity_id")
    ).values_list("name", "owner__user_name")
    assert {name for name, _owner in names} == set(IMPORTED)
    assert {name: owner for name, owner in names if owner != "ada"} == OWNED
    found = exceptions.counts(profile)
    assert (found.collisions > 0, found.incomplete) == (True, 1)


@pytest.mark.usefixtures("seeded")
def test_its_jobs_are_done_and_nothing_is_left_to_do() -> None:
    assert {job.state for job in Job.objects.all()} == {"succeeded"}
    assert Job.objects.count() == 15
    assert not Event.objects.filter(at__gt=timezone.now()).exists()


@pytest.mark.usefixtures("seeded")
def test_no_old_job_announces_itself_at_the_first_sign_in() -> None:
    client = Client()
    client.post("/sign-in/", {"login": "ingrid", "password": PASSWORD})
    text = client.get("/").content.decode()
    assert "See it<" not in text
    assert "An import is held: it would remove 7 accounts." in text
