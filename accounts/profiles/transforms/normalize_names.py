"""`normalizeNames`: the capitals of names."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import Evaluate, Node, PlainTransform
from accounts.profiles.transforms.values import growing

PARTICLES: Final = frozenset({"von", "del", "of", "de", "la", "y"})

NUMERALS: Final = frozenset({"ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"})

BREAKS: Final = re.compile(r"([-'’])")

PATRONYMIC: Final = re.compile(r"mc\w{2,}|mac[bcdfglmnpqrstvwxz]\w{3,}")
"""McDonald and MacDonald, but neither Machado nor Macias, Mack, Macy or Macron."""


class NormalizeNames(PlainTransform):
    type = "normalizeNames"
    label = _lazy("Normalize names")
    description = _lazy(
        "Writes names with the usual capitals: O'Brien, Smith-Jones, McDonald, von Berg, John III."
    )
    sample = {"type": "normalizeNames"}

    def build(self, node: Node) -> Evaluate:
        return growing(node, normalize)


def normalize(text: str) -> str:
    pieces = re.split(r"(\s+)", text.lower())
    words = [place for place, piece in enumerate(pieces) if piece and not piece.isspace()]
    for place in words:
        word = pieces[place]
        if word in NUMERALS and place == words[-1] and place != words[0]:
            pieces[place] = word.upper()
        elif word not in PARTICLES:
            pieces[place] = "".join(_capital(part) for part in BREAKS.split(word))
    return "".join(pieces)


def _capital(part: str) -> str:
    if PATRONYMIC.fullmatch(part):
        prefix = 2 if part.startswith("mc") else 3
        return part[:prefix].capitalize() + part[prefix:].capitalize()
    return part[:1].upper() + part[1:]
