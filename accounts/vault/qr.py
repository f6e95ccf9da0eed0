"""The address of an authenticator, out of the picture of a QR code."""

from __future__ import annotations

import io
import struct
from typing import Final

import zxingcpp
from django.utils.translation import gettext as _
from PIL import Image

from accounts.vault.one_time_codes import BadKey

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_PIXELS: Final = 13_000_000
"""A photograph has so many; what would unfold to more is not unfolded."""
FORMATS: Final = ("PNG", "JPEG", "WEBP")
QR: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
BROKEN: Final = (
    *(OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, OverflowError),
    *(MemoryError, struct.error, Image.DecompressionBombError, Image.DecompressionBombWarning),
)
"""What the library says of pictures that were made to break it."""


def read(content: bytes) -> str:
    """The text of the one QR code of an authenticator in a picture.

    Raises:
        BadKey: `field` is "image"; what was in the picture is not repeated.
    """
    if len(content) > MOST_BYTES:
        raise BadKey(_("The picture is larger than 5 MB. Cut it to the QR code."), field="image")
    picture = _grey(content)
    found = zxingcpp.read_barcodes(picture, formats=QR)
    texts = {each.text for each in found if each.valid}
    keys = {text for text in texts if text.lower().startswith("otpauth://")}
    if len(keys) == 1:
        return keys.pop()
    if keys:
        message = _("There are several QR codes in the picture. Cut it to one of them.")
    elif texts:
        message = _("The QR code in the picture is not one for an authenticator app.")
    else:
        message = _("No QR code can be read in the picture. Take it straight, near and sharp.")
    raise BadKey(message, field="image")


def _grey(content: bytes) -> Image.Image:
    message = _("Choose a picture in PNG, JPEG or WebP.")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise BadKey(_("The picture has too many pixels."), field="image")
            seen = picture.convert("RGBA")
            # what can be seen through is white, as on a page
            paper = Image.new("RGBA", seen.size, "white")
            return Image.alpha_composite(paper, seen).convert("L")
    except BROKEN as error:
        raise BadKey(message, field="image") from error
