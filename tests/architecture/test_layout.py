"""Everything has its place, and no place grows too large."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.sources import APPS, CODE, PROJECT, name_of, python_files, tracked

pytestmark = pytest.mark.sqlite

TOP_LEVEL = {
    "Makefile",
    "README.md",
    "accounts",
    "console",
    "manage.py",
    "pyproject.toml",
    "static",
    "templates",
    "tests",
    "tokens",
}
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "services", "managers", "signals", "misc", "common"}


def test_nothing_else_lies_at_the_top() -> None:
    found = {name.partition("/")[0] for name in tracked()}
    assert {name for name in found if not name.startswith(".")} == TOP_LEVEL


def test_no_file_is_too_long() -> None:
    suffixes = (".py", ".html", ".css", ".js", ".txt")
    ours = [n for n in tracked() if n.endswith(suffixes) and n.partition("/")[0] in TOP_LEVEL]
    lengths = {
        name: len((PROJECT / name).read_text("utf-8").splitlines())
        for name in ours
        if "migrations/" not in name
    }
    assert {n: lines for n, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE} == {}


def test_no_function_is_too_long() -> None:
    found = {}
    for path in python_files(*CODE):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    found[f"{name_of(path)} {node.name}"] = lines
    assert found == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    names = [path for path in python_files(*APPS) if path.stem in NAMES_THAT_SAY_NOTHING]
    assert [name_of(path) for path in names] == []


@pytest.mark.parametrize("app", APPS)
def test_every_slice_says_in_one_sentence_what_it_owns(app: str) -> None:
    silent = []
    for path in (PROJECT / app).glob("*/__init__.py"):
        if path.parent.name not in ("migrations", "management"):
            sentence = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
            if not sentence.endswith(".") or "\n" in sentence:
                silent.append(name_of(path))
    assert silent == []


def test_a_todo_names_its_issue() -> None:
    open_ended = re.compile(r"\b(?:[T]ODO|[F]IXME|[X]XX)\b(?!.*#\d+)")
    found = [
        f"{name_of(path)}:{number}"
        for path in python_files(*CODE)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if open_ended.search(line)
    ]
    assert found == []
