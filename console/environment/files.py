"""The data folder, the secrets in it, and the file that may stand in for the environment."""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

import environ

from console.environment.secret_files import BadSecretFile, read_or_make
from console.environment.values import BASE_DIR, BadValue, path, text

SECRET_KEY_CHARACTERS = 50
"""Shortest secret key that `check --deploy` accepts."""
SEALING_KEY_BYTES = 32

_LINE = re.compile(r"\s*(#.*)?|(export )?[A-Za-z_][A-Za-z_0-9]*=.*")


def read_env_file(variables: Mapping[str, str]) -> None:
    """Add what `.env` (or the file that `STEWARD_ENV_FILE` names) says to the real environment.

    What is set already wins. An empty `STEWARD_ENV_FILE` means no file.
    """
    named = variables.get("STEWARD_ENV_FILE")
    if named == "":
        return
    file = BASE_DIR / (named or ".env")
    if not file.exists():
        if named:
            raise BadValue("STEWARD_ENV_FILE", f"names {file}, which is absent", "make or unset it")
        return
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadValue(str(file), "cannot be read", "mend or remove it") from error
    for number, line in enumerate(lines, start=1):
        if not _LINE.fullmatch(line):
            raise BadValue(
                f"{file} line {number}", "is not NAME=value", "mend it or start it with #"
            )
    environ.Env.read_env(file, overwrite=False)


def make_data_dir(data_dir: Path) -> None:
    """Make the folder for this user only; one that others can enter is refused, not changed.

    Changing the mode of a folder that was named by mistake, say /tmp, would do harm. An empty one,
    say a fresh volume, is taken over.
    """
    try:
        for folder in (*reversed(data_dir.parents), data_dir):
            # each by itself: with `parents=True` the upper ones would be open to others
            folder.mkdir(mode=0o700, exist_ok=True)
        if data_dir.stat().st_mode & 0o077:
            if any(data_dir.iterdir()):
                raise BadValue(
                    "STEWARD_DATA_DIR",
                    f"is {data_dir}, which other users can enter",
                    f"run: chmod 700 {data_dir}",
                )
            data_dir.chmod(0o700)
    except FileExistsError as error:
        raise BadValue(
            "STEWARD_DATA_DIR", f"is {data_dir}, which is no folder", "name another one"
        ) from error
    except OSError as error:
        raise BadValue(
            "STEWARD_DATA_DIR",
            f"is {data_dir}, which cannot be used ({error.strerror})",
            "name a folder that this user may write to",
        ) from error
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise BadValue(
            "STEWARD_DATA_DIR",
            f"is {data_dir}, which this user may not write to",
            "name another folder",
        )


def secret_key(env: environ.Env, data_dir: Path) -> str:
    """`SECRET_KEY`, else the content of `SECRET_KEY_FILE`, made when absent."""
    value = text(env, "SECRET_KEY")
    variable = "SECRET_KEY"
    if not value:
        variable = "SECRET_KEY_FILE"
        value = _from_file(variable, path(env, variable, data_dir / "secret_key"), _new_secret_key)
    if len(value) < SECRET_KEY_CHARACTERS or len(set(value)) < 5:
        raise BadValue(
            variable,
            f"holds fewer than {SECRET_KEY_CHARACTERS} characters, or hardly different ones",
            "set a random one, or unset it to have one made",
        )
    return value


def sealing_key_file(env: environ.Env, data_dir: Path) -> Path:
    """The file with the keys that seal secrets: 32 random bytes as base64url a line."""
    variable = "STEWARD_SEALING_KEY_FILE"
    file = path(env, variable, data_dir / "sealing_key")
    for line in _from_file(variable, file, _new_sealing_key).split():
        try:
            key = base64.urlsafe_b64decode(line + "=" * (-len(line) % 4))
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != SEALING_KEY_BYTES:
            raise BadValue(
                variable,
                f"names {file}, where a line is not {SEALING_KEY_BYTES} bytes as base64url",
                "restore it from a backup",
            )
    return file


def _from_file(variable: str, file: Path, make: Callable[[], str]) -> str:
    try:
        return read_or_make(file, make)
    except BadSecretFile as error:
        raise BadValue(variable, f"names {file}, which {error.problem}", error.mend) from error


def _new_secret_key() -> str:
    return secrets.token_urlsafe(64)


def _new_sealing_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(SEALING_KEY_BYTES)).decode().rstrip("=")
