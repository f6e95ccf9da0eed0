"""Accounts as a file that can be imported again, unchanged.

A cell that a spreadsheet would run as a formula gets an apostrophe (`accounts.lib.csv_safety`);
reading a file takes exactly that apostrophe away again. An account with several values in an
attribute becomes several rows, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.utils.text import slugify

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.imports.files.dialect import Dialect
from accounts.lib.csv_safety import BYTE_ORDER_MARK, safe_cell
from accounts.sources.connectors.delimited_file import dialect_of
from accounts.sources.models import Source, SourceAccount
from accounts.sources.schema import attributes_of, shape_of

CHUNK_CHARACTERS: Final = 64 * 1024
ROWS_AT_ONCE: Final = 2000
CONTENT_TYPE: Final = "text/csv"


def file_dialect(source: Source) -> Dialect:
    """That of the source's settings; a comma where the delimiter is found out when reading."""
    if not source.kind.takes_files:
        return Dialect()
    dialect = dialect_of(source.config)
    return Dialect(dialect.delimiter or ",", dialect.quote, dialect.comment)


def template(source: Source) -> Iterator[bytes]:
    """The Accounts File Template: the header alone."""
    names = [attribute.name for attribute in attributes_of(source)]
    return write([names], file_dialect(source))


def take(*, by: Actor, source: Source, at: datetime) -> Iterator[bytes]:
    """Every account, for somebody who sees the source; the audit log says that they took them.

    Raises:
        NotAllowed
    """
    check_may(by, Permission.SOURCE_VIEW)
    detail = {"rows": source.account_count}
    record("source.accounts_exported", by=by, subject=source, detail=detail, at=at)
    return accounts(source)


def file_name(source: Source, at: datetime) -> str:
    return f"{slugify(source.name) or 'accounts'}-{at:%Y-%m-%d}.csv"


def accounts(source: Source) -> Iterator[bytes]:
    """Every account, in the order of the Account IDs, in chunks."""
    shape = shape_of(source)
    found = SourceAccount.objects.filter(source=source).order_by("native_identity")
    attributes = found.values_list("attributes", flat=True)

    def rows() -> Iterator[Sequence[str]]:
        yield shape.columns
        for values in attributes.iterator(chunk_size=ROWS_AT_ONCE):
            yield from shape.cells_of(values)

    return write(rows(), file_dialect(source))


def write(rows: Iterable[Sequence[str]], dialect: Dialect) -> Iterator[bytes]:
    """Rows of plain cells as UTF-8 with a byte order mark, every cell made safe."""
    special = {dialect.delimiter, dialect.quote, "\r", "\n"} - {""}
    lines, length = [BYTE_ORDER_MARK], 0
    for row in rows:
        cells = [_quoted(safe_cell(cell), special, dialect.quote) for cell in row]
        if dialect.comment and cells[0].startswith(dialect.comment) and dialect.quote:
            cells[0] = f"{dialect.quote}{cells[0]}{dialect.quote}"
        line = dialect.delimiter.join(cells) or dialect.quote * 2
        lines.append(f"{line}\r\n")
        length += len(line)
        if length >= CHUNK_CHARACTERS:
            yield "".join(lines).encode()
            lines, length = [], 0
    yield "".join(lines).encode()


def _quoted(cell: str, special: set[str], quote: str) -> str:
    if not quote or special.isdisjoint(cell):
        return cell
    return f"{quote}{cell.replace(quote, quote * 2)}{quote}"
