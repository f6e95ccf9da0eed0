"""A Source Sub-Admin has the sources that they own, and no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.imports.states import State
from accounts.jobs import actions as jobs
from accounts.jobs import queries
from accounts.jobs.run import run_job
from accounts.models import Identity, Job, Source
from accounts.sources import actions, policies
from accounts.sources.actions import Details
from tests.factories import imports, make_person

ClientOf = Callable[[Identity], Client]
FILE = imports.rows("SA-001,audit01,one@example.com,Audit")


def hand_over(source: Source, owner: Identity | None) -> Source:
    source.refresh_from_db()
    details = Details(name=source.name, config=source.config, owner=owner)
    return actions.edit(
        by=SYSTEM, source=source, details=details, revision=source.revision, at=timezone.now()
    )


@pytest.fixture
def hers(sue: Identity) -> Source:
    return hand_over(imports.make_source("Hers"), sue)


@pytest.fixture
def other(db: None) -> Source:
    return imports.make_source("Another")


def test_the_list_shows_them_alone(
    client_of: ClientOf, sue: Identity, hers: Source, other: Source
) -> None:
    page = client_of(sue).get("/sources/").content.decode()

    assert "Hers" in page
    assert "Another" not in page


def test_she_brings_accounts_into_hers(sue: Identity, hers: Source) -> None:
    run = imports.apply(imports.plan(hers, FILE, by=sue), by=sue)

    assert run.state == State.APPLIED


def test_what_she_adds_is_hers(client_of: ClientOf, sue: Identity, otto: Identity) -> None:
    browser = client_of(sue)
    form = browser.get("/sources/new/").content.decode()
    assert f'value="{sue.pk}"' in form
    assert f'value="{otto.pk}"' not in form

    for owner in (otto.pk, ""):
        browser.post(
            "/sources/new/",
            {"connector_name": "delimited_file", "name": "New one", "owner": owner}
            | {"delimiter": ",", "quote": '"'},
        )
    assert not Source.objects.filter(name="New one").exists()


@pytest.mark.parametrize("to", ["otto", "nobody"])
def test_she_hands_none_over(sue: Identity, otto: Identity, hers: Source, to: str) -> None:
    details = Details(name="Hers", config=hers.config, owner=otto if to == "otto" else None)

    with pytest.raises(policies.BadOwner):
        actions.edit(
            by=sue, source=hers, details=details, revision=hers.revision, at=timezone.now()
        )
    with pytest.raises(policies.BadOwner):
        actions.create(
            by=sue,
            connector="delimited_file",
            details=replace(details, name="New"),
            at=timezone.now(),
        )
    hers.refresh_from_db()
    assert hers.owner == sue


def test_an_administrator_of_all_sources_chooses_owners(
    otto: Identity, sue: Identity, hers: Source
) -> None:
    boss = make_person("boss", levels=["source_admin"])
    details = Details(name="Hers", config=hers.config, owner=otto)

    actions.edit(by=boss, source=hers, details=details, revision=hers.revision, at=timezone.now())

    assert not Source.objects.visible_to(sue).exists()


def test_she_does_not_empty_hers(client_of: ClientOf, sue: Identity, hers: Source) -> None:
    imports.bring(hers, FILE)
    browser = client_of(sue)

    assert browser.get(f"/sources/{hers.pk}/accounts/remove-all/").status_code == 403
    page = browser.get(f"/sources/{hers.pk}/").content.decode()
    assert "Remove all accounts" not in page
    assert "Delete Source" in page


def test_once_handed_over_it_is_out_of_reach(sue: Identity, hers: Source) -> None:
    run = imports.plan(hers, FILE, by=sue)
    hand_over(hers, None)

    with pytest.raises(NotAllowed):
        imports.apply(run, by=sue)
    run.refresh_from_db()
    assert run.state == State.PLANNED


def test_a_job_that_waited_while_it_was_handed_over_is_not_begun(
    sue: Identity, hers: Source
) -> None:
    run = imports.upload(hers, FILE, by=sue)
    hand_over(hers, None)
    assert run.job_id is not None

    run_job(run.job_id)

    job = Job.objects.get(pk=run.job_id)
    assert job.state == "failed"
    assert "may not do it any more" in job.error


def test_jobs_are_seen_by_who_sees_their_source(
    sue: Identity, hers: Source, other: Source, vera: Identity, otto: Identity
) -> None:
    imports.upload(hers, FILE)
    imports.upload(other, FILE)
    boss = make_person("boss", levels=["source_admin"])
    hel = make_person("hel", levels=["helpdesk"])

    def seen(person: Identity) -> set[str]:
        return {job.subject_label for job in queries.visible_to(person)}

    assert seen(sue) == {"Hers"}
    assert seen(boss) == seen(vera) == {"Hers", "Another"}
    assert seen(hel) == seen(otto) == set()


def test_jobs_of_other_sources_are_not_hers_to_stop(
    client_of: ClientOf, sue: Identity, other: Source
) -> None:
    run = imports.upload(other, FILE)
    assert run.job_id is not None
    job = Job.objects.get(pk=run.job_id)

    assert client_of(sue).post(f"/jobs/{job.pk}/cancel/").status_code == 404
    with pytest.raises(NotAllowed):
        jobs.ask_to_cancel(by=sue, job=job, at=timezone.now())
    job.refresh_from_db()
    assert job.state == "queued"
