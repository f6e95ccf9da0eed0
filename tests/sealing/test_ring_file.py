"""The file of sealing keys, changed by one process while others read it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Event, Job, SealingKey
from accounts.sealing import actions, keyring, open_sealed, ring_file, seal
from accounts.sealing.keyring import key_ring, parse
from accounts.sealing.ring_file import RingIsReadOnly
from tests.sealing.ring import line, newest
from tests.setup.commands import PROJECT

PLACE = "not_kept:test"
ADD = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure(STEWARD_SEALING_KEY_FILE=Path(sys.argv[1]))
from accounts.sealing import ring_file
for _turn in range(20):
    with ring_file.locked():
        ring_file.add(ring_file.new_key())
"""

pytestmark = pytest.mark.sqlite


def add() -> None:
    with ring_file.locked():
        ring_file.add(ring_file.new_key())


def test_a_key_that_another_process_added_is_known_at_once(ring: Path) -> None:
    before, sealed = key_ring(), seal(b"before", context=PLACE)
    ring.write_text(line(ring_file.new_key()) + ring.read_text())
    assert newest() != before.newest
    assert open_sealed(sealed, context=PLACE) == b"before"
    assert seal(b"after", context=PLACE).key_id == newest()


def test_two_processes_that_add_lose_no_key(ring: Path) -> None:
    command = [sys.executable, "-c", ADD, str(ring)]
    both = [subprocess.Popen(command, cwd=PROJECT) for _turn in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert len(parse(ring.read_text()).keys) == 41


def test_a_reader_never_sees_half_a_file(ring: Path) -> None:
    stop, seen = threading.Event(), set()

    def read() -> None:
        while not stop.is_set():
            seen.add(len(parse(ring.read_text()).keys))

    reader = threading.Thread(target=read)
    reader.start()
    for _turn in range(50):
        add()
    stop.set()
    reader.join()
    assert min(seen) >= 1
    assert len(key_ring().keys) == 51


def test_it_stays_for_this_user_alone_and_nothing_else_is_left(ring: Path) -> None:
    old = newest()
    umask = os.umask(0)
    try:
        add()
        with ring_file.locked():
            beside = ring_file.take_out(old)
    finally:
        os.umask(umask)
    assert {file.name for file in ring.parent.iterdir()} == {ring.name, beside.name}
    for file in (ring, beside):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_taken_out_is_kept_beside_it_also_the_second_time(ring: Path) -> None:
    first = newest()
    for _turn in range(2):
        add()
    second = list(key_ring().keys)[1]
    keys = dict(key_ring().keys)
    for key in (first, second, second):
        if key in key_ring().keys:
            with ring_file.locked():
                beside = ring_file.take_out(key)
    assert set(key_ring().keys) == {newest()}
    assert parse(beside.read_text()).keys == {key: keys[key] for key in (second, first)}
    assert ring.exists()


def test_dying_before_the_new_file_is_in_place_leaves_the_old_one(ring: Path) -> None:
    text = ring.read_text()
    with (
        patch.object(Path, "replace", side_effect=OSError(5, "I/O error")),
        pytest.raises(OSError, match="I/O"),
    ):
        add()
    assert ring.read_text() == text
    assert [file.name for file in ring.parent.iterdir()] == [ring.name]


def test_a_key_is_kept_beside_it_before_it_is_taken_out(ring: Path) -> None:
    """Whatever fails in between, the key is in one of the two files."""
    old = newest()
    add()
    text, replace = ring.read_text(), Path.replace

    def only_beside(self: Path, target: Path) -> Path:
        if target.name == ring.name:
            raise OSError(5, "I/O error")
        return replace(self, target)

    with (
        patch.object(Path, "replace", only_beside),
        pytest.raises(OSError, match="I/O"),
        ring_file.locked(),
    ):
        ring_file.take_out(old)
    assert ring.read_text() == text
    assert old in parse(ring_file.copy_path().read_text()).keys


def test_a_link_stays_a_link(ring: Path) -> None:
    real = ring.parent / "elsewhere"
    ring.rename(real)
    ring.symlink_to(real)
    add()
    assert ring.is_symlink()
    assert len(parse(real.read_text()).keys) == 2


@pytest.mark.parametrize("harm", ["", "not a key\n"])
def test_a_file_that_was_damaged_stops_nothing_that_runs(ring: Path, harm: str) -> None:
    sealed = seal(b"before", context=PLACE)
    text = ring.read_text()
    ring.write_text(harm)
    assert open_sealed(sealed, context=PLACE) == b"before"
    ring.unlink()
    assert open_sealed(sealed, context=PLACE) == b"before"
    ring.write_text(text)
    assert open_sealed(sealed, context=PLACE) == b"before"


def test_a_file_that_was_never_good_is_no_ring(ring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring.write_text("not a key\n")
    monkeypatch.setattr(keyring, "_read", None)
    with pytest.raises(ImproperlyConfigured):
        key_ring()


@pytest.mark.django_db
@pytest.mark.usefixtures("ring")
def test_a_file_that_another_keeps_is_not_rotated_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ring_file, "is_writable", lambda: False)
    with pytest.raises(RingIsReadOnly):
        actions.rotate(by=SYSTEM, at=timezone.now())
    with pytest.raises(RingIsReadOnly):
        actions.take_out(by=SYSTEM, key=newest(), at=timezone.now())
    assert not Event.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("ring")
def test_a_file_that_cannot_be_replaced_leaves_no_row_and_no_job() -> None:
    """As where it alone is mounted into a container: the folder may be written, the file not."""
    with (
        patch.object(Path, "replace", side_effect=OSError(16, "busy")),
        pytest.raises(RingIsReadOnly),
    ):
        actions.rotate(by=SYSTEM, at=timezone.now())
    assert not Event.objects.exists()
    assert not Job.objects.exists()
    assert not SealingKey.objects.exists()


@pytest.mark.django_db
def test_keys_that_came_from_elsewhere_get_their_date_when_they_are_seen(ring: Path) -> None:
    now = timezone.now()
    actions.note_keys(at=now)
    ring.write_text(line(ring_file.new_key()) + ring.read_text())
    actions.note_keys(at=now + timedelta(days=1))
    actions.note_keys(at=now + timedelta(days=2))
    seen = dict(SealingKey.objects.values_list("key_id", "seen_at"))
    assert seen == dict(zip(key_ring().keys, (now + timedelta(days=1), now), strict=True))
