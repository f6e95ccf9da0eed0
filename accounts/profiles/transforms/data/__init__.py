"""Countries and languages by their names and codes; the files beside name their sources."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from accounts.profiles.transforms.decompose_diacritical_marks import without_marks

FOLDER: Final = Path(__file__).parent

IDLE_WORDS: Final = frozenset({"and", "the"})


def rows(name: str) -> Iterator[list[str]]:
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


def key(name: str) -> str:
    """What two spellings of a name have in common: case, accents and punctuation do not count."""
    plain = without_marks(name.casefold())
    signs = (c if unicodedata.category(c)[0] in "LMN" else " " for c in plain)
    words = "".join(signs).split()
    # AND alone is Andorra
    return " ".join(word for word in words if word not in IDLE_WORDS or len(words) == 1)
