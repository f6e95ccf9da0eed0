"""What can be wrong with a whole file: each has a name, its line, and a way out."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.lib.errors import DomainError

REASONS: Final[dict[str, str | Promise]] = {
    "empty_file": _("The file is empty (0 bytes). Nothing was changed; choose another file."),
    "no_rows": _(
        "The file has a header and no rows. It would remove every account; if that is meant, "
        "remove all accounts on the Overview tab."
    ),
    "too_large": _("The file is larger than %(limit)s. Split it and import in merge-only mode."),
    "wrong_kind": _("This is %(kind)s, not a delimited text file. %(mend)s"),
    "nul": _(
        "Line %(line)d holds a NUL character, so this is no text in %(encoding)s. If it was "
        "saved as UTF-16, choose that encoding."
    ),
    "not_decodable": _(
        "Line %(line)d is not valid %(encoding)s (byte %(byte)s). Choose another encoding, or "
        "save the file as UTF-8."
    ),
    "no_byte_order": _(
        "The file does not begin with the mark that tells the byte order of UTF-16. Choose "
        "UTF-16 LE or UTF-16 BE."
    ),
    "encoding_unknown": _(
        "The file is not UTF-8, and its encoding cannot be told from its content: %(evidence)s. "
        "Choose the encoding."
    ),
    "utf32": _("The file is UTF-32. Save it as UTF-8."),
    "unclosed_quote": _(
        "The quote opened in the row that begins on line %(line)d is not closed. Close it, or "
        "double quotes that belong to the text."
    ),
    "stray_quote": _(
        "Line %(line)d has text after a closing quote. Double quotes that belong to the text."
    ),
    "field_too_long": _("Line %(line)d has a field of more than %(limit)d characters."),
    "line_too_long": _("Line %(line)d has more than %(limit)d characters."),
    "too_many_columns": _("The header on line %(line)d has %(count)d columns; %(limit)d at most."),
    "duplicate_columns": _(
        "The header on line %(line)d names these columns twice: %(columns)s. Remove or rename one."
    ),
    "unnamed_column": _("Column %(number)d of the header on line %(line)d has no name."),
    "missing_columns": _(
        "The header on line %(line)d lacks these columns: %(columns)s. Download the template "
        "for all of them.%(hint)s"
    ),
    "extra_columns": _(
        "The header on line %(line)d has columns that are not in the account schema: %(columns)s. "
        "Remove them, add them to the schema, or let the source ignore extra columns."
    ),
    "file_gone": _("The uploaded file is not kept any more. Upload it again."),
    "file_changed": _("The uploaded file was changed on the disk. Upload it again."),
}


class FileRefused(DomainError):
    """Nothing of the file is taken, and nothing is changed."""

    code = "file_refused"

    def __init__(self, reason: str, *, line: int | None = None, **details: object) -> None:
        """`reason` is one of `REASONS`; `line` counts from 1, as editors do."""
        super().__init__(message=str(REASONS[reason]) % {"line": line, **details}, field="file")
        self.reason = reason
        self.line = line


def named(columns: list[str], most: int = 5) -> str:
    """Names for a message: the first few, each cut, and how many more there are."""
    shown = ", ".join(f"“{column[:40]}”" for column in columns[:most])
    return shown if len(columns) <= most else f"{shown} (+{len(columns) - most})"
