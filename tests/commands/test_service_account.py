"""`manage.py service_account` does what the pages do, and tells it in one line."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.audit.models import Event
from accounts.models import Identity, ServiceAccount
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.oauth.holder import Holder
from tokens.credentials.models import Credential, KeyOrigin

pytestmark = pytest.mark.django_db

Run = Callable[..., Any]


@pytest.fixture
def run() -> Run:
    """Runs the command; answers the JSON of its one line, or of its lines."""

    def command(*arguments: object) -> Any:
        out = StringIO()
        call_command("service_account", *map(str, arguments), stdout=out)
        lines = [json.loads(line) for line in out.getvalue().splitlines()]
        return lines if arguments[0] == "list" else lines[0]

    return command


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs the command, which must fail with status 1 and one line."""

    def command(*arguments: object, status: int = 1) -> str:
        errors = StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("service_account", *map(str, arguments), stderr=errors, stdout=StringIO())
        assert ended.value.code == status
        text = errors.getvalue() + capsys.readouterr().err
        assert text.count("\n") == 1
        assert text.startswith("steward: ")
        return text

    return command


SCOPES = ("--scope", "fr:am:*", "fr:idm:*")


def test_an_account_is_made_with_its_key(run: Run, otto: Identity, tmp_path: Path) -> None:
    path = tmp_path / "key.jwk"
    told = run(
        "create", "audit01", "--description", "Reads", "--owner", "otto", *SCOPES,
        "--algorithm", "P-256", "--key-file", path,
    )  # fmt: skip
    account = ServiceAccount.objects.get()
    key = json.loads(path.read_text())
    assert told == {
        "id": str(account.pk),
        "name": "audit01",
        "kid": key["kid"],
        "scopes": ["fr:am:*", "fr:idm:*"],
    }
    assert (account.description, account.owner) == ("Reads", otto)
    assert account.identity.origin == "command"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["key.jwk"]
    credential = Credential.objects.get()
    assert (credential.origin, credential.key_id) == (KeyOrigin.COMMAND, key["kid"])
    assert credential.stored_at is not None


def test_the_key_in_the_file_gets_a_token(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "key.jwk"
    run("create", "audit01", *SCOPES, "--algorithm", "P-256", "--key-file", path)
    made = Made(
        ServiceAccount.objects.get(), Credential.objects.get(), json.loads(path.read_text())
    )
    assert Holder(made).token()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("create", "audit01", "--scope", "fr:idc:federation:*"), "fr:idc:federation:*"),
        (("create", "audit01", "--scope", "no:such"), "no:such"),
        (("create", "a\u202eb", *SCOPES), "direction"),
        (("create", "taken", *SCOPES), "taken"),
        (("create", "audit01", *SCOPES, "--owner", "nobody"), "nobody"),
        (("create", "audit01", *SCOPES, "--as", "mallory"), "may not"),
        (("create", "audit01", *SCOPES, "--as", "nobody"), "nobody"),
        (("regenerate-key", "11111111-1111-4111-8111-111111111111"), "there is no"),
        (("regenerate-key", "audit01"), "is no ID"),
    ],
)
def test_a_refusal_leaves_no_file_and_no_account(
    arguments: tuple[str, ...],
    word: str,
    refused: Callable[..., str],
    mallory: Identity,
    tmp_path: Path,
) -> None:
    make_account("taken")
    text = refused(*arguments, "--algorithm", "P-256", "--key-file", tmp_path / "key.jwk")
    assert word in text
    assert list(tmp_path.iterdir()) == []
    assert ServiceAccount.objects.count() == Credential.objects.count() == 1


def test_a_file_that_is_there_is_never_overwritten(
    refused: Callable[..., str], tmp_path: Path
) -> None:
    there, dangling = tmp_path / "there", tmp_path / "dangling"
    there.write_text("precious")
    dangling.symlink_to(tmp_path / "nothing")
    for path in (there, dangling):
        assert "exists already" in refused("create", "audit01", *SCOPES, "--key-file", path)
    assert there.read_text() == "precious"
    assert not (tmp_path / "nothing").exists()
    folder = tmp_path / "none" / "key.jwk"
    assert "is no folder" in refused("create", "audit01", *SCOPES, "--key-file", folder)
    assert not ServiceAccount.objects.exists()


def test_the_key_is_regenerated_and_the_old_one_may_go_on(run: Run, tmp_path: Path) -> None:
    made = make_account()
    pk = made.account.pk
    told = run(
        "regenerate-key", pk, "--key-file", tmp_path / "a", "--keep-old", "24h",
        "--algorithm", "P-256",
    )  # fmt: skip
    assert told["kid"] == json.loads((tmp_path / "a").read_text())["kid"]
    assert {key["status"] for key in run("show", pk)["keys"]} == {"active", "retiring"}
    run("regenerate-key", pk, "--key-file", tmp_path / "b", "--algorithm", "P-256")
    assert [key["status"] for key in run("show", pk)["keys"]] == ["active"]


def test_an_account_is_disabled_enabled_changed_and_deleted(run: Run) -> None:
    pk = make_account().account.pk
    assert run("disable", pk)["status"] == "disabled"
    assert run("enable", pk)["status"] == "active"
    assert run("set-scopes", pk, "--scope", "fr:am:*")["scopes"] == ["fr:am:*"]
    assert run("show", pk)["scopes"] == ["fr:am:*"]


def test_it_tells_the_contact_email(run: Run, tmp_path: Path) -> None:
    pk = run("create", "audit01", *SCOPES, "--key-file", tmp_path / "key.jwk")["id"]
    assert run("show", pk)["contact_email"] is None
    Identity.objects.filter(pk=pk).update(email="team@x.example")
    assert run("show", pk)["contact_email"] == "team@x.example"
    assert run("list")[0]["contact_email"] == "team@x.example"
    assert run("delete", pk)["status"] == "deleted"
    assert run("list") == []


def test_the_audit_log_names_who_acted(run: Run, ada: Identity) -> None:
    pk = make_account().account.pk
    run("disable", pk)
    run("enable", pk, "--as", "ada")
    run("--as", "ada", "disable", pk)
    acted = Event.objects.filter(action__in=["service_account.disabled", "service_account.enabled"])
    labels = list(acted.order_by("id").values_list("actor_label", "actor_kind"))
    assert labels == [("System", "system"), ("ada", "person"), ("ada", "person")]


def test_a_person_lists_what_they_may_see(
    run: Run, refused: Callable[..., str], otto: Identity, vera: Identity
) -> None:
    own = make_account("own", owner=otto).account
    other = make_account("other").account
    assert [line["name"] for line in run("list")] == ["other", "own"]
    assert [line["name"] for line in run("list", "--as", "vera")] == ["other", "own"]
    assert [line["id"] for line in run("list", "--as", "otto")] == [str(own.pk)]
    assert "there is no" in refused("show", other.pk, "--as", "otto")
    assert "may not" in refused("delete", own.pk, "--as", "vera")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("invent",),
        ("create",),
        ("create", "audit01", "--key-file", "x"),
        ("create", "audit01", "--scope", "fr:am:*"),
        ("create", "audit01", "--scope", "fr:am:*", "--key-file", "x", "--algorithm", "RSA-512"),
        ("regenerate-key", "x", "--key-file", "y", "--keep-old", "31d"),
    ],
)
def test_wrong_usage_is_told_in_one_line_with_status_2(
    arguments: tuple[str, ...], refused: Callable[..., str]
) -> None:
    assert "--help" in refused(*arguments, status=2)
