"""Locks one stored value so that only its owner's key opens it, and only in its own place (Property 54)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from switchboard.errors import Tampered

FORMAT = b"\x01"
KEY_ID_BYTES = 8
NONCE_BYTES = 12
_HEADER = len(FORMAT) + KEY_ID_BYTES
_SHORTEST = _HEADER + NONCE_BYTES + 16


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one customer, or of one purpose for what belongs to nobody yet. ``key_id``: 16 hexadecimal digits."""

    key_id: str
    owner: str
    cipher: AESGCM = field(repr=False)


def new_data_key(owner: str) -> tuple[DataKey, bytes]:
    """A fresh key and its 32 raw bytes, for wrapping."""
    raw = AESGCM.generate_key(bit_length=256)
    return data_key(os.urandom(KEY_ID_BYTES).hex(), owner, raw), raw


def data_key(key_id: str, owner: str, raw: bytes) -> DataKey:
    return DataKey(key_id, owner, AESGCM(raw))


def seal(key: DataKey, place: str, value: bytes) -> bytes:
    """AES-256-GCM with a random 96-bit nonce. ``place`` is ``table|row|column``: a value moved elsewhere won't open."""
    header = FORMAT + bytes.fromhex(key.key_id)
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + key.cipher.encrypt(nonce, value, header + place.encode())


def key_id_of(record: bytes) -> str:
    """Which key opens this record. Raises ``Tampered`` when it is not one of ours."""
    if len(record) < _SHORTEST or record[:1] != FORMAT:
        raise Tampered("a stored value is cut short or not sealed")
    return record[1:_HEADER].hex()


def unseal(key: DataKey, place: str, record: bytes) -> bytes:
    """The value. Raises ``Tampered`` when a byte was changed, the value was moved or the key is another's."""
    if key_id_of(record) != key.key_id:
        raise Tampered("a stored value belongs to another key")
    nonce = record[_HEADER : _HEADER + NONCE_BYTES]
    try:
        return key.cipher.decrypt(nonce, record[_HEADER + NONCE_BYTES :], record[:_HEADER] + place.encode())
    except InvalidTag as error:
        raise Tampered(f"a stored value in {place.split('|', 1)[0]} does not open") from error
