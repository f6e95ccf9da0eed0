"""Which letters look like which others, and which scripts a word mixes (Unicode UTS 39)."""

from functools import cache
from typing import Final

from confusable_homoglyphs import categories, confusables

SCRIPTS_TOGETHER: Final = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
)
"""What one word may mix, as Japanese, Chinese and Korean do (UTS 39, highly restrictive)."""

NO_SCRIPT: Final = frozenset({"COMMON", "INHERITED", "Unknown"})

LEFT_TO_RIGHT_MARK: Final = "\u200e"
"""The data wraps right-to-left characters in it."""


def script(character: str) -> str:
    """The script of a character in words ("Latin"), or "" for what all scripts share."""
    alias = str(categories.alias(character))
    return "" if alias in NO_SCRIPT else alias.replace("_", " ").title()


def mixed_scripts(word: str) -> list[str]:
    """The scripts of a word that do not belong together, in the order met; empty when they do."""
    aliases = [str(categories.alias(character)) for character in word]
    scripts = [alias for alias in dict.fromkeys(aliases) if alias not in NO_SCRIPT]
    if len(scripts) < 2 or any(together.issuperset(scripts) for together in SCRIPTS_TOGETHER):
        return []
    return [alias.replace("_", " ").title() for alias in scripts]


def fold(character: str) -> str:
    """What a case-folded character looks like: one form for all that look the same.

    The small letter decides. Where only the capital looks like an ASCII one, it does, so that
    the Cyrillic capitals of "ВОТ" fold to "bot" and both cases still fold alike. Small i and l
    stay apart (Kari is not Karl), as in the Unicode data.
    """
    small = _prototypes().get(character, character)
    if small.isascii():
        return small.casefold()
    capital = character.upper()
    capital = _prototypes().get(capital, capital)
    return capital.casefold() if len(capital) == 1 and capital.isascii() else small


@cache
def _prototypes() -> dict[str, str]:
    """Each single character that looks like something else, to the form that stands for all.

    The data lists every pair in both directions and does not say which side is the form that
    stands for the others: it is the one with the most pairs, then ASCII, then the lowest.
    """
    pairs: dict[str, set[str]] = {}
    for text, others in confusables.confusables_data.items():
        bare = text.strip(LEFT_TO_RIGHT_MARK)
        pairs.setdefault(bare, set()).update(o["c"].strip(LEFT_TO_RIGHT_MARK) for o in others)

    def rank(text: str) -> tuple[int, bool, str]:
        return -len(pairs[text]), not text.isascii(), text

    prototypes = {text: min({text, *others}, key=rank) for text, others in pairs.items()}
    return {text: form for text, form in prototypes.items() if len(text) == 1 and form != text}
