"""What is written into the log: plain, bounded, one line a text, and never a secret."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import pytest
from django.db import transaction

from accounts.audit import record
from accounts.audit.actors import SYSTEM, UnknownActor
from accounts.audit.context import RequestFacts, request_facts
from accounts.audit.models import Event
from accounts.lib.one_time_secret import MASK, OneTimeSecret
from accounts.models import Identity
from tests.factories import make_account

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhdWRpdDAxIn0.c2lnbmF0dXJlLW9mLWl0"


def test_an_event_names_who_did_what_to_what_from_where(ada: Identity) -> None:
    account = make_account().account
    with request_facts(RequestFacts("192.0.2.7", "curl/8.5", "abc123")):
        event = record("service_account.disabled", by=ada, subject=account)
    event.refresh_from_db()
    assert (event.actor_id, event.actor_label, event.actor_kind) == (str(ada.pk), "ada", "person")
    assert (event.subject_type, event.subject_id) == ("service_account", str(account.pk))
    assert (event.address, event.user_agent, event.request_id) == (
        "192.0.2.7",
        "curl/8.5",
        "abc123",
    )


def test_an_event_is_gone_with_the_transaction_that_it_tells_of(ada: Identity) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012  both are the point
        record("service_account.disabled", by=ada)
        raise RuntimeError
    assert not Event.objects.filter(action="service_account.disabled").exists()


@pytest.mark.django_db
def test_a_secret_object_fails_instead_of_being_written() -> None:
    with pytest.raises(TypeError, match="OneTimeSecret has no place"):
        record("key.issued", by=SYSTEM, detail={"private": OneTimeSecret("marker")})
    with pytest.raises(TypeError):
        record("key.issued", by=SYSTEM, after={"keys": [uuid.uuid4()]})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "pasted",
    [
        JWT,
        "-----BEGIN PRIVATE KEY-----\nTUFSS0VS\n-----END PRIVATE KEY-----",
        '{"kty":"RSA","n":"AQAB","d":"TUFSS0VSTUFSS0VS","p":"TUFSS0VS"}',
        "stw_pat_ab12.TUFSS0VSTUFSS0VS",
        "steward_pat_TUFSS0VSTUFSS0VSTUFSS0VS",
        "steward_scim_0123456789abcdef0123456789abcdef_TUFSS0VSTUFSS0VS",
    ],
)
def test_what_looks_like_a_secret_is_masked_wherever_it_was_pasted(pasted: str) -> None:
    event = record(
        "token.refused",
        by=UnknownActor(label=pasted),
        reason=f"iss is no id: {pasted}",
        detail={"text": [pasted]},
    )
    written = json.dumps([event.actor_label, event.reason, event.detail])
    assert "TUFSS0VS" not in written
    assert "c2lnbmF0dXJl" not in written
    assert MASK in event.actor_label


@pytest.mark.django_db
def test_the_members_that_hold_secrets_are_masked_by_name() -> None:
    event = record(
        "key.issued", by=SYSTEM, detail={"jwk": {"kid": "k1", "d": "marker"}, "Password": "marker"}
    )
    assert event.detail == {"jwk": {"kid": "k1", "d": MASK}, "Password": MASK}


@pytest.mark.django_db
def test_no_text_of_an_event_has_a_second_line_or_hides_a_part() -> None:
    forged = "curl\r\n2026-11-22 ada signed in\x1b[2K\u202egpj\u2028x\x00\ud800"
    with request_facts(RequestFacts("192.0.2.7", forged, "abc")):
        event = record("token.refused", by=UnknownActor(label=forged), reason=forged)
    event.refresh_from_db()
    for text in (event.actor_label, event.user_agent, event.reason):
        assert text.isprintable()
        assert len(text.splitlines()) == 1
        assert text.startswith("curl\ufffd\ufffd2026")


@pytest.mark.django_db
def test_a_megabyte_is_cut_with_a_mark() -> None:
    with request_facts(RequestFacts("192.0.2.7", "x" * 1_000_000, "abc")):
        event = record("token.refused", by=SYSTEM, detail={"note": "y" * 1_000_000})
    assert (len(event.user_agent), event.user_agent[-1]) == (300, "…")
    assert len(event.detail["note"]) == 2_000
    assert event.detail["note"].endswith("…")


@pytest.mark.django_db
def test_details_keep_line_breaks_of_texts_and_lose_what_a_database_refuses() -> None:
    event = record(
        "service_account.edited",
        by=SYSTEM,
        before={"description": ""},
        after={"description": "one\ntwo\x00\ud800"},
    )
    event.refresh_from_db()
    assert event.detail["after"] == {"description": "one\ntwo\ufffd\ufffd"}


def test_every_module_writes_events_through_record() -> None:
    """But for the token path, which writes its event in the statement that issues, and for many
    events at once."""
    made = re.compile(
        r"(?<![\w.])Event\(|Event\.objects\.(bulk_)?create|INSERT INTO accounts_event"
    )
    found = [
        path.as_posix()
        for app in ("accounts", "tokens", "console")
        for path in Path(app).rglob("*.py")
        if "migrations" not in path.parts and made.search(path.read_text("utf-8"))
    ]
    assert sorted(found) == [
        "accounts/audit/bulk.py",
        "accounts/audit/models.py",
        "accounts/audit/record.py",
        "tokens/access_tokens/issue.py",
    ]
