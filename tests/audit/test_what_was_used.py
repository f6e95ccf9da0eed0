"""What a program does by means of a credential is recorded as such, wherever it is done."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit import queries, record
from accounts.audit.actors import SYSTEM
from accounts.audit.bulk import Lines, record_all
from accounts.audit.context import Means, RequestFacts, request_facts
from accounts.models import Event, Identity, Job, ServiceAccount
from tests.doors.sailpoint.caller import Caller
from tests.doors.sailpoint.test_imports import THREE, load
from tests.factories import make_account, make_person
from tests.factories.imports import make_source
from tests.factories.tokens import make_token
from tests.oauth.program import Program
from tokens.models import Credential

SignedIn = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


def used_of(event: Event) -> tuple[str | None, UUID | None, str | None]:
    return event.credential_kind, event.credential_id, event.credential_label


@pytest.fixture
def made(ada: Identity) -> tuple[Event, Credential]:
    """A source that a program of Ada's made with a token, and that token."""
    answer = Caller(ada).send("POST", "/sources/v1", {"name": "HR", "connector": "delimited-file"})
    assert answer.status_code == 201, answer.content
    event = Event.objects.get(action="source.created")
    return event, Credential.objects.get(identity=ada, kind="personal_access_token")


def test_what_a_token_did_is_recorded_with_its_id_kind_and_name(
    ada: Identity, made: tuple[Event, Credential]
) -> None:
    event, token = made
    assert event.actor_id == str(ada.pk)
    assert used_of(event) == ("personal_access_token", token.pk, token.name)


def test_what_its_holder_does_in_the_console_is_not(
    client_of: SignedIn, ada: Identity, made: tuple[Event, Credential]
) -> None:
    client_of(ada).post("/sources/new/", {"name": "Payroll", "connector": "delimited_file"})
    later = Event.objects.filter(pk__gt=made[0].pk, actor_id=str(ada.pk))
    assert later.exists()
    assert {used_of(event) for event in later} == {(None, None, None)}
    assert used_of(record("source.edited", by=ada)) == (None, None, None)


def test_a_job_is_done_with_what_it_was_asked_for_with(ada: Identity) -> None:
    caller, source = Caller(ada), make_source()
    assert load(caller, source, THREE)["completionStatus"] == "SUCCESS"
    token = Credential.objects.get(identity=ada, kind="personal_access_token")
    assert Job.objects.filter(means__id=str(token.pk)).exists()
    for action in ("import.applied", "job.succeeded"):
        for event in Event.objects.filter(action=action):
            assert used_of(event) == ("personal_access_token", token.pk, token.name), action


def test_a_refused_call_names_what_was_used_and_an_unknown_token_nothing(ada: Identity) -> None:
    caller = Caller(ada, scopes=["sp:scopes:default"])
    assert caller.get("/sources/v1").status_code == 403
    token = Credential.objects.get(identity=ada, kind="personal_access_token")
    refused = Event.objects.get(action="api.refused")
    assert used_of(refused) == ("personal_access_token", token.pk, token.name)
    token.revoked_at, token.revoked_by = timezone.now(), "ada"
    token.save()
    assert caller.get("/sources/v1").status_code == 401
    latest = Event.objects.filter(action="api.refused").latest("pk")
    assert used_of(latest) == ("personal_access_token", token.pk, token.name)
    Program().get("/sources/v1", headers={"Authorization": "Bearer no.such.token"})
    stranger = Event.objects.filter(action="api.refused").latest("pk")
    assert used_of(stranger) == (None, None, None)


def test_nothing_of_one_call_is_left_for_the_next(ada: Identity, otto: Identity) -> None:
    caller = Caller(ada)
    assert caller.get("/sources/v1").status_code == 200
    assert used_of(record("source.edited", by=otto)) == (None, None, None)


def test_a_token_is_revoked_by_its_client_with_a_name(otto: Identity) -> None:
    caller = Caller(otto)
    caller.token()
    other = make_token(otto, "Another", scopes=["sp:scopes:all"])
    form = {"token": caller.bearer, "client_id": other.client_id, "client_secret": other.secret}
    kind = "application/x-www-form-urlencoded"
    answer = Program().post("/oauth/revoke", urlencode(form), content_type=kind)
    assert answer.status_code == 200
    event = Event.objects.get(action="token.revoked")
    assert used_of(event) == ("personal_access_token", other.token.pk, "Another")


def test_many_events_of_one_statement_have_it_too(ada: Identity) -> None:
    means = Means(uuid4(), "key_pair", "kid-1")
    lines = Lines("'1'", "'one'", "'{}'", "")
    with request_facts(RequestFacts(means=means)):
        record_all("source.edited", by=ada, subject_type="source", lines=lines, at=timezone.now())
    assert used_of(Event.objects.get(action="source.edited")) == ("key_pair", means.id, "kid-1")
    record_all("source.deleted", by=ada, subject_type="source", lines=lines, at=timezone.now())
    assert used_of(Event.objects.get(action="source.deleted")) == (None, None, None)


