"""Sealed values open in their place, with their key, unchanged, and nowhere else."""

from __future__ import annotations

import secrets

import pytest

from accounts.sealing import SealBroken, Sealed, open_sealed, seal
from accounts.sealing.keyring import KEY_BYTES, KeyRing, key_id

pytestmark = pytest.mark.sqlite

PLAIN = b"a private key, in DER"
PLACE = "tokens_signingkey:abc:sealed_private"


def ring_of(*keys: bytes) -> KeyRing:
    """The first one seals."""
    return KeyRing(keys={key_id(key): key for key in keys}, newest=key_id(keys[0]))


@pytest.fixture
def ring() -> KeyRing:
    return ring_of(secrets.token_bytes(KEY_BYTES))


@pytest.mark.parametrize("plain", [b"", b"x", PLAIN, secrets.token_bytes(100_000)])
def test_what_was_sealed_opens(ring: KeyRing, plain: bytes) -> None:
    sealed = seal(plain, context=PLACE, ring=ring)
    assert open_sealed(sealed, context=PLACE, ring=ring) == plain


def test_the_plain_text_is_not_in_it_and_no_two_are_alike(ring: KeyRing) -> None:
    one, other = (seal(PLAIN, context=PLACE, ring=ring) for _turn in range(2))
    assert PLAIN not in one.blob
    assert one.blob[:60] != other.blob[:60], "each has a data key and nonces of its own"
    assert one.blob[60:] != other.blob[60:]


def test_it_does_not_open_in_another_place(ring: KeyRing) -> None:
    sealed = seal(PLAIN, context=PLACE, ring=ring)
    with pytest.raises(SealBroken):
        open_sealed(sealed, context="tokens_signingkey:abd:sealed_private", ring=ring)


def test_no_bit_of_it_can_be_changed(ring: KeyRing) -> None:
    sealed = seal(PLAIN, context=PLACE, ring=ring)
    for position in range(len(sealed.blob)):
        changed = bytearray(sealed.blob)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            open_sealed(Sealed(sealed.key_id, bytes(changed)), context=PLACE, ring=ring)


@pytest.mark.parametrize("length", [0, 1, 12, 59, 60, 61, 72, 87])
def test_a_part_of_it_does_not_open(ring: KeyRing, length: int) -> None:
    sealed = seal(PLAIN, context=PLACE, ring=ring)
    with pytest.raises(SealBroken):
        open_sealed(Sealed(sealed.key_id, sealed.blob[:length]), context=PLACE, ring=ring)


def test_parts_of_two_do_not_make_a_third(ring: KeyRing) -> None:
    one, other = (seal(text, context=PLACE, ring=ring) for text in (b"one", b"two"))
    mixed = Sealed(one.key_id, one.blob[:60] + other.blob[60:])
    with pytest.raises(SealBroken):
        open_sealed(mixed, context=PLACE, ring=ring)


def test_another_key_does_not_open_it_even_under_the_same_name(ring: KeyRing) -> None:
    sealed = seal(PLAIN, context=PLACE, ring=ring)
    stranger = ring_of(secrets.token_bytes(KEY_BYTES))
    with pytest.raises(SealBroken, match="not on the ring"):
        open_sealed(sealed, context=PLACE, ring=stranger)
    renamed = KeyRing({sealed.key_id: secrets.token_bytes(KEY_BYTES)}, sealed.key_id)
    with pytest.raises(SealBroken):
        open_sealed(sealed, context=PLACE, ring=renamed)


def test_the_newest_key_seals_and_the_older_ones_still_open(ring: KeyRing) -> None:
    old = next(iter(ring.keys.values()))
    sealed = seal(PLAIN, context=PLACE, ring=ring)
    longer = ring_of(secrets.token_bytes(KEY_BYTES), old)
    assert open_sealed(sealed, context=PLACE, ring=longer) == PLAIN
    assert seal(PLAIN, context=PLACE, ring=longer).key_id == longer.newest != sealed.key_id


def test_a_failure_says_nothing_of_what_is_inside(ring: KeyRing) -> None:
    sealed = seal(PLAIN, context=PLACE, ring=ring)
    with pytest.raises(SealBroken) as failure:
        open_sealed(sealed, context="elsewhere", ring=ring)
    key = next(iter(ring.keys.values()))
    for text in (str(failure.value), repr(ring), repr(failure.value)):
        assert PLAIN.decode() not in text
        assert repr(key) not in text
