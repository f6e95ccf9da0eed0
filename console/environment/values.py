from __future__ import annotations

import re
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent
"""The folder of the project."""


class BadValue(Exception):
    """One variable cannot be used: its name, what is wrong, and the mend, in one line.

    The value itself is told only where it can hold no secret.
    """

    def __init__(self, variable: str, problem: str, mend: str) -> None:
        self.variable = variable
        super().__init__(f"{variable} {problem}; {mend}".replace("\n", " "))


def text(env: environ.Env, variable: str) -> str:
    """The value without surrounding space; an empty one counts as not set."""
    value = str(env.str(variable, default="")).strip()
    if not value.isprintable():
        raise BadValue(variable, "holds a control or invisible character", "type it anew")
    return value


def number(env: environ.Env, variable: str, default: int, low: int, high: int) -> int:
    """A whole number from `low` to `high`."""
    value = text(env, variable)
    if not value:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
        raise BadValue(variable, f"is {value!r}", f"set a whole number from {low} to {high}")
    return int(value)


def choice(env: environ.Env, variable: str, default: str, choices: tuple[str, ...]) -> str:
    """One of `choices`, whatever its case."""
    value = text(env, variable) or default
    for each in choices:
        if value.casefold() == each.casefold():
            return each
    raise BadValue(variable, f"is {value!r}", f"set one of {', '.join(choices)}")


def path(env: environ.Env, variable: str, default: Path) -> Path:
    """A path; a relative one is meant from the folder of the project, whatever the current one."""
    value = text(env, variable)
    return BASE_DIR / Path(value).expanduser() if value else default
