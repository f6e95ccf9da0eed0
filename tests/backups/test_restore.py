"""A backup makes an empty installation the same again, on both databases, by the commands."""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import urlsplit

import pytest

from tests.setup.running import manage

PASSPHRASE = "quiet harbour lantern"
URL = os.environ.get("TEST_DATABASE_URL", "")


@dataclass
class Installation:
    folder: Path
    variables: dict[str, str]

    def do(self, *arguments: str) -> CompletedProcess[str]:
        return manage(self.folder, *arguments, **self.variables)

    def account(self, *arguments: str) -> dict[str, str]:
        done = self.do("service_account", *arguments)
        assert done.returncode == 0, done.stderr
        told: dict[str, str] = json.loads(done.stdout.splitlines()[0])
        return told

    def keys(self) -> set[str]:
        text = (self.folder / "sealing_key").read_text()
        return {line.rstrip("=") for line in text.split()}


@pytest.fixture
def passphrase(tmp_path: Path) -> str:
    file = tmp_path / "passphrase"
    file.write_text(f"{PASSPHRASE}\n")
    return f"--passphrase-file={file}"


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.sqlite),
        pytest.param("postgresql", marks=pytest.mark.postgres),
    ]
)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Installation]]:
    """Two installations, the second one empty."""
    names = [f"backup_{uuid.uuid4().hex}" for _ in range(2)]
    made = [Installation(tmp_path / name, {}) for name in ("first", "second")]
    if request.param == "sqlite":
        yield made
        return
    import psycopg

    with psycopg.connect(URL, autocommit=True) as server:
        for each, name in zip(made, names, strict=True):
            server.execute(f'CREATE DATABASE "{name}"')
            each.variables["DATABASE_URL"] = urlsplit(URL)._replace(path=f"/{name}").geturl()
        yield made
        for name in names:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_everything_is_there_again(
    pair: list[Installation], passphrase: str, tmp_path: Path
) -> None:
    first, second = pair
    file = str(tmp_path / "one.backup")
    assert first.do("migrate", "-v0").returncode == 0
    made = first.account(
        *("create", "nightly", "--scope", "fr:idm:*", "--key-file", str(tmp_path / "key.jwk"))
    )
    done = first.do("backup", file, passphrase)
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(file).stat().st_mode & 0o777 == 0o600
    ended = first.account("delete", made["id"])
    assert ended["id"] == made["id"]

    compared = first.do("restore", file, "--compare")
    assert [json.loads(line)["user_name"] for line in compared.stdout.splitlines()] == ["nightly"]

    restored = second.do("restore", file, passphrase)
    assert (restored.returncode, restored.stderr) == (0, "")
    assert "1 keys and tokens work" in restored.stdout
    assert first.keys() <= second.keys()
    assert second.account("show", made["id"])["status"] == "active"
    assert second.do("restore", file, "--compare").stdout == ""
    # ids go on behind those that were restored, and what was restored can be changed
    assert second.account("disable", made["id"])["status"] == "disabled"
    assert second.do("migrate", "--check").returncode == 0

    again = second.do("restore", file, passphrase)
    assert again.returncode == 1
    assert "nothing is written over" in again.stderr


@pytest.mark.sqlite
def test_a_wrong_passphrase_or_a_changed_file_restores_nothing(
    tmp_path: Path, passphrase: str
) -> None:
    first = Installation(tmp_path / "first", {})
    second = Installation(tmp_path / "second", {})
    assert first.do("migrate", "-v0").returncode == 0
    file = tmp_path / "one.backup"
    assert first.do("backup", str(file), passphrase).returncode == 0
    other = tmp_path / "other"
    other.write_text("another phrase of some length")
    refused = second.do("restore", str(file), f"--passphrase-file={other}")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "the passphrase is another one" in refused.stderr
    cut = tmp_path / "cut.backup"
    cut.write_bytes(file.read_bytes()[:-100])
    assert "only a part of one" in second.do("restore", str(cut), passphrase).stderr
    with closing(sqlite3.connect(second.folder / "steward.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


@pytest.mark.sqlite
def test_no_file_is_written_over_and_a_short_passphrase_is_refused(
    tmp_path: Path, passphrase: str
) -> None:
    first = Installation(tmp_path / "first", {})
    assert first.do("migrate", "-v0").returncode == 0
    file = tmp_path / "one.backup"
    file.write_text("mine")
    refused = first.do("backup", str(file), passphrase)
    assert (refused.returncode, file.read_text()) == (1, "mine")
    assert refused.stderr == f"steward: {file} exists already; choose another file\n"
    short = tmp_path / "short"
    short.write_text("too short")
    refused = first.do("backup", str(tmp_path / "two"), f"--passphrase-file={short}")
    assert refused.stderr == "steward: a passphrase has 16 characters or more\n"
    assert sorted(path.name for path in tmp_path.glob("*.backup*")) == ["one.backup"]
    assert not (tmp_path / "two").exists()
