"""Imports run console -> tokens -> accounts, and slices of the console do not import each other."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import APPS, PROJECT, name_of, python_files

pytestmark = pytest.mark.sqlite

SHARED = {"environment", "management", "ui"}
"""Folders of the console that every slice may use, or that are no slices."""


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, or of what it takes from them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_contracts_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(program), "--no-cache"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_slices_of_the_console_do_not_import_each_other() -> None:
    slices = {path.name for path in (PROJECT / "console").iterdir() if path.is_dir()} - SHARED
    found = []
    for own in sorted(slices):
        for path in python_files(f"console/{own}"):
            for name in imported(path):
                parts = name.split(".")
                if parts[0] == "console" and parts[1:2] and parts[1] in slices - {own}:
                    found.append(f"{name_of(path)} imports {name}")
    assert found == []


def test_what_slices_share_knows_none_of_them() -> None:
    slices = {path.name for path in (PROJECT / "console").iterdir() if path.is_dir()} - SHARED
    found = [
        f"{name_of(path)} imports {name}"
        for path in python_files("console/ui", "console/environment")
        for name in imported(path)
        if name.split(".")[0] == "console" and name.split(".")[1:2] and name.split(".")[1] in slices
    ]
    assert found == []


@pytest.mark.parametrize("app", APPS)
def test_the_other_apps_tables_are_imported_from_their_list(app: str) -> None:
    """Inside an app from the slice; from another app by `<app>.models`, the list of its tables.

    A module that needs what is no table, say a choice or a queryset, still names the slice.
    """
    tables = {name for other in APPS for name in _tables(other)}
    found = [
        f"{name_of(path)} imports {name}"
        for path in python_files(app)
        for name in imported(path)
        if name.split(".")[0] in APPS
        and name.split(".")[0] != app
        and name.split(".")[-1] in tables
        and name.count(".") > 2
    ]
    assert found == []


def _tables(app: str) -> list[str]:
    path = PROJECT / app / "models.py"
    return [name.split(".")[-1] for name in imported(path)] if path.exists() else []
