"""Our own source files."""

from __future__ import annotations

import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
APPS = ("console", "tokens", "accounts")
CODE = (*APPS, "tests")


def python_files(*folders: str) -> list[Path]:
    """Python files below `folders`, but for migrations, which nobody reads for their form."""
    found = (path for folder in folders for path in (PROJECT / folder).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def tracked() -> list[str]:
    """What is in the repository; where there is none, what lies in the folder."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return [name for name in done.stdout.splitlines() if (PROJECT / name).exists()]
    return [name_of(path) for path in PROJECT.iterdir() if path.name != ".venv"]
