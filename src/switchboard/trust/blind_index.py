"""Finds people and words without storing them: a keyed fingerprint stands in the index instead of the text."""

from __future__ import annotations

import hmac
import re
import unicodedata

from switchboard.domain.customer import UNPROVEN
from switchboard.trust.master_key import derive

MOST_TOKENS = 400
LONGEST_TOKEN = 64
_WORD = re.compile(r"\w{2,}")
_NOT_DIGIT = re.compile(r"\D+")
_PHONE_LIKE = re.compile(r"\+?[\d\s().\-/]{7,32}")
PHONE_CHANNELS = frozenset({"whatsapp", "voice"})


def normal_address(address: str) -> str:
    """One spelling for an e-mail address, phone number or handle: case, width and punctuation of numbers don't count."""
    text = unicodedata.normalize("NFKC", address).strip().casefold()
    if "@" not in text.lstrip("@") and _PHONE_LIKE.fullmatch(text):
        digits = _NOT_DIGIT.sub("", text)
        return digits.removeprefix("00")
    return text.removeprefix("mailto:").lstrip("@")


def search_tokens(*texts: str | None) -> list[str]:
    """The distinct words of two letters and more, at most ``MOST_TOKENS``, in order of appearance."""
    seen: dict[str, None] = {}
    for text in texts:
        for match in _WORD.finditer(unicodedata.normalize("NFKC", text or "").casefold()):
            seen[match.group()[:LONGEST_TOKEN]] = None
            if len(seen) >= MOST_TOKENS:
                return list(seen)
    return list(seen)


class BlindIndex:
    """Keyed fingerprints (HMAC-SHA256). Equal inputs give equal fingerprints: that, and no more, they tell."""

    def __init__(self, secret: bytes) -> None:
        # Each key is set up once: a message has some twenty fingerprints, and the set-up costs more than the fingerprint.
        self._address = _keyed(derive(secret, "index-address"))
        self._external = _keyed(derive(secret, "index-external"))
        self._terms = _keyed(derive(secret, "index-terms"))

    def address(self, channel: str, account: str, address: str) -> str:
        """32 hexadecimal digits. A phone number has one fingerprint on WhatsApp and voice, whatever our own number is; a
        mail address has one whichever mailbox got it, and another while it is only claimed."""
        realm = "phone|" if channel in PHONE_CHANNELS else f"{channel}|{account}"
        if channel == "email" and account != UNPROVEN:
            realm = "email|"
        return self._fingerprint(self._address, realm, normal_address(address))

    def external(self, channel: str, account: str, external_id: str) -> str:
        """A provider's message id inside our account."""
        return self._fingerprint(self._external, f"{channel}|{account}", external_id)

    def opaque(self, purpose: str, value: str) -> str:
        """Any other look-up key: thread keys, e-mail addresses of staff, idempotency keys."""
        return self._fingerprint(self._external, f"{purpose}|", value)

    def term(self, kind: str, word: str) -> int:
        """A signed 64-bit fingerprint of a word; ``kind`` keeps names, addresses and message words apart."""
        digest = _digest(self._terms, f"{kind}|{word}")
        return int.from_bytes(digest[:8], "big", signed=True)

    @staticmethod
    def _fingerprint(key: hmac.HMAC, realm: str, value: str) -> str:
        return _digest(key, f"{len(realm)}|{realm}|{value}")[:16].hex()


def _keyed(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")


def _digest(key: hmac.HMAC, text: str) -> bytes:
    keyed = key.copy()
    keyed.update(text.encode("utf-8", "replace"))
    return keyed.digest()
