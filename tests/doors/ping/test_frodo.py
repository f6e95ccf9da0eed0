from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doors.ping.frodo import count, info
from tests.setup.running import Running, manage, serving

pytestmark = pytest.mark.sqlite


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with serving(tmp_path / "data") as found:
        yield found


def create(running: Running, key: Path, *scopes: str) -> dict[str, Any]:
    arguments = [part for scope in scopes for part in ("--scope", scope)]
    made = manage(
        running.data_dir,
        *("service_account", "create", key.stem, *arguments, "--key-file", str(key)),
    )
    assert made.returncode == 0, made.stderr
    answer: dict[str, Any] = json.loads(made.stdout)
    return answer


def test_the_vendors_client_knows_the_account_and_counts_identities(
    running: Running, tmp_path: Path
) -> None:
    key, home = tmp_path / "audit01.jwk", tmp_path / "home"
    account = create(running, key, "fr:am:*", "fr:idm:*")

    known = info(home, running.url, account["id"], key)
    counted = count(home, running.url, account["id"], key)

    assert known.returncode == 0, known.stderr
    assert "audit01" in known.stdout
    assert counted.returncode == 0, counted.stderr
    assert "alpha_user: 1" in counted.stdout + counted.stderr


def test_the_vendors_client_is_refused_with_another_key_and_after_delete(
    running: Running, tmp_path: Path
) -> None:
    key, other, home = tmp_path / "one.jwk", tmp_path / "two.jwk", tmp_path / "home"
    account = create(running, key, "fr:am:*", "fr:idm:*")
    create(running, other, "fr:am:*", "fr:idm:*")

    assert info(home, running.url, account["id"], other).returncode == 1
    assert info(home, running.url, account["id"], key).returncode == 0
    assert manage(running.data_dir, "service_account", "delete", account["id"]).returncode == 0
    assert info(home, running.url, account["id"], key).returncode == 1
    assert count(home, running.url, account["id"], key).returncode == 1
