"""The file of a backup: whole, as it was written, and of ours, or refused."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from console.backups import archive, keys
from console.backups.archive import Manifest
from console.backups.errors import BadBackup

pytestmark = pytest.mark.sqlite

PASSPHRASE = "a passphrase of some length"


def write(path: Path) -> Manifest:
    with archive.writing(path) as writer:
        with writer.member("table") as member:
            member.write(b"one\ntwo\n")
        manifest = Manifest(
            engine="sqlite",
            made_at="2026-11-23T12:00:00+00:00",
            public_url="https://steward.example.com",
            migrations=[["accounts", "0001_initial"]],
            rows={"table": 2},
            members=dict(writer.digests),
        )
        sealed = keys.seal({"sealing_key": "secret"}, PASSPHRASE, bound_to=manifest.digest)
        writer.finish(manifest, sealed)
    return manifest


def read(path: Path) -> dict[str, str]:
    with archive.reading(path) as reader:
        reader.check()
        return keys.open_sealed(reader.keys, PASSPHRASE, bound_to=reader.manifest.digest)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    write(path)
    assert read(path) == {"sealing_key": "secret"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"secret" not in path.read_bytes()


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    def fail() -> None:
        with archive.writing(tmp_path / "a.backup") as writer, writer.member("table"):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def changed(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(path) as before:
        members = {name: before.read(name) for name in before.namelist()}
    change(members)
    other = path.with_name("changed.backup")
    with zipfile.ZipFile(other, "w") as after:
        for name, content in members.items():
            after.writestr(name, content)
    return other


def rows_and_digest(members: dict[str, bytes]) -> None:
    """Somebody who can write digests, but has no passphrase."""
    members["table"] = b"three\n"
    manifest = json.loads(members[archive.MANIFEST])
    manifest["members"]["table"] = (
        "f7f0ae6b6e8a1bd2ddf4b7a1ea2d0d6e2df6d4d0d4fdd8b5ad3f0e1bd0b5d7f1"
    )
    members[archive.MANIFEST] = json.dumps(manifest).encode()


def right_digest(members: dict[str, bytes]) -> None:
    import hashlib

    rows_and_digest(members)
    manifest = json.loads(members[archive.MANIFEST])
    manifest["members"]["table"] = hashlib.sha256(members["table"]).hexdigest()
    members[archive.MANIFEST] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda members: members.update(table=b"three\n"),
        lambda members: members.update(more=b"three\n"),
        lambda members: members.pop("table"),
        lambda members: members.pop(archive.MANIFEST),
        lambda members: members.update({archive.MANIFEST: b"[]"}),
        lambda members: members.update({archive.MANIFEST: b'{"format": "other"}'}),
        lambda members: members.update({archive.KEYS: b"AAAA"}),
        rows_and_digest,
        right_digest,
    ],
)
def test_whatever_was_changed_is_refused(
    tmp_path: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    path = tmp_path / "a.backup"
    write(path)
    with pytest.raises(BadBackup):
        read(changed(path, change))


def test_the_keys_of_one_backup_open_in_no_other(tmp_path: Path) -> None:
    write(tmp_path / "a.backup")
    with archive.reading(tmp_path / "a.backup") as reader, pytest.raises(BadBackup):
        keys.open_sealed(reader.keys, PASSPHRASE, bound_to="another digest")


def test_a_file_that_is_none_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    path.write_bytes(b"PK\x03\x04 something")
    with pytest.raises(BadBackup, match="no backup"):
        read(path)