def test_a_name_that_looks_like_a_secret_is_masked() -> None:
    means = Means(uuid4(), "personal_access_token", "stw_pat_ab12.TUFSS0VSTUFSS0VS")
    with request_facts(RequestFacts(means=means)):
        event = record("source.edited", by=SYSTEM)
    assert "TUFSS0VS" not in str(event.credential_label)


def test_list_and_page_say_with_which_token_and_lead_to_it(
    client_of: SignedIn, vera: Identity, made: tuple[Event, Credential]
) -> None:
    event, token = made
    client, link = client_of(vera), f'href="/personal-access-tokens/{token.pk}/"'
    for url in ("/audit/", f"/audit/{event.pk}/"):
        seen = client.get(url).content.decode()
        assert f"(with token {token.name})" in seen, url
        assert link in seen, url
    assert (
        f'href="/audit/?credential={token.pk}"'
        in client.get(f"/audit/{event.pk}/").content.decode()
    )


def test_who_may_not_see_the_token_reads_its_name_without_a_link(
    client_of: SignedIn, otto: Identity
) -> None:
    """An owner sees what was done to an account, also with somebody else's token."""
    account = make_account(owner=otto).account
    stranger = make_person("stranger")
    token = make_token(stranger, "CI", scopes=["sp:scopes:all"]).token
    with request_facts(RequestFacts(means=Means(token.pk, token.kind, token.name))):
        record("service_account.disabled", by=stranger, subject=account)
    seen = client_of(otto).get(f"/service-accounts/{account.pk}/activity/").content.decode()
    assert "stranger disabled service account audit01 (with token CI)" in seen
    assert str(token.pk) not in seen


def test_the_log_is_narrowed_to_one_token_or_key(
    client_of: SignedIn, vera: Identity, made: tuple[Event, Credential]
) -> None:
    event, token = made
    key = make_account().credential
    with request_facts(RequestFacts(means=Means(key.pk, key.kind, key.key_id))):
        by_key = record("source.edited", by=SYSTEM)
    client = client_of(vera)

    def found(text: str) -> set[int]:
        lines = client.get("/audit/", {"credential": text}).context["lines"]
        return {line.event.pk for line in lines}

    assert found(str(token.pk)) == found(token.client_id) == {event.pk}
    assert found(key.key_id) == {by_key.pk}
    assert found("no-such-key") == found(str(uuid4())) == set()
    page = client.get("/audit/", {"credential": str(token.pk)}).content.decode()
    assert f"Token or key: {token.pk}" in page


def test_the_export_has_it_in_columns_and_in_words(
    client_of: SignedIn, vera: Identity, made: tuple[Event, Credential]
) -> None:
    event, token = made
    answer = client_of(vera).get("/audit/export/", {"credential": str(token.pk)})
    text = answer.getvalue().decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert row["id"] == str(event.pk)
    assert row["sentence"].endswith(f"(with token {token.name})")
    assert row["credential_kind"] == "personal_access_token"
    assert (row["credential_id"], row["credential"]) == (str(token.pk), token.name)


def test_the_page_of_a_token_lists_what_was_done_with_it(
    client_of: SignedIn, ada: Identity, made: tuple[Event, Credential]
) -> None:
    _event, token = made
    client, url = client_of(ada), f"/personal-access-tokens/{token.pk}/"
    page = client.get(url).content.decode()
    assert "ada created source HR" in page
    assert f'href="/audit/?credential={token.pk}"' in page
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    with request_facts(RequestFacts(means=Means(token.pk, token.kind, token.name))):
        for _number in range(12):
            record("source.edited", by=ada)
    with CaptureQueriesContext(connection) as many:
        answer = client.get(url)
    assert len(answer.context["deeds"]) == 10
    assert len(many) <= len(one)


def test_an_owner_reads_there_what_a_token_of_their_account_did_but_not_the_log(
    client_of: SignedIn, ada: Identity, otto: Identity
) -> None:
    account: ServiceAccount = make_account(owner=otto).account
    token = make_token(account.identity, by=ada).token
    with request_facts(RequestFacts(means=Means(token.pk, token.kind, token.name))):
        record("service_account.edited", by=account.identity, subject=account)
    page = client_of(otto).get(f"/personal-access-tokens/{token.pk}/").content.decode()
    assert 'id="deeds"' in page
    assert "/audit/?credential" not in page


def test_it_is_found_by_an_index(made: tuple[Event, Credential]) -> None:
    plan = queries.for_list(queries.Wanted(credential_ids=[made[1].pk]))[:50].explain()
    if connection.vendor == "sqlite":
        assert "event_by_credential" in plan
    names = {index.name for index in Event._meta.indexes}
    assert "event_by_credential" in names
