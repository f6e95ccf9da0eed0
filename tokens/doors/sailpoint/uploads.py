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
from django.http.multipartparser import MultiPartParserError
from django.template.defaultfilters import filesizeformat

from accounts.imports.files.uploads import DISK_FULL
from tokens.doors.sailpoint.calls import Call
from tokens.doors.sailpoint.errors import Refused

PART: Final = "file"

logger = logging.getLogger(__name__)


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


def uploaded(call: Call) -> UploadedFile[bytes]:
    """The file of a request; called once the caller is known to have the right to send one.

    Raises:
        Refused: there is none, it is too large, or the disk has no room for it.
    """
    request = call.request
    if request.content_type != "multipart/form-data":
        raise Refused("Send the file as multipart/form-data.")
    handler = OneFile(request, most_bytes=call.most_bytes)
    request.upload_handlers = [handler]
    try:
        with handler.forgotten_on_failure():
            file = request.FILES.get(PART)
    except (MultiPartParserError, RequestDataTooBig, SuspiciousOperation) as error:
        raise Refused("The form cannot be read.") from error
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        logger.exception("The disk is full: an upload was not kept")
        said = "There is no room for the file. Nothing was kept; send it again later."
        raise Refused(said, HTTPStatus.INSUFFICIENT_STORAGE) from error
    if not isinstance(file, UploadedFile):
        raise Refused("Send the file in a part named “file”.")
    if (file.size or 0) > call.most_bytes:
        said = f"The file is larger than {filesizeformat(call.most_bytes)}."
        raise Refused(said, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return file
