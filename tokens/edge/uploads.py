"""Files that programs send along, in a part named `file`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.template.defaultfilters import filesizeformat

from accounts.imports.files.uploads import DISK_FULL

PART: Final = "file"
CONTENT_TYPE: Final = "multipart/form-data"

logger = logging.getLogger(__name__)


class NoFile(Exception):
    """There is no file that could be taken; each door says so in its own words."""

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.message, self.status = message, status


class NoPart(NoFile):
    """The form can be read, and the file is no part of it."""


class OneFile(TemporaryFileUploadHandler):
    """Keeps the one file that is asked for, up to one byte more than it may have.

    So it is seen that it is too large, and no more than that reaches the disk.
    """

    def __init__(self, *args: Any, most_bytes: int) -> None:
        super().__init__(*args)
        self._room = most_bytes + 1
        self._taken = False
        self._size = 0

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        if field_name != PART or self._taken:
            raise SkipFile
        self._taken = True
        super().new_file(field_name, *args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        kept = raw_data[: self._room]
        self._room -= len(kept)
        self._size += len(kept)
        if kept:
            super().receive_data_chunk(kept, start)

    def file_complete(self, file_size: int) -> Any:
        # what is buffered is written now, so that no later read finds that it cannot be
        self.file.flush()
        return super().file_complete(self._size)

    @contextmanager
    def forgotten_on_failure(self) -> Iterator[None]:
        """Keep nothing of a file that was not received whole."""
        try:
            yield
        except BaseException:
            # on a full disk what is still buffered cannot be written either
            with suppress(OSError):
                self.upload_interrupted()
            raise


def received(request: HttpRequest, most_bytes: int) -> UploadedFile[bytes]:
    """The file of a request; called once the caller is known to have the right to send one.

    Raises:
        NoFile: there is none (`NoPart`), it is too large, or the disk has no room for it.
    """
    if request.content_type != CONTENT_TYPE:
        raise NoFile("Send the file as multipart/form-data.")
    handler = OneFile(request, most_bytes=most_bytes)
    request.upload_handlers = [handler]
    try:
        with handler.forgotten_on_failure():
            file = request.FILES.get(PART)
    except (MultiPartParserError, RequestDataTooBig, SuspiciousOperation) as error:
        raise NoFile("The form cannot be read.") from error
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        logger.exception("The disk is full: an upload was not kept")
        said = "There is no room for the file. Nothing was kept; send it again later."
        raise NoFile(said, HTTPStatus.INSUFFICIENT_STORAGE) from error
    if not isinstance(file, UploadedFile):
        raise NoPart("Send the file in a part named “file”.")
    if (file.size or 0) > most_bytes:
        said = f"The file is larger than {filesizeformat(most_bytes)}."
        raise NoFile(said, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return file
