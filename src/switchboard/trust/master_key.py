"""The one secret that lives outside the database and opens every data key."""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from switchboard.errors import InvalidInput, Tampered

KEY_BYTES = 32
NONCE_BYTES = 12


def derive(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA256), so that no key is ever used for two things."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"switchboard/{purpose}".encode()).derive(secret)


@dataclass(frozen=True)
class MasterKey:
    """32 secret bytes. ``master_id`` names the key in the database without saying anything about it."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise InvalidInput(
                "the master key has the wrong length",
                field="master_key",
                limit=f"{KEY_BYTES} bytes",
                fix="make one with MasterKey.generate()",
            )

    @classmethod
    def generate(cls) -> MasterKey:
        return cls(os.urandom(KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> MasterKey:
        """From 64 hexadecimal digits or 44 characters of base64, as kept in a file or an environment variable."""
        stripped = text.strip()
        try:
            if len(stripped) == 2 * KEY_BYTES:
                return cls(bytes.fromhex(stripped))
            return cls(
                base64.b64decode(stripped, altchars=b"-_" if set(stripped) & {"-", "_"} else None, validate=True)
            )
        except (ValueError, binascii.Error) as error:
            raise InvalidInput(
                "the master key is neither hexadecimal nor base64",
                field="master_key",
                limit=f"{KEY_BYTES} bytes",
                fix="give 64 hexadecimal digits",
            ) from error

    def text(self) -> str:
        """The form that ``parse`` reads."""
        return base64.b64encode(self.secret).decode()

    @cached_property
    def master_id(self) -> str:
        return derive(self.secret, "master-id")[:8].hex()

    @cached_property
    def _wrapping(self) -> AESGCM:
        return AESGCM(derive(self.secret, "wrap"))

    def wrap(self, key_id: str, owner: str, key: bytes) -> bytes:
        """Locks a data key; the result opens only for the same ``key_id`` and ``owner``."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, key, f"{key_id}|{owner}".encode())

    def unwrap(self, key_id: str, owner: str, wrapped: bytes) -> bytes:
        """Raises ``Tampered`` for another master key, another owner or changed bytes."""
        try:
            return self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], f"{key_id}|{owner}".encode())
        except (InvalidTag, ValueError) as error:
            raise Tampered("a data key does not open with this master key") from error
