"""`decomposeDiacriticalMarks`: letters without their accents."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import Evaluate, Node, PlainTransform
from accounts.profiles.transforms.values import growing

MARKS: Final = re.compile("[\u0300-\u036f]+")


class DecomposeDiacriticalMarks(PlainTransform):
    type = "decomposeDiacriticalMarks"
    label = _lazy("Decompose diacritical marks")
    description = _lazy(
        "Takes accents off the letters (NFKD); letters that are no accented ones, as ß and ø, stay."
    )
    sample = {"type": "decomposeDiacriticalMarks"}

    def build(self, node: Node) -> Evaluate:
        return growing(node, without_marks)


def without_marks(text: str) -> str:
    if text.isascii():
        return text
    return MARKS.sub("", unicodedata.normalize("NFKD", text))
