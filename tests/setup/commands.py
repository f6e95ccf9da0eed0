"""Commands run as their users do: each a process of its own, with an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 110


def environment(data_dir: Path, **variables: str) -> dict[str, str]:
    """The environment of a user who has set nothing but `variables`."""
    plain = {"PATH": os.environ["PATH"], "HOME": str(data_dir), "LC_ALL": "C.UTF-8"}
    own = {"STEWARD_DATA_DIR": str(data_dir), "STEWARD_ENV_FILE": ""}
    return plain | own | variables


def manage(data_dir: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "manage.py", *arguments], environment(data_dir, **variables))


def run(command: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=PROJECT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
        umask=0o077,
    )
