"""`rotate_sealing_keys`, and a start with a ring that lacks a key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Identity, Job, SealingKey
from accounts.sealing import queries, ring_file
from accounts.sealing.keyring import key_ring, parse
from console.management.commands.serve import CannotStart, check_sealing_keys
from tests.factories.vault import make_item
from tests.sealing.ring import line, newest
from tests.setup.commands import manage
from tests.setup.prepared import lay_out_demo
from tests.setup.running import free_port


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("rotate_sealing_keys", *arguments)
    return capsys.readouterr().out


def test_it_rotates_tells_and_takes_out(
    otto: Identity, ring: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_item(otto)
    old = newest()
    assert f"{old}  seals    1 values" in said(capsys, "--status")
    assert key_ring().newest == old
    told = said(capsys)
    assert f"Key {newest()} seals from now on." in told
    assert f"{old}  opens    1 values" in told
    assert "Wrapping: queued, 0 of ?" in told
    with pytest.raises(SystemExit):
        call_command("rotate_sealing_keys")
    assert "being done already" in capsys.readouterr().err
    Job.objects.all().delete()
    assert f"{newest()}  seals    1 values" in said(capsys, "--rewrap", "--here")
    with pytest.raises(SystemExit):
        call_command("rotate_sealing_keys", "--take-out", old)
    assert "a moment ago" in capsys.readouterr().err
    SealingKey.objects.update(seen_at=timezone.now() - timedelta(hours=2))
    assert f"{old}  opens    0 values, may be taken out" in said(capsys, "--status")
    told = said(capsys, "--take-out", old)
    assert f"A copy is in {ring_file.copy_path()}" in told
    assert set(parse(ring.read_text()).keys) == {newest()}


def test_a_ring_that_lacks_a_key_is_told_before_anything_starts(otto: Identity, ring: Path) -> None:
    check_sealing_keys()
    make_item(otto)
    check_sealing_keys()
    gone = newest()
    ring.write_text(line(ring_file.new_key()))
    assert queries.missing() == {gone: 1}
    with pytest.raises(CannotStart, match=f"lacks the key {gone} of 1 sealed values"):
        check_sealing_keys()


@pytest.mark.sqlite
def test_a_start_with_another_key_refuses_in_one_line_and_writes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    lay_out_demo(data)
    (data / "sealing_key").write_text(line(ring_file.new_key()))
    database = (data / "steward.sqlite3").read_bytes()
    done = manage(data, "serve", PORT=str(free_port()))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("steward: STEWARD_SEALING_KEY_FILE names ")
    assert "restore it from a backup" in done.stderr
    assert done.stderr.count("\n") == 1
    assert (data / "steward.sqlite3").read_bytes() == database
