"""The file that everybody reads: four columns, as an administrator would export them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

COLUMNS: Final = ("id", "name", "e-mail", "purpose")
HEADER: Final = ",".join(COLUMNS) + "\n"


def lines(rows: int, *, delta: bool, moved: int) -> Iterator[str]:
    for number in range(rows):
        if delta and number % 100 == 0:
            yield f"NEW-{number:07d},new-{number:07d},new{number}@example.com,New\n"
        else:
            purpose = f"Automate the report number {number}"
            is_moved = 1 <= number % 100 <= moved
            email = f"owner{number % 5000}@example.{'net' if is_moved else 'com'}"
            yield f"SA-{number:07d},svc-{number:07d},{email},{purpose}\n"


def write(
    path: Path, rows: int, *, delta: bool = False, moved: int = 0, shuffled: bool = False
) -> Path:
    """With `delta` 1 % of the accounts are new and 1 % are gone; `moved` per cent have another
    address."""
    found = lines(rows, delta=delta, moved=moved)
    with path.open("w") as file:
        file.write(HEADER)
        if shuffled:
            everything = list(found)
            random.Random(1).shuffle(everything)
            found = iter(everything)
        file.writelines(found)
    return path
