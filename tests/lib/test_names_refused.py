from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.lib.names import BadText, clean_name, clean_text, clean_user_name

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("typed", "mend"),
    [
        ("", "Type a name."),
        (" \u00a0\u3000 ", "Type a name."),
        ("a" * 101, "Shorten it to at most 100 characters; it has 101."),
        ("x" * 5_000_000, "Shorten it to at most 100 characters; it has 5000000."),
        ("pay\u202epal", "Remove the invisible character U+202E at position 4: it turns the"),
        ("pay\u200bpal", "Remove the invisible character U+200B at position 4."),
        ("pay\u00adpal", "Remove the invisible character U+00AD at position 4."),
        ("pay\u3164pal", "Remove the invisible character U+3164 at position 4."),
        ("pay\ufe0fpal", "Remove the invisible character U+FE0F at position 4."),
        ("two\nlines", "Remove the line break at position 4."),
        ("two\r\nBcc: eve@example.com", "Remove the line break at position 4."),
        ("two\u2028lines", "Remove the line break at position 4."),
        ("nul\x00", "Remove the control character U+0000 at position 4."),
        ("red\x1b[31m", "Remove the control character U+001B at position 4."),
        ("half \ud83d", "Remove the character U+D83D at position 6: it has no meaning."),
        ("logo \uf8ff", "Remove the character U+F8FF at position 6: it has no meaning."),
        ("none \uffff", "Remove the character U+FFFF at position 6: it has no meaning."),
        ("Z" + "\u0301" * 5, "Remove the accents piled up at position 6."),
        (
            "p\u0430ypal",
            "in one script: it mixes Latin and Cyrillic (“\u0430” is U+0430, Cyrillic).",
        ),
        ("p\u0308\u0430", "mixes Latin and Cyrillic"),
        ("1\u0662", "Write the digits of “1\u0662” in one script."),
    ],
)
def test_a_refusal_says_what_to_mend_and_where(typed: str, mend: str) -> None:
    with pytest.raises(BadText) as refusal:
        clean_name(typed)
    assert mend in refusal.value.message
    assert refusal.value.field == "name"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  CI   bot\u00a07 ", "CI bot 7"),
        ("Cafe\u0301", "Café"),
        ("日本Team東京カナ", "日本Team東京カナ"),
        ("Отдел CI", "Отдел CI"),
        ("हिन्दी", "हिन्दी"),
        ("🚀 deploy", "🚀 deploy"),
        ("❤\ufe0f deploy", "❤\ufe0f deploy"),
        ("O'Hara & Söhne (50 %)", "O'Hara & Söhne (50 %)"),
    ],
)
def test_names_of_all_languages_are_kept_composed_and_trimmed(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@given(st.text(max_size=60))
def test_any_text_is_cleaned_once_and_for_all_or_refused(typed: str) -> None:
    try:
        name = clean_name(typed)
    except BadText:
        return
    assert name.isprintable()
    assert clean_name(name) == name


@pytest.mark.parametrize("typed", ["ada", "ada.l@example.com", "иван@example.com", "a_b-c+1"])
def test_a_user_name_is_letters_digits_and_six_signs(typed: str) -> None:
    assert clean_user_name(f" {typed} ") == typed


@pytest.mark.parametrize(
    ("typed", "mend"),
    [
        ("", "Type a user name"),
        ("...", "Type a user name with at least one letter or digit."),
        ("ada lovelace", "remove “ ” at position 4"),
        ("ada/../root", "remove “/” at position 4"),
        ("\u0430da", "mixes Cyrillic and Latin"),
        ("a" * 151, "Shorten it to at most 150 characters"),
        ("ﷺ" * 20, "Shorten it to at most 150 characters"),
    ],
)
def test_other_user_names_are_refused(typed: str, mend: str) -> None:
    with pytest.raises(BadText) as refusal:
        clean_user_name(typed)
    assert mend in refusal.value.message
    assert refusal.value.field == "user_name"


def test_compatibility_forms_in_a_user_name_become_plain() -> None:
    assert clean_user_name("ａｄａ") == "ada"


def test_a_description_keeps_its_lines_and_joiners_and_may_be_empty() -> None:
    assert clean_text(" one\r\ntwo\rthree\tnext \n") == "one\ntwo\nthree\tnext"
    assert clean_text("👩\u200d🚀") == "👩\u200d🚀"
    assert clean_text("  ") == ""


@pytest.mark.parametrize("typed", ["a\u202eb", "a\x07b", "a\u200bb", "x" * 1001])
def test_a_description_hides_nothing_and_ends_somewhere(typed: str) -> None:
    with pytest.raises(BadText):
        clean_text(typed)


def test_a_text_of_one_line_has_no_line_break() -> None:
    with pytest.raises(BadText, match="line break at position 2"):
        clean_text("a\nb", multiline=False)
