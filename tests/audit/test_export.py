"""The log as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

from django.test import Client

from accounts.audit import record
from accounts.audit.actors import SYSTEM, UnknownActor
from accounts.models import Event, Identity, ServiceAccount

SignedIn = Callable[[Identity], Client]


def rows_of(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/audit/export/{query}")
    assert answer.status_code == 200
    assert answer.streaming
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-log-')
    assert "no-store" in answer.headers["Cache-Control"]
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_every_event_is_a_row_with_its_sentence_and_details(
    client_of: SignedIn, vera: Identity, audit01: ServiceAccount
) -> None:
    rows = rows_of(client_of(vera), "?target=audit01")
    assert [row["action"] for row in rows] == [
        "service_account.edited",
        "key.issued",
        "service_account.created",
    ]
    edited = rows[0]
    assert edited["sentence"] == "ada removed scope fr:am:* from audit01"
    assert edited["target_id"] == str(audit01.pk)
    assert edited["actor"] == "ada"
    assert json.loads(edited["details"])["after"] == {"scopes": ["fr:idm:*"]}


def test_no_cell_is_a_formula(client_of: SignedIn, ada: Identity) -> None:
    record("sign_in.failed", by=UnknownActor(label="=cmd|'/c calc'!A1"), reason="+1+1")
    row = rows_of(client_of(ada), "?action=sign_in.failed")[0]
    assert row["actor"] == "'=cmd|'/c calc'!A1"
    assert row["reason"] == "'+1+1"
    assert not any(cell[:1] in "=+-@\t\r" for cell in row.values() if cell)


def test_the_export_is_recorded_with_its_filters(client_of: SignedIn, vera: Identity) -> None:
    rows_of(client_of(vera), "?outcome=refused&period=7d")
    event = Event.objects.get(action="audit.exported")
    assert event.actor_label == "vera"
    assert event.detail == {"filters": {"outcome": "refused", "period": "7d"}}


def test_more_rows_than_a_batch_are_all_sent(client_of: SignedIn, ada: Identity) -> None:
    for _number in range(40):
        record("signing_key.made", by=SYSTEM)
    assert len(rows_of(client_of(ada), "?action=signing_key.made")) == 40


def test_the_button_is_there_for_whoever_may_export(client_of: SignedIn, vera: Identity) -> None:
    page = client_of(vera).get("/audit/").content.decode()
    assert 'formaction="/audit/export/"' in page
