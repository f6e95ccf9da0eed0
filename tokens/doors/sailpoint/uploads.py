from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile

from tokens.doors.sailpoint.calls import Call
from tokens.doors.sailpoint.errors import Refused
from tokens.edge.uploads import NoFile, received


def uploaded(call: Call) -> UploadedFile[bytes]:
    """The file of a request; called once the caller is known to have the right to send one.

    Raises:
        Refused: there is none, it is too large, or the disk has no room for it.
    """
    try:
        return received(call.request, call.most_bytes)
    except NoFile as error:
        raise Refused(error.message, error.status) from error
