"""The physical lines of a text file, one block in memory at a time."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Final

from accounts.imports.files.encodings import ENCODINGS, label_of
from accounts.imports.files.errors import FileRefused

BLOCK_BYTES: Final = 256 * 1024
LONGEST_LINE: Final = 1024 * 1024
"""Characters; bounds what is held in memory."""
LONGEST_FIELD: Final = 128 * 1024
"""Characters; the default of Python's csv module, which is left as it is."""
LONGEST_RECORD_BLOCKS: Final = 16
"""A quoted cell may run over many lines, but one record over no more than 4 MB."""


class EndlessRecord(Exception):
    """One record takes up too many blocks: its quote is not closed. Its reader knows where."""


class Lines:
    """Iterates once over the lines with their ends: LF, CR or CRLF.

    A comment becomes an empty line, so that the reader of the records counts it. Whether a line
    begins a record, only that reader knows: it adds one to `records` for each that it has read.
    """

    def __init__(self, file: IO[bytes], encoding: str, *, comment: str, delimiter: str) -> None:
        self.records = 0
        self.bytes_read = 0
        self._file = file
        self._encoding = encoding
        self._comment = comment
        self._delimiter = delimiter
        self._line = 1
        """Number of the first line of the block at hand."""
        self._records_before_last_line = -1

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._pieces())

    def _pieces(self) -> Iterator[Iterable[str]]:
        """Lines in lists, which cost nothing to pass on one by one."""
        comment = self._comment
        silent, records = 0, -1
        for block in self._blocks():
            silent = silent + 1 if records == self.records else 0
            records = self.records
            if silent > LONGEST_RECORD_BLOCKS:
                raise EndlessRecord
            if comment and (
                block.startswith(comment) or f"\n{comment}" in block or f"\r{comment}" in block
            ):
                yield self._without_comments(block)
            else:
                lines = io.StringIO(block, newline="").readlines()
                last = lines.pop()
                yield lines
                self._records_before_last_line = self.records
                yield (last,)
            self._line += _breaks(block)

    def _without_comments(self, block: str) -> Iterator[str]:
        for line in io.StringIO(block, newline=""):
            begins_a_record = self.records != self._records_before_last_line
            self._records_before_last_line = self.records
            is_comment = begins_a_record and line.startswith(self._comment)
            yield "\n" if is_comment else line

    def _blocks(self) -> Iterator[str]:
        """Text in pieces that end where a line ends."""
        codec, _label = ENCODINGS[self._encoding]
        decoder = codecs.getincrementaldecoder(codec)("strict")
        rest, is_first = "", True
        while True:
            chunk = self._file.read(BLOCK_BYTES)
            self.bytes_read += len(chunk)
            text = self._decoded(decoder, chunk, rest)
            if is_first and text:
                # Python keeps the mark where the byte order was chosen by hand
                text, is_first = text.removeprefix("\ufeff"), False
            if "\0" in text:
                line = self._line + _breaks(rest + text[: text.index("\0")])
                raise FileRefused("nul", line=line, encoding=label_of(self._encoding))
            text = rest + text
            if not chunk:
                if text:
                    yield text
                return
            # a CR at the very end may be the first half of a CRLF
            cut = max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1
            rest = text[cut:]
            if cut:
                self._check_lengths(text[:cut])
                yield text[:cut]
            if len(rest) > LONGEST_LINE:
                self._refuse_length(rest, self._line)

    def _decoded(self, decoder: codecs.IncrementalDecoder, chunk: bytes, rest: str) -> str:
        try:
            return decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            codec, label = ENCODINGS[self._encoding]
            before = error.object[: error.start].decode(codec, errors="ignore")
            raise FileRefused(
                "not_decodable",
                line=self._line + _breaks(rest + before),
                encoding=label,
                byte=error.object[error.start : error.start + 1].hex().upper(),
            ) from error
        except UnicodeError as error:  # Python's word for UTF-16 without its mark
            raise FileRefused("no_byte_order", line=1) from error

    def _check_lengths(self, block: str) -> None:
        """A line can only be too long where the block is."""
        if len(block) <= LONGEST_LINE:
            return
        for number, line in enumerate(io.StringIO(block, newline=""), start=self._line):
            if len(line) > LONGEST_LINE:
                self._refuse_length(line, number)

    def _refuse_length(self, line: str, number: int) -> None:
        if max(map(len, line.split(self._delimiter))) > LONGEST_FIELD:
            raise FileRefused("field_too_long", line=number, limit=LONGEST_FIELD)
        raise FileRefused("line_too_long", line=number, limit=LONGEST_LINE)


def _breaks(text: str) -> int:
    """How many lines end in the text."""
    if "\r" not in text:
        return text.count("\n")
    return text.count("\n") + text.count("\r") - text.count("\r\n")
