"""Data folders made ready once a run and copied: migrating anew for each instance takes long."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.setup.commands import manage


def lay_out(data_dir: Path) -> None:
    """A data folder as the first start leaves it, but for the secrets: each has its own."""
    if data_dir.exists() and any(data_dir.iterdir()):
        return
    _copy(_migrated(), data_dir)


def lay_out_demo(data_dir: Path) -> None:
    """A data folder with the demonstration tenant, and the keys that open what is sealed in it."""
    _copy(_seeded(), data_dir)


@cache
def _migrated() -> Path:
    folder = _folder()
    for command in (["migrate"], ["collectstatic", "--noinput"]):
        _manage(folder, *command)
    for name in ("secret_key", "sealing_key"):
        (folder / name).unlink()
    return folder


@cache
def _seeded() -> Path:
    folder = _folder()
    _copy(_migrated(), folder)
    _manage(folder, "seed_demo")
    return folder


def _folder() -> Path:
    above = tempfile.mkdtemp(prefix="steward-prepared-")
    atexit.register(shutil.rmtree, above, ignore_errors=True)
    return Path(above, "data")


def _manage(folder: Path, *command: str) -> None:
    done = manage(folder, *command, "--verbosity=0")
    assert done.returncode == 0, done.stderr
    assert not list(folder.glob("*-wal")), "all of it stands in the file"


def _copy(prepared: Path, data_dir: Path) -> None:
    """With times and modes: static files that look newer than theirs would be collected again."""
    shutil.copytree(prepared, data_dir, dirs_exist_ok=True)
    data_dir.chmod(0o700)
