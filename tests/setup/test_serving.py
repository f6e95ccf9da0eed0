"""One command starts everything, and ends it."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.setup.running import READY, Running, free_port, is_alive, manage, serving, starting
from tests.setup.running import wait_until as wait

pytestmark = pytest.mark.sqlite


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("serving") / "data"
    with starting(folder) as instance:
        yield instance


def test_it_says_that_it_is_ready_and_is(running: Running) -> None:
    assert f"{READY}{running.url}\n" in running.log.read_text()
    assert running.log.read_text().count(READY) == 1
    assert httpx.get(f"{running.url}/sign-in/").status_code == 200


def test_pages_are_behind_sign_in(running: Running) -> None:
    answer = httpx.get(f"{running.url}/")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/sign-in/")


def test_static_files_carry_their_hash_and_may_be_kept_for_ever(running: Running) -> None:
    page = httpx.get(f"{running.url}/sign-in/").text
    style = page.partition('href="/static/')[2].partition('"')[0]
    answer = httpx.get(f"{running.url}/static/{style}")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"


def test_headers_forbid_what_no_page_needs(running: Running) -> None:
    headers = httpx.get(f"{running.url}/sign-in/").headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
    )
    assert policy.pop("default-src") == policy.pop("frame-ancestors") == "'none'"
    assert policy.pop("base-uri") == "'none'"
    assert set(policy.values()) == {"'self'"}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"


def test_a_wrong_host_name_is_refused(running: Running) -> None:
    answer = httpx.get(f"{running.url}/sign-in/", headers={"Host": "evil.example.com"})
    assert answer.status_code == 400


def test_what_it_writes_is_for_this_user_only(running: Running) -> None:
    for path in running.data_dir.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_readers_and_the_writer_do_not_wait_for_each_other(running: Running) -> None:
    with sqlite3.connect(running.data_dir / "steward.sqlite3") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_killed_worker_is_started_again(running: Running) -> None:
    first = running.children()["worker"]
    os.kill(first, signal.SIGKILL)
    wait(lambda: running.children().get("worker", first) != first)
    assert running.process.poll() is None


def test_a_port_in_use_is_told_in_one_line(running: Running, tmp_path: Path) -> None:
    done = manage(tmp_path / "data", "serve", PORT=str(running.port))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"steward: PORT {running.port} on HOST 127.0.0.1 cannot be used")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_all_of_itself(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path / "data") as instance:
        children = instance.children()
        assert set(children) == {"web", "worker"}
        assert instance.stop(number) == 0
        assert not any(is_alive(pid) for pid in children.values())
        assert "Traceback" not in instance.log.read_text()


def test_nothing_survives_when_it_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as instance:
        children = instance.children()
        instance.stop(signal.SIGKILL)
        wait(lambda: not any(is_alive(pid) for pid in children.values()))


def test_a_database_that_does_not_answer_is_told_in_one_line(tmp_path: Path) -> None:
    url = "postgresql://me:correct-horse@127.0.0.1:1/steward"
    port = str(free_port())
    done = manage(tmp_path / "data", "serve", PORT=port, DATABASE_URL=url)
    assert done.returncode == 2
    assert done.stderr.startswith("steward: DATABASE_URL names a database that does not answer")
    assert done.stderr.count("\n") == 1
    assert "correct-horse" not in done.stderr
