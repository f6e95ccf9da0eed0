"""The key of an authenticator out of a picture, and pictures that were made to do harm."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
import segno
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import Authenticator, Identity
from accounts.vault import codes, one_time_codes, qr
from accounts.vault.one_time_codes import BadKey
from tests.factories.vault import KEY, make_item, share
from tests.vault.conftest import ClientOf

URI = f"otpauth://totp/Slack:ads?secret={KEY}&issuer=Slack"


def picture(text: str = URI, kind: str = "PNG", *, clear: bool = False) -> bytes:
    plain, out = io.BytesIO(), io.BytesIO()
    segno.make(text).save(plain, kind="png", scale=6, light=None if clear else "white")
    found = Image.open(plain)
    (found if clear else found.convert("RGB")).save(out, kind)
    return out.getvalue()


def huge() -> bytes:
    """A few bytes that say to be 60,000 pixels wide and high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    size = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1_000_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def large() -> bytes:
    out = io.BytesIO()
    Image.new("1", (4_000, 4_000)).save(out, "PNG")
    return out.getvalue()


def two() -> bytes:
    sheet, out = Image.new("RGB", (900, 450), "white"), io.BytesIO()
    for at, text in enumerate((URI, URI.replace("ads", "other"))):
        sheet.paste(Image.open(io.BytesIO(picture(text))), (at * 450, 0))
    sheet.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("kind", qr.FORMATS)
def test_a_picture_is_read(kind: str) -> None:
    found = one_time_codes.read(qr.read(picture(kind=kind)))
    assert found == one_time_codes.read(KEY)


def test_what_can_be_seen_through_is_paper() -> None:
    assert qr.read(picture(clear=True)) == URI


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choose a picture"),
        (b"not a picture", "Choose a picture"),
        (picture()[:200], "Choose a picture"),
        (b"GIF89a\x01\0\x01\0\0\0\0;", "Choose a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Choose a picture"),
        (huge(), "picture"),
        (large(), "too many pixels"),
        (b"\x89PNG" + b"\0" * qr.MOST_BYTES, "larger than"),
        (picture("https://evil.example/"), "not one for an authenticator"),
        (two(), "several QR codes"),
    ],
    ids=["empty", "text", "cut", "gif", "svg", "bomb", "large", "long", "address", "two"],
)
def test_what_is_no_such_picture_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(BadKey, match=said) as refused:
        qr.read(content)
    assert refused.value.field == "image"


def test_a_picture_without_a_code_says_so() -> None:
    out = io.BytesIO()
    Image.new("RGB", (200, 200), "white").save(out, "PNG")
    with pytest.raises(BadKey, match="No QR code"):
        qr.read(out.getvalue())


def sent(client: Client, item_id: object, content: bytes, **said: str) -> str:
    file = SimpleUploadedFile("qr.png", content, "image/png")
    address = f"/vault/accounts/{item_id}/authenticator/"
    return str(client.post(address, said | {"image": file}, follow=True).content.decode())


def test_an_owner_sends_a_picture(owner: Client, otto: Identity) -> None:
    item = make_item(otto)
    assert "The authenticator is saved" in sent(owner, item.pk, picture())
    row = Authenticator.objects.get(item=item)
    assert KEY.encode() not in bytes(row.blob)
    assert codes.of_authenticator(item.pk)


def test_a_picture_that_is_refused_changes_nothing_and_is_not_kept(
    owner: Client, otto: Identity
) -> None:
    item = make_item(otto)
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    before = set(folder.iterdir())
    assert "Choose a picture in PNG" in sent(owner, item.pk, b"nothing")
    both = sent(owner, item.pk, picture(), key=KEY)
    assert "not both" in both
    assert KEY not in both
    assert "several" not in both
    assert not Authenticator.objects.exists()
    assert set(folder.iterdir()) == before


def test_only_owners_send_one(client_of: ClientOf, otto: Identity, mallory: Identity) -> None:
    item = make_item(otto)
    share(item, mallory)
    sent(client_of(mallory), item.pk, picture())
    assert not Authenticator.objects.exists()
