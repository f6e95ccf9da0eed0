"""Files that programs send along, in a part named `file`."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParserError

from tokens.doors.sailpoint.calls import Call
from tokens.doors.sailpoint.errors import Refused

PART: Final = "file"


class OneFile(TemporaryFileUploadHandler):
    """Keeps the one file that is asked for, up to one byte more than it may have.

    So the action sees that it is too large, and no more than that reaches the disk.
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
        return super().file_complete(self._size)


def uploaded(call: Call, *, most_bytes: int) -> UploadedFile[bytes]:
    """The file of a request; called once the caller is known to have the right to send one.

    Raises:
        Refused: there is none.
    """
    request = call.request
    if request.content_type != "multipart/form-data":
        raise Refused("Send the file as multipart/form-data.")
    request.upload_handlers = [OneFile(request, most_bytes=most_bytes)]
    try:
        file = request.FILES.get(PART)
    except (MultiPartParserError, RequestDataTooBig, SuspiciousOperation) as error:
        raise Refused("The form cannot be read.") from error
    if not isinstance(file, UploadedFile):
        raise Refused("Send the file in a part named “file”.")
    return file
