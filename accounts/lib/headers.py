"""Response headers that hold what people typed."""

import unicodedata
from typing import Final
from urllib.parse import quote

ATTRIBUTE_CHARACTERS: Final = "!#$&+-.^_`|~"
"""Besides letters and digits, what RFC 8187 section 3.2.1 lets stand in `filename*`."""

LONGEST_FILE_NAME: Final = 255
"""Characters; file systems take no more."""


def content_disposition(file_name: str) -> str:
    """`Content-Disposition` of a download (RFC 6266): plain ASCII on one line, whatever the name.

    Browsers take `filename*` (RFC 8187); `filename` is the nearest ASCII, for the others.
    """
    name = "".join(_visible(character) for character in file_name).strip()[-LONGEST_FILE_NAME:]
    name = name.strip(".") or "download"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    plain = "".join("_" if character in '"\\/%;' else character for character in plain).strip()
    if plain.startswith(".") or not plain:
        plain = f"download{plain}"
    header = f'attachment; filename="{plain}"'
    if plain != name:
        header += f"; filename*=UTF-8''{quote(name, safe=ATTRIBUTE_CHARACTERS)}"
    return header


def _visible(character: str) -> str:
    """The character, or nothing for controls and surrogates, or `_` for a path separator."""
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return ""
    return "_" if character in "/\\" else character
