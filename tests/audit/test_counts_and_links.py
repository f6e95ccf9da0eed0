"""Events about imports, sources, profiles and jobs say how many, and lead to their pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.imports import actions as imports
from accounts.models import Event, Identity, Job, SourceAccount
from accounts.profiles import actions as profiles
from accounts.profiles import library
from accounts.sources import accounts as by_hand
from accounts.sources import schema
from accounts.sources.connectors.base import AttributeDraft
from console.ui.sentences import sentence
from console.ui.targets import FINDERS, urls
from tests.factories.imports import HEADER, apply, bring, make_source, plan, rows
from tests.factories.profiles import make_profile, process

ClientOf = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


def lines(count: int) -> str:
    return rows(*(f"SA-{n},audit{n:02},a{n}@example.com,Audit" for n in range(count)))


def said(action: str) -> str:
    return sentence(Event.objects.filter(action=action).newest_first()[0])


def test_an_import_is_told_with_its_numbers(ada: Identity) -> None:
    source = make_source()
    file = lines(3) + "SA-9,too,many,cells,here\n"
    run = plan(source, file, by=ada)
    target = "Service Accounts: accounts.csv"
    assert said("import.planned") == (
        f"The plan of the import {target} was made: 3 new, 1 rejected"
    )
    apply(run, by=ada)
    assert said("import.applied") == f"ada imported accounts from {target}: 3 new, 1 rejected"
    bring(source, lines(3))
    assert said("import.unchanged") == f"The import {target} changed nothing"


def test_a_held_import_says_how_many_would_go(ada: Identity) -> None:
    source = make_source()
    bring(source, lines(40), by=ada)
    target = "Service Accounts: accounts.csv"
    held = plan(source, lines(4), by=ada)
    assert said("import.held") == f"The import {target} was held: it would remove 36 accounts"
    imports.override(by=ada, import_run=held, reason="Merger", at=timezone.now())
    assert said("import.overridden") == (
        f"ada let the import {target} remove 36 accounts, which is more than the threshold allows"
    )
    imports.cancel(by=ada, import_run=held, at=timezone.now())
    held = plan(source, lines(4), by=ada)
    imports.keep_missing(by=ada, import_run=held, at=timezone.now())
    assert said("import.kept_missing") == f"ada let the import {target} keep 36 missing accounts"


def test_changes_of_a_schema_name_the_attribute(ada: Identity) -> None:
    source, now = make_source(), timezone.now()
    schema.add(by=ada, source=source, draft=AttributeDraft("team"), at=now)
    assert said("source.schema_changed") == (
        "ada added attribute team to the account schema of Service Accounts"
    )
    row = source.attributes.get(name="team")
    schema.remove(by=ada, source=source, attribute=row, at=now)
    assert said("source.schema_changed") == (
        "ada removed attribute team from the account schema of Service Accounts"
    )
    schema.upload(by=ada, source=source, content=HEADER.encode(), at=now)
    assert "ada replaced the account schema of Service Accounts: 4 attributes" in {
        sentence(event) for event in Event.objects.filter(action="source.schema_changed")
    } | {said("source.schema_changed")}


def test_profiles_tell_what_was_mapped_and_what_came_of_it(ada: Identity) -> None:
    source = make_source()
    bring(source, lines(2))
    profile = make_profile(source)
    assert said("identity_profile.mapped") == (
        "System changed the mappings of email and 3 more of Service Accounts"
    )
    process(profile, by=ada)
    assert said("identity_processing.applied") == (
        "The changes of identity profile Service Accounts were applied: 2 created"
    )
    profiles.delete(by=ada, profile=profile, at=timezone.now())
    assert said("identity_profile.deleted") == (
        "ada deleted identity profile Service Accounts; its 2 identities stay"
    )


def test_a_job_is_named_as_people_know_it(ada: Identity) -> None:
    bring(make_source(), lines(1), by=ada)
    assert said("job.succeeded") == "The job “Import of accounts” of Service Accounts was done"


@pytest.fixture
def everything(ada: Identity) -> dict[str, str]:
    """One target of each kind of this part, by kind, with its id."""
    source = make_source()
    run = bring(source, lines(2), by=ada)
    profile = make_profile(source)
    processing = process(profile, by=ada)
    transform = library.create(by=ada, name="Loud", definition={"type": "upper"}, at=timezone.now())
    account = SourceAccount.objects.filter(source=source).order_by("pk")[0]
    return {
        "source": str(source.pk),
        "import": str(run.pk),
        "identity_profile": str(profile.pk),
        "identity_processing": str(processing.pk),
        "transform": str(transform.pk),
        "source_account": str(account.pk),
        "job": str(Job.objects.all()[0].pk),
    }


def test_each_kind_leads_to_a_page_that_opens(
    everything: dict[str, str], client_of: ClientOf, ada: Identity
) -> None:
    found = urls(everything.items(), ada)
    assert set(found) == set(everything.items())
    browser = client_of(ada)
    for url in found.values():
        assert browser.get(url).status_code == 200, url
    page = browser.get("/audit/").content.decode()
    for kind in ("source", "import", "identity_profile", "job"):
        assert f'href="{found[kind, everything[kind]]}"' in page, kind


def test_nobody_is_led_to_what_they_may_not_see(
    everything: dict[str, str], mallory: Identity
) -> None:
    assert urls(everything.items(), mallory) == {}


@pytest.mark.parametrize("kind", sorted(FINDERS))
def test_what_is_gone_or_nonsense_leads_nowhere(kind: str, ada: Identity) -> None:
    single = {"schedule", "tenant_setting", "signing_key", "sealing_key", "vault", "application"}
    ids = ("00000000-0000-4000-8000-000000000000", "nonsense", "", "9" * 30)
    found = urls({(kind, gone) for gone in ids}, ada)
    assert bool(found) is (kind in single)


def test_a_removed_account_leads_nowhere(ada: Identity) -> None:
    source = make_source()
    bring(source, lines(2))
    account = SourceAccount.objects.filter(source=source)[0]
    by_hand.remove(by=ada, account=account, at=timezone.now())
    assert urls({("source_account", str(account.pk))}, ada) == {}


def test_twenty_events_of_every_kind_cost_as_much_as_three(
    everything: dict[str, str], client_of: ClientOf, ada: Identity
) -> None:
    browser, counts = client_of(ada), []

    class Subject:
        def __init__(self, kind: str, pk: str) -> None:
            self.audit_type, self.pk, self.audit_label = kind, pk, kind

    for number in (1, 6):
        for kind, pk in everything.items():
            for _time in range(number):
                record("source.edited", by=SYSTEM, subject=Subject(kind, pk))
        browser.get("/audit/")
        with CaptureQueriesContext(connection) as captured:
            browser.get("/audit/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_log_is_narrowed_to_a_group_and_to_a_named_target(
    everything: dict[str, str], client_of: ClientOf, ada: Identity
) -> None:
    browser = client_of(ada)
    page = browser.get("/audit/?action=import.*")
    shown = {line.event.action for line in page.context["lines"]}
    assert shown == {"import.uploaded", "import.planned", "import.applied"}
    assert "All of: Imports" in page.content.decode()
    for name in ("Service Accounts", "service accounts"):
        page = browser.get("/audit/", {"target": name})
        assert {line.event.subject_type for line in page.context["lines"]} == {
            "source",
            "identity_profile",
        }
    page = browser.get("/audit/", {"target": "Loud"})
    assert {line.event.action for line in page.context["lines"]} == {"transform.created"}
    assert browser.get("/audit/?action=nonsense.*").context["form"].errors


def test_no_sentence_shows_a_name_of_the_code(
    everything: dict[str, str], client_of: ClientOf, ada: Identity
) -> None:
    for event in Event.objects.all():
        assert not re.search(r"\b[a-z]+_[a-z_]+\b|\b(import|job|source)\.[a-z]+\b", sentence(event))
