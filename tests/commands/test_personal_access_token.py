"""Personal access tokens from the command line: one line of JSON an answer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Event, Identity
from tests.factories import make_account
from tests.factories.tokens import make_token
from tokens.credentials.types.personal_access_token import digest
from tokens.models import Credential

pytestmark = pytest.mark.django_db


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    call_command("personal_access_token", *arguments)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str]:
    with pytest.raises(SystemExit) as stopped:
        call_command("personal_access_token", *arguments)
    return stopped.value.code, capsys.readouterr().err


@pytest.fixture
def audit01(otto: Identity) -> Identity:
    return make_account("audit01", owner=otto).account.identity


def test_create_prints_id_secret_scopes_and_expiry(
    audit01: Identity, capsys: pytest.CaptureFixture[str]
) -> None:
    [told] = run(capsys, "create", audit01.user_name, "--name", "Export", "--scope", "fr:am:*")
    assert list(told) == ["id", "secret", "scopes", "expires_at"]
    token = Credential.objects.get(pk=told["id"])
    assert token.secret_hash is not None
    assert bytes(token.secret_hash) == digest(told["secret"])
    assert told["scopes"] == ["fr:am:*"]
    assert parse_datetime(told["expires_at"]) == token.expires_at
    assert token.origin == "command"
    made = Event.objects.get(action="personal_access_token.created")
    assert made.actor_label == "System"


def test_list_and_revoke(otto: Identity, ada: Identity, capsys: pytest.CaptureFixture[str]) -> None:
    made = make_token(otto)
    make_token(ada, "Hers")
    assert [row["name"] for row in run(capsys, "list", "otto")] == ["Nightly export"]
    assert [row["name"] for row in run(capsys, "list", "--as", "otto")] == ["Nightly export"]
    [told] = run(capsys, "revoke", made.client_id)
    assert told["status"] == "revoked"
    assert [row["name"] for row in run(capsys, "list")] == ["Hers"]


def test_list_tells_in_how_many_days_a_token_expires(
    otto: Identity, ada: Identity, capsys: pytest.CaptureFixture[str]
) -> None:
    make_token(otto, "Soon", expires_in=timedelta(days=3, hours=1))
    make_token(otto, "Today", expires_in=timedelta(hours=1))
    make_token(otto, "Gone", expires_in=timedelta(days=1), at=timezone.now() - timedelta(days=2))
    stopped = make_token(ada, "Stopped")
    told = {row["name"]: row for row in run(capsys, "list")}
    assert {name: row["expires_in_days"] for name, row in told.items()} == {
        "Soon": 3,
        "Today": 0,
        "Gone": None,
        "Stopped": 29,
    }
    assert (told["Gone"]["status"], told["Soon"]["status"]) == ("expired", "active")
    [row] = run(capsys, "revoke", stopped.client_id)
    assert row["expires_in_days"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["create", "nobody", "--name", "x", "--scope", "fr:am:*"], "nobody with the user name"),
        (["create", "otto", "--name", "x", "--scope", "no:such"], "no such scope"),
        (["create", "otto", "--name", " ", "--scope", "fr:am:*"], "Type a name"),
        (
            ["create", "otto", "--name", "x", "--scope", "fr:am:*", "--expires-in-days", "0"],
            "yet to come",
        ),
        (
            ["create", "otto", "--name", "x", "--scope", "fr:am:*", "--never-expires"],
            "allows no tokens without an expiry",
        ),
        (["revoke", "x"], "no ID of a token"),
        (["revoke", "0" * 32], "no personal access token"),
        (["create", "otto", "--name", "x", "--scope", "fr:am:*", "--as", "mallory"], "not do this"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    otto: Identity,
    mallory: Identity,
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, told = refusal(capsys, *arguments)
    assert code == 1
    assert words in told
    assert told.count("\n") == 1
