"""A body is read whole or not at all."""

from __future__ import annotations

import io

import pytest

from console.bodies import CutOff, Whole


class Trickle(io.BytesIO):
    """Hands over three bytes at a time, whatever is asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(3, size or 0))


@pytest.mark.parametrize("kind", [io.BytesIO, Trickle])
def test_what_is_there_is_read_to_its_end_and_no_further(kind: type[io.BytesIO]) -> None:
    body = Whole(kind(b"0123456789 and the next request"), 10)
    assert body.read(4) == b"0123"
    assert body.read() == b"456789"
    assert body.read(5) == b""


def test_lines_are_read_like_those_of_a_file() -> None:
    body = Whole(io.BytesIO(b"one\ntwo\nthree"), 11)
    assert [body.readline(), body.readline(2), body.readline()] == [b"one\n", b"tw", b"o\n"]
    assert [body.readline(), body.readline()] == [b"thr", b""]


@pytest.mark.parametrize("size", [-1, 10, 4])
def test_a_body_that_ends_too_early_is_an_error(size: int) -> None:
    body = Whole(io.BytesIO(b"012345"), 10)
    with pytest.raises(CutOff):
        body.read(size) + body.read(size)


@pytest.mark.parametrize("length", [0, -5])
def test_no_body_is_nothing_to_read(length: int) -> None:
    assert Whole(io.BytesIO(b"left from before"), length).read() == b""
