"""Passwords made by chance, and how strong one is."""

from __future__ import annotations

import secrets
import string
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import zxcvbn
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identities.passwords import LOOKED_AT
from accounts.lib.errors import DomainError

SHORTEST: Final = 5
LONGEST: Final = 50
"""Characters of a password that is made here; one that is typed may be longer."""
DEFAULT_LENGTH: Final = 20
CLASSES: Final[dict[str, str]] = {
    "upper": string.ascii_uppercase,
    "lower": string.ascii_lowercase,
    "digits": string.digits,
    "symbols": "@#$%^&",
}
CONSONANTS: Final = "bdfghjklmnprstvz"
VOWELS: Final = "aeiou"
SYLLABLES_OF_A_WORD: Final = 3
"""With 80 syllables: some 19 bits a word."""
WORD_LENGTH: Final = 2 * SYLLABLES_OF_A_WORD
MODERATE_FROM_GUESSES: Final = 10**8
STRONG_FROM_GUESSES: Final = 10**13


class Strength(StrEnum):
    WEAK = "weak"
    MODERATE = "moderate"
    STRONG = "strong"


IN_WORDS: Final[dict[Strength, str | Promise]] = {
    Strength.WEAK: gettext_lazy("Weak"),
    Strength.MODERATE: gettext_lazy("Moderate"),
    Strength.STRONG: gettext_lazy("Strong"),
}


class BadRecipe(DomainError):
    """No password can be made so."""

    code = "bad_recipe"


def generate(*, length: int, classes: Sequence[str]) -> str:
    """Characters by chance, at least one of each class.

    Raises:
        BadRecipe: the length is out of bounds, or no class is named; `field` names which.
    """
    _check_length(length)
    chosen = [CLASSES[name] for name in CLASSES if name in classes]
    if not chosen:
        raise BadRecipe(_("Choose at least one kind of characters."), field="classes")
    found = [secrets.choice(each) for each in chosen]
    every = "".join(chosen)
    found += [secrets.choice(every) for _n in range(length - len(found))]
    secrets.SystemRandom().shuffle(found)
    return "".join(found)


def passphrase(*, length: int) -> str:
    """Made-up words that can be spoken, as many as fit into `length` characters.

    Raises:
        BadRecipe: the length is out of bounds.
    """
    _check_length(length)
    words = max(1, (length + 1) // (WORD_LENGTH + 1))
    return "-".join(_word() for _n in range(words))[:length]


def strength(password: str) -> Strength:
    """By the guesses that would find it; whatever is often used is weak at any length."""
    looked_at = password[:LOOKED_AT]
    guesses = zxcvbn.zxcvbn(looked_at, max_length=LOOKED_AT)["guesses"] if looked_at else 0
    if guesses < MODERATE_FROM_GUESSES:
        return Strength.WEAK
    return Strength.STRONG if guesses >= STRONG_FROM_GUESSES else Strength.MODERATE


def _word() -> str:
    return "".join(
        secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _n in range(SYLLABLES_OF_A_WORD)
    )


def _check_length(length: int) -> None:
    if not SHORTEST <= length <= LONGEST:
        message = _("Choose a length from %(least)d to %(most)d characters.")
        raise BadRecipe(message % {"least": SHORTEST, "most": LONGEST}, field="length")
