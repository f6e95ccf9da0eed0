"""The list as CSV: for whom, of what, and safe to open."""

from __future__ import annotations

import csv
import io

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.models import Identity
from accounts.service_accounts import actions
from tests.factories import make_account
from tests.factories.accounts import Made

pytestmark = pytest.mark.django_db

EXPORT = "/service-accounts/export/"


def exported(client: Client, **query: str) -> list[dict[str, str]]:
    answer = client.get(EXPORT, query)
    assert answer.status_code == 200
    assert isinstance(answer, StreamingHttpResponse)
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_line_holds_what_the_list_shows(admin: Client, made: Made) -> None:
    (line,) = exported(admin)
    assert line["name"] == "audit01"
    assert line["id"] == str(made.account.pk)
    assert (line["owner"], line["status"]) == ("otto", "active")
    assert line["scopes"] == "fr:am:* fr:idm:*"
    assert (line["usable_keys"], line["soonest_key_end"], line["last_used_at"]) == ("1", "", "")
    assert line["created_at"].endswith("+00:00")
    assert (line["created_by"], line["ends_at"]) == ("ada", "")
    assert line["contact_email"] == ""
    Identity.objects.filter(pk=made.account.pk).update(email="team@x.example")
    assert exported(admin)[0]["contact_email"] == "team@x.example"


def test_the_filter_is_kept(admin: Client, ada: Identity, made: Made) -> None:
    off = make_account("off").account
    actions.disable(by=ada, account=off, at=timezone.now())
    assert [line["name"] for line in exported(admin, status="disabled")] == ["off"]
    assert [line["name"] for line in exported(admin, q="audit")] == ["audit01"]


@pytest.mark.parametrize(
    "evil", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "＝1+1", " =1+1"]
)
def test_no_cell_is_a_formula(admin: Client, evil: str) -> None:
    """AB-40."""
    make_account(evil, description=f"{evil}\n=2+2")
    (line,) = exported(admin)
    assert line["name"].startswith("'")
    assert line["description"].startswith("'")


def test_who_exported_what_is_recorded(auditor: Client, vera: Identity, made: Made) -> None:
    assert len(exported(auditor, q="audit", status="", unknown="x")) == 1
    event = Event.objects.get(action="service_account.exported")
    assert event.actor_id == str(vera.pk)
    assert event.detail == {"filters": {"search": "audit"}}


@pytest.mark.parametrize("who", ["owner", "stranger"])
def test_it_is_for_auditors_and_administrators(
    request: pytest.FixtureRequest, made: Made, who: str
) -> None:
    client: Client = request.getfixturevalue(who)
    assert client.get(EXPORT).status_code == 403
    assert client.get(EXPORT, {"owner": str(made.account.owner_id)}).status_code == 403
    assert not Event.objects.filter(action="service_account.exported").exists()


def test_a_browser_saves_it_and_keeps_no_copy(admin: Client, made: Made) -> None:
    answer = admin.get(EXPORT)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="service-accounts-')
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_thousand_lines_come_whole(admin: Client, ada: Identity) -> None:
    for number in range(1_003):
        details = actions.Details(f"bot-{number:04}", "", None, [])
        actions.create(by=ada, details=details, at=timezone.now())
    lines = exported(admin)
    assert [line["name"] for line in lines] == [f"bot-{number:04}" for number in range(1_003)]
