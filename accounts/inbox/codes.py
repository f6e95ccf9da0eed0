"""One-time codes in what people are sent: found by the words that stand around them."""

from __future__ import annotations

import re
from typing import Final

LONGEST_SEARCHED: Final = 20_000
"""Characters; a code stands near the beginning, or there is none."""
NEAR: Final = 80
"""Characters between a code and the word that says what it is."""

WORDS: Final = re.compile(
    r"(?<![^\W_])(?:codes?|otp|totp|pass ?codes?|pin|verif(?:y|ication|ying)|one[- ]time|2fa|mfa"
    r"|authenticat(?:e|ion)|confirm(?:ation)?|security code|sign[- ]?in|log[- ]?in"
    r"|kode|código|codice|bestätigungscode|sicherheitscode|einmalcode)(?![^\W_])",
    re.IGNORECASE,
)
DIGITS: Final = re.compile(
    r"(?<![\w.,:/+#$€£@-])(?:[A-Z]-)?(\d{3}[ -]\d{3}|\d{4}[ -]\d{4}|\d{4,8})"
    r"(?![\w@%]|[.,:/-]\d| ?[€$£])"
)
"""With the letter and dash in front that some write before them, which are not typed."""
MIXED: Final = re.compile(
    r"(?<![\w.,:/+#@-])(?=[A-Z-]*\d)(?=[\d-]*[A-Z])([A-Z0-9]{3,5}-[A-Z0-9]{3,5}|[A-Z0-9]{5,10})"
    r"(?![\w@]|[.,:/-]\w)"
)
ADDRESS: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
YEAR: Final = re.compile(r"(?:19|20)\d\d")
FAR: Final = 10_000


def find(*texts: str) -> str:
    """The code to type, out of the first text that holds one; empty where none does."""
    for text in texts:
        # what an address holds is no code, and could be cut out of one
        searched = ADDRESS.sub(" ", text[:LONGEST_SEARCHED])
        found = _best(searched)
        if found:
            return found
    return ""


def masked(text: str, code: str) -> str:
    """A text in which a code cannot be read."""
    return text.replace(code, "•" * len(code)) if code else text


def _best(text: str) -> str:
    words = [match.span() for match in WORDS.finditer(text)]
    if not words:
        return ""
    found = [
        (_distance(match, words), match.start(), match[1])
        for pattern in (DIGITS, MIXED)
        for match in pattern.finditer(text)
    ]
    near = [each for each in found if each[0] <= NEAR]
    return min(near)[2] if near else ""


def _distance(match: re.Match[str], words: list[tuple[int, int]]) -> int:
    """Characters to the nearest word; a year counts as far unless one stands right beside it."""
    before = [match.start() - end for _start, end in words if end <= match.start()]
    after = [start - match.end() for start, _end in words if start >= match.end()]
    nearest = min(before + after, default=FAR)
    return nearest + (NEAR - 4 if YEAR.fullmatch(match[1]) else 0)
