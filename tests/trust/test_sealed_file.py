"""A file with a key of its own opens as it was or not at all."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.errors import Tampered
from switchboard.trust.sealed_file import PIECE, in_pieces, new_file_key, open_sealed_file, seal_file

KEY = new_file_key()
SEALED_PIECE = PIECE + 16


def sealed(data: bytes, blob_id: str = "blb_1", key: bytes = KEY) -> bytes:
    return b"".join(seal_file(key, blob_id, data))


class TestASealedFile:
    @pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7])
    def test_opens_byte_for_byte_and_shows_nothing(self, size: int) -> None:
        data = os.urandom(size)

        record = sealed(data)

        assert in_pieces(record)
        assert open_sealed_file(KEY, "blb_1", record) == data
        assert size < 16 or data[:16] not in record

    def test_does_not_open_with_another_key_or_under_another_name(self) -> None:
        record = sealed(b"a photo")

        for key, name in ((new_file_key(), "blb_1"), (KEY, "blb_2")):
            with pytest.raises(Tampered):
                open_sealed_file(key, name, record)

    @given(place=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
    @settings(max_examples=100, deadline=None)
    def test_does_not_open_with_one_bit_changed(self, place: int, bit: int) -> None:
        record = bytearray(sealed(b"a photo" * 40))
        record[place % len(record)] ^= 1 << bit

        with pytest.raises(Tampered):
            open_sealed_file(KEY, "blb_1", bytes(record))

    @pytest.mark.parametrize("left", [0, 1, 16, 1 + SEALED_PIECE, 1 + 2 * SEALED_PIECE, 3 * SEALED_PIECE])
    def test_that_was_cut_short_does_not_open(self, left: int) -> None:
        with pytest.raises(Tampered):
            open_sealed_file(KEY, "blb_1", sealed(b"x" * (3 * PIECE))[:left])

    def test_whose_pieces_changed_places_or_came_twice_does_not_open(self) -> None:
        record = sealed(os.urandom(3 * PIECE))
        head, *pieces = record[:1], *(record[1 + n * SEALED_PIECE : 1 + (n + 1) * SEALED_PIECE] for n in range(3))

        for order in ((1, 0, 2), (0, 0, 1, 2), (0, 2), (0, 1, 2, 2)):
            with pytest.raises(Tampered):
                open_sealed_file(KEY, "blb_1", head + b"".join(pieces[n] for n in order))
