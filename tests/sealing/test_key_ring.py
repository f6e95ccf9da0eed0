"""The file of sealing keys: one a line, the newest first."""

from __future__ import annotations

import base64
import secrets

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts.sealing.keyring import KEY_BYTES, key_id, key_ring, parse

pytestmark = pytest.mark.sqlite


def line(key: bytes, *, padded: bool = False) -> str:
    text = base64.urlsafe_b64encode(key).decode()
    return text if padded else text.rstrip("=")


def test_the_first_line_seals_and_all_open() -> None:
    new, old = (secrets.token_bytes(KEY_BYTES) for _turn in range(2))
    ring = parse(f"{line(new)}\n\n  {line(old, padded=True)}  \n")
    assert ring.newest == key_id(new)
    assert ring.keys == {key_id(new): new, key_id(old): old}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no key"),
        ("\n \n", "holds no key"),
        (line(b"x" * 16), "line 1: 16 bytes, not 32"),
        (f"{line(b'x' * 32)}\n{line(b'y' * 33)}", "line 2: 33 bytes, not 32"),
        ("§§§§ %%%%", "line 1: not base64url"),
        (f"{line(b'x' * 32)}#comment", "line 1: not base64url"),
        ("ключ", "line 1: not base64url"),
    ],
)
def test_a_bad_file_is_refused_with_its_line_and_without_its_content(text: str, said: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        parse(text)
    assert said in str(refusal.value)
    for part in text.split():
        assert part not in str(refusal.value)


def test_the_name_of_a_key_tells_nothing_of_it() -> None:
    key = secrets.token_bytes(KEY_BYTES)
    assert len(key_id(key)) == 8
    assert key_id(key) not in key.hex()
    assert key.hex() not in repr(parse(line(key)))


def test_the_ring_of_the_process_comes_from_the_file_of_the_settings() -> None:
    assert key_ring().newest in key_ring().keys
