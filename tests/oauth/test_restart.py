"""What a real restart of the processes keeps: used assertions, tokens, and counts."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.bench import proofs
from tests.setup.running import Running, manage, serving

pytestmark = pytest.mark.sqlite

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def make_holder(running: Running, folder: Path) -> tuple[str, dict[str, Any]]:
    key_file = folder / "key.jwk"
    made = manage(
        running.data_dir,
        *("service_account", "create", "restarted", "--scope", "fr:idm:*"),
        *("--algorithm", "P-256", "--key-file", str(key_file)),
    )
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)["id"], json.loads(key_file.read_text())


def ask(running: Running, body: bytes) -> httpx.Response:
    return httpx.post(f"{running.url}/am/oauth2/access_token", content=body, headers=FORM)


def use(running: Running, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{running.url}/openidm/info/login", headers=headers).status_code


def test_a_restart_loses_nothing(tmp_path: Path) -> None:
    data, public = tmp_path / "data", {"STEWARD_PUBLIC_URL": "http://127.0.0.1:18463"}
    with serving(data, **public) as running:
        account, key = make_holder(running, tmp_path)
        (body,) = proofs.forms(public["STEWARD_PUBLIC_URL"], account, key, "fr:idm:*", 1)
        token = ask(running, body).json()["access_token"]
        assert use(running, token) == 200
        assert running.stop() == 0
    with sqlite3.connect(data / "steward.sqlite3") as database:
        counts = dict(database.execute("SELECT use, count FROM tokens_dailyuse").fetchall())
    database.close()
    assert counts == {"token": 1, "call": 1}
    with serving(data, **public) as running:
        assert ask(running, body).json()["error"] == "invalid_grant"
        assert use(running, token) == 200
