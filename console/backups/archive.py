"""The file that a backup is: a ZIP archive whose last member says what the others have to be."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from console.backups.errors import BadBackup

FORMAT: Final = "steward-backup-1"
MANIFEST: Final = "manifest.json"
KEYS: Final = "keys"
CHUNK_BYTES: Final = 1024 * 1024
LONGEST_MANIFEST: Final = 16 * 1024 * 1024
"""Bytes; what is larger was not written by us."""
LONGEST_KEYS: Final = 1024 * 1024
"""Bytes, sealed."""


@dataclass(frozen=True)
class Manifest:
    """What is in a backup. `members` holds the SHA-256 of each, in hexadecimal digits."""

    engine: str
    made_at: str
    """By RFC 3339, in UTC."""
    public_url: str
    migrations: list[list[str]]
    rows: dict[str, int]
    members: dict[str, str] = field(default_factory=dict)
    format: str = FORMAT

    def encoded(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True, indent=1).encode()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.encoded()).hexdigest()


class Writer:
    """Adds members one after the other, and knows the digest of each."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.digests: dict[str, str] = {}

    @contextmanager
    def member(self, name: str) -> Iterator[IO[bytes]]:
        with self._archive.open(name, "w", force_zip64=True) as opened:
            digesting = _Digesting(opened)
            yield digesting  # type: ignore[misc]
        self.digests[name] = digesting.digest.hexdigest()

    def finish(self, manifest: Manifest, keys: str) -> None:
        if keys:
            self._archive.writestr(KEYS, keys)
        self._archive.writestr(MANIFEST, manifest.encoded())


class _Digesting:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A new archive for this user alone; where anything fails there is no file.

    Raises:
        FileExistsError: nothing is ever written over.
    """
    if path.exists():
        raise FileExistsError(path)
    unfinished = path.with_name(f".{path.name}.unfinished")
    number = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "wb") as opened:
            with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                yield Writer(archive)
            opened.flush()
            os.fsync(opened.fileno())
        # refuses where somebody made a file of that name meanwhile
        os.link(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


class Reader:
    """A backup whose manifest was read; members are checked when they are."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.manifest = _manifest(archive)
        self.keys = _keys(archive)

    @contextmanager
    def member(self, name: str) -> Iterator[IO[bytes]]:
        if name not in self.manifest.members:
            raise BadBackup(f"The backup has no {name}.")
        with self._archive.open(name) as opened:
            yield opened

    def check(self) -> None:
        """Read all of it once and compare.

        Raises:
            BadBackup: something is missing, is there too much, or is not what was written.
        """
        there = set(self._archive.namelist()) - {MANIFEST, KEYS}
        if there != self.manifest.members.keys():
            raise BadBackup("The backup does not hold what its manifest lists.")
        for name, expected in self.manifest.members.items():
            digest = hashlib.sha256()
            try:
                with self._archive.open(name) as opened:
                    while chunk := opened.read(CHUNK_BYTES):
                        digest.update(chunk)
            except (zipfile.BadZipFile, EOFError) as error:
                raise BadBackup(f"The backup is damaged at {name}.") from error
            if digest.hexdigest() != expected:
                raise BadBackup(f"The backup is damaged at {name}.")


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Open a backup.

    Raises:
        BadBackup: it is none of ours, or its end is missing.
        OSError: it cannot be read.
    """
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise BadBackup(f"{path.name} is no backup, or only a part of one.") from error
    with archive:
        yield Reader(archive)


def _keys(archive: zipfile.ZipFile) -> str:
    if KEYS not in archive.namelist():
        return ""
    if archive.getinfo(KEYS).file_size > LONGEST_KEYS:
        raise BadBackup("This is no backup of Steward.")
    try:
        return archive.read(KEYS).decode()
    except (ValueError, zipfile.BadZipFile) as error:
        raise BadBackup("The keys in this backup cannot be read.") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        if archive.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
            raise BadBackup("This is no backup of Steward.")
        told: dict[str, Any] = json.loads(archive.read(MANIFEST))
        manifest = Manifest(**told)
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise BadBackup("This is no backup of Steward.") from error
    if manifest.format != FORMAT:
        raise BadBackup(f"This backup is of another form ({manifest.format!s:.40}).")
    return manifest
