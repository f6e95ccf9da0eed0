"""Names and texts that people type: what is let in, what is refused, what counts as equal."""

import hashlib
import re
import unicodedata
from typing import Final

from django.utils.translation import gettext as _

from accounts.lib import lookalikes
from accounts.lib.errors import DomainError

MAX_NAME: Final = 100
"""Characters."""

MAX_USER_NAME: Final = 150
"""Characters."""

MAX_TEXT: Final = 1000
"""Characters."""

MAX_SKELETON: Final = 400
"""Characters; a column of that width holds the key of every name."""

MAX_FOLDED: Final = 1000
"""Characters; no name is that long, and whoever signs in may type megabytes."""

MAX_FILE_NAME: Final = 120
"""Characters; with room for what a browser appends to a second download."""

MAX_MARKS: Final = 4
"""Accents on one letter (UTS 39 section 5.4); more of them paint over the lines around."""

BIDIRECTIONAL: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""They turn the direction of the text, so that it reads otherwise than it is."""

BLANKS: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
)
"""Nothing to see either, although Unicode files them under marks, letters and symbols."""

JOINERS: Final = frozenset("\u200c\u200d")
"""Invisible, but Persian, the Indic scripts and many emoji cannot be written without them."""

EMOJI_STYLE: Final = frozenset("\ufe0e\ufe0f")
"""After a symbol they choose between text and picture; phones send them."""

LINE_BREAKS: Final = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")

USER_NAME_SIGNS: Final = frozenset("._-@+")

RESERVED_FILE_NAMES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
"""Devices on Windows."""


class BadText(DomainError):
    """A text that cannot be taken as typed; the message says what to change."""

    code = "bad_text"


def clean_name(value: str, *, max_length: int = MAX_NAME, field: str | None = "name") -> str:
    """The name of an object: composed (NFC), trimmed, one space between words.

    Raises:
        BadText: it is empty or too long, holds a character that cannot be seen or trusted, or
            a word mixes scripts that look alike.
    """
    _check_length(value, max_length, field)
    _check_characters(value, field)
    name = " ".join(unicodedata.normalize("NFC", value).split())
    if not name:
        raise BadText(_("Type a name."), field=field)
    _check_scripts(name, field)
    return name


def clean_text(
    value: str, *, max_length: int = MAX_TEXT, multiline: bool = True, field: str | None = None
) -> str:
    """A description, composed and trimmed; it may be empty, and joiners may stand in it.

    With `multiline` line breaks become LF and tabs stay; without it they are refused.

    Raises:
        BadText: it is too long or holds a character that cannot be seen or trusted.
    """
    allowed = JOINERS
    if multiline:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
        allowed = allowed | {"\n", "\t"}
    _check_length(value, max_length, field)
    _check_characters(value, field, allowed)
    return unicodedata.normalize("NFC", value).strip()


def clean_user_name(value: str, *, field: str | None = "user_name") -> str:
    """The name that someone signs in with: letters, digits and `. _ - @ +`; no part mixes scripts.

    Compatibility forms (full-width letters, ligatures) become the plain ones (NFKC), as Django
    does with user names.

    Raises:
        BadText: the message says what to change.
    """
    value = value.strip(" ")
    _check_length(value, MAX_USER_NAME, field)
    _check_characters(value, field)
    name = unicodedata.normalize("NFKC", value)
    _check_length(name, MAX_USER_NAME, field)
    for position, character in enumerate(name, start=1):
        if not _fits_a_user_name(character):
            message = _(
                "Use letters, digits and . _ - @ + only: remove “%(character)s” at position "
                "%(position)d."
            )
            _refuse(message, field, character=character, position=position)
    if not any(character.isalnum() for character in name):
        raise BadText(_("Type a user name with at least one letter or digit."), field=field)
    _check_scripts(name, field)
    return name


def skeleton(value: str) -> str:
    """The key that says whether two names count as one; for comparing only, never shown.

    Case, accents typed in another way, compatibility forms, look-alike characters, runs of
    spaces and invisible characters make no difference. Accents themselves do. A few letters
    unfold to many: a key over MAX_SKELETON ends in a hash of its whole. Every database can
    hold the key, whatever was typed.
    """
    if len(value) > MAX_FOLDED:
        return _digest(value)
    folded = unicodedata.normalize("NFKC", value).casefold()
    while (again := _fold_once(folded)) != folded:
        folded = again
    if len(folded) <= MAX_SKELETON:
        return folded
    digest = _digest(folded)
    return f"{folded[: MAX_SKELETON - len(digest)]}{digest}"


def file_name(value: str, suffix: str, *, fallback: str = "account") -> str:
    """A name for a download: the letters, digits, spaces, `-` and `_` of `value`, then `suffix`.

    Only ASCII, since shells and archives spell other letters differently: accents go, and
    whatever else it holds becomes `-`. Nothing in it can end a header or leave a folder. Where
    nothing is left, `fallback` stands for it. `suffix` is ours and kept as it is.
    """
    plain = [_plain(c) for c in unicodedata.normalize("NFKD", value) if not _is_accent(c)]
    kept = [c if _fits_a_file_name(c) else "-" for c in "".join(plain)]
    stem = re.sub(r"-{2,}", "-", " ".join("".join(kept).split()))
    stem = stem[: MAX_FILE_NAME - len(suffix)].strip(" -") or fallback
    if RESERVED_FILE_NAMES.fullmatch(stem):
        stem = f"{stem}-"
    return f"{stem}{suffix}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _fold_once(text: str) -> str:
    seen = [lookalikes.fold(c) for c in unicodedata.normalize("NFD", text) if not _ignorable(c)]
    folded = unicodedata.normalize("NFKC", "".join(seen)).casefold()
    return " ".join(folded.split())


def _ignorable(character: str) -> bool:
    if character in BLANKS or _is_variation_selector(character):
        return True
    return unicodedata.category(character) in ("Cf", "Cc", "Cs") and not character.isspace()


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _check_length(value: str, max_length: int, field: str | None) -> None:
    # Composing makes a text shorter, at most to a third of what is typed: so much for a cheap
    # refusal of megabytes, then the exact count.
    length = len(value) if len(value) > 4 * max_length else len(_composed(value))
    if length > max_length:
        message = _("Shorten it to at most %(most)d characters; it has %(length)d.")
        _refuse(message, field, most=max_length, length=length)


def _composed(value: str) -> str:
    return unicodedata.normalize("NFC", value).strip()


def _check_characters(value: str, field: str | None, allowed: frozenset[str] = frozenset()) -> None:
    """Refuse the first character that cannot be seen, trusted or stored, and say where it is."""
    marks = 0
    for position, character in enumerate(value, start=1):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if character in allowed:
            continue
        if _follows_a_symbol(value, position) and character in EMOJI_STYLE:
            continue
        message = _complaint(character, category)
        if marks > MAX_MARKS:
            message = _("Remove the accents piled up at position %(position)d.")
        if message:
            _refuse(message, field, code=f"U+{ord(character):04X}", position=position)


def _follows_a_symbol(value: str, position: int) -> bool:
    return position > 1 and unicodedata.category(value[position - 2]) in ("So", "Sm", "Sk", "Po")


def _complaint(character: str, category: str) -> str:
    """What to do about a character that may not stand in a name, or "" if it may."""
    if character in LINE_BREAKS:
        return _("Remove the line break at position %(position)d.")
    if character in BIDIRECTIONAL:
        return _(
            "Remove the invisible character %(code)s at position %(position)d: it turns the "
            "direction of the text."
        )
    if category == "Cf" or character in BLANKS or _is_variation_selector(character):
        return _("Remove the invisible character %(code)s at position %(position)d.")
    if category == "Cc":
        return _("Remove the control character %(code)s at position %(position)d.")
    if category in ("Cs", "Co", "Cn"):
        return _("Remove the character %(code)s at position %(position)d: it has no meaning.")
    return ""


def _check_scripts(name: str, field: str | None) -> None:
    parts = [c if unicodedata.category(c)[0] in "LMN" else " " for c in name]
    for word in "".join(parts).split():
        _check_word(word, field)


def _check_word(word: str, field: str | None) -> None:
    """Refuse a word whose letters or digits come from scripts that do not belong together."""
    scripts = lookalikes.mixed_scripts(word)
    if scripts:
        odd = next(c for c in word if lookalikes.script(c) == scripts[1])
        message = _(
            "Write “%(word)s” in one script: it mixes %(scripts)s (“%(odd)s” is %(code)s, "
            "%(script)s)."
        )
        joined = _(" and ").join(scripts)
        code = f"U+{ord(odd):04X}"
        _refuse(message, field, word=word, scripts=joined, odd=odd, code=code, script=scripts[1])
    zeros = {ord(c) - unicodedata.decimal(c) for c in word if c.isdecimal()}
    if len(zeros) > 1:
        message = _("Write the digits of “%(word)s” in one script.")
        _refuse(message, field, word=word)


def _fits_a_user_name(character: str) -> bool:
    category = unicodedata.category(character)
    return character in USER_NAME_SIGNS or category[0] in "LM" or category == "Nd"


def _fits_a_file_name(character: str) -> bool:
    return character in " _-" or (character.isascii() and character.isalnum())


def _plain(character: str) -> str:
    """An ASCII spelling of a letter that has one when folded, such as “ss” for “ß”."""
    folded = character.casefold()
    return folded if folded.isascii() and not character.isascii() else character


def _is_accent(character: str) -> bool:
    return unicodedata.category(character) == "Mn"


def _refuse(message: str, field: str | None, **details: str | int) -> None:
    raise BadText(message % details, field=field)
