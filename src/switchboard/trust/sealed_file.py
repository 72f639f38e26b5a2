"""Locks a whole file with a key of its own, piece by piece, so that nobody waits while a big one is locked."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from switchboard.errors import Tampered

FORMAT = b"\x02"
"""The first byte; a file that was sealed in one go with its customer's key begins with another one (``vault``)."""
PIECE = 128 * 1024
_TAG = 16


def new_file_key() -> bytes:
    """32 random bytes, for one file only."""
    return AESGCM.generate_key(bit_length=256)


def seal_file(key: bytes, blob_id: str, data: bytes) -> Iterator[bytes]:
    """AES-256-GCM. The nonce is the piece's number and whether it is the last one: with a key that seals nothing else
    it never comes twice, and no piece can be moved, left out or cut off unnoticed."""
    cipher, view, bound = AESGCM(key), memoryview(data), _bound(blob_id)
    last = max(0, len(view) - 1) // PIECE
    yield FORMAT
    for number in range(last + 1):
        piece = view[number * PIECE : (number + 1) * PIECE]
        yield cipher.encrypt(_nonce(number, last), piece, bound)


def open_sealed_file(key: bytes, blob_id: str, record: bytes) -> bytes:
    """Raises ``Tampered`` when a byte was changed, pieces are missing, or the file is another one."""
    if not in_pieces(record) or len(record) < len(FORMAT) + _TAG:
        raise Tampered("a stored file is cut short or not sealed")
    cipher, view, bound = AESGCM(key), memoryview(record)[len(FORMAT) :], _bound(blob_id)
    size = PIECE + _TAG
    last = (len(view) - 1) // size
    try:
        return b"".join(
            cipher.decrypt(_nonce(number, last), view[number * size : (number + 1) * size], bound)
            for number in range(last + 1)
        )
    except (InvalidTag, ValueError) as error:
        raise Tampered("a stored file does not open") from error


def in_pieces(record: bytes) -> bool:
    return record[:1] == FORMAT


def _bound(blob_id: str) -> bytes:
    return FORMAT + f"blobs|{blob_id}|body".encode()


def _nonce(number: int, last: int) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if number == last else b"\x00")
