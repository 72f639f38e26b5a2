"""Prepares a message for reading: the same tidying in training and in service, and never more text than is useful."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")

EXAMINED = 8_000
"""Characters looked at: a longer message is read by its beginning and its end, so time stays bounded."""
REMEMBERED = 128
"""Texts whose reading is kept at hand: every rule looks at the same text, and a batch holds a few dozen."""

_URL = re.compile(r"(?:https?://|www\.)\S{1,300}", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.@])@\w{1,40}")
_CONTROL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\U000e0000-\U000e007f]"
)
"""Signs without ink: they hide a word from a program ("hu\u200bman"), not from a reader, so they go without a gap."""
_TURNED = re.compile("\u202e([^\u202c\n]{1,400})\u202c?")
"""Text that is shown backwards: it is read as it is seen."""
_DRESSED = re.compile("[\uff01-\uff5e\U0001d400-\U0001d7ff]")
_MASKED = re.compile("[A-Za-z][\u0400-\u045f\u0501\u051b]|[\u0400-\u045f\u0501\u051b][A-Za-z]")
_LOOK_LATIN = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u0501\u04bb\u051b"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0405\u0408",
    "aeopcyxisjdhqABEKMHOPCTXISJ",
)
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def remembered(look: Callable[[str], T]) -> Callable[[str], T]:
    """``look`` asked once for each text of ordinary length while its message is being read."""
    known = lru_cache(maxsize=REMEMBERED)(look)

    @wraps(look)
    def recalled(text: str) -> T:
        return known(text) if len(text) <= EXAMINED else look(text)

    return recalled


def examined(text: str) -> str:
    """The part that is read, at most ``EXAMINED`` characters: three quarters from the head, the rest from the tail."""
    if len(text) <= EXAMINED:
        return text
    head = EXAMINED * 3 // 4
    return f"{text[:head]}\n{text[head + 1 - EXAMINED :]}"


@remembered
def tidy(text: str) -> str:
    """Text as the model reads it: as a reader sees it, without control characters, HTML entities resolved, links and handles made
    anonymous."""
    clean = html.unescape(examined(text).encode("utf-8", "replace").decode("utf-8"))
    if not clean.isascii():
        clean = seen(clean)
    clean = _CONTROL.sub(" ", clean)
    clean = _HANDLE.sub("@user", _URL.sub("<url>", clean))
    return _SPACE.sub(" ", clean).strip()


def seen(text: str) -> str:
    """The text as a reader sees it: without signs that have no ink, letters in fancy dress as plain ones, and Cyrillic letters
    inside Latin words as the Latin ones they look like."""
    text = _UNSEEN.sub("", _TURNED.sub(lambda turned: turned[1][::-1], text))
    text = unicodedata.normalize("NFKC" if _DRESSED.search(text) else "NFC", text)
    return text.translate(_LOOK_LATIN) if _MASKED.search(text) else text


@remembered
def plain(text: str) -> str:
    """Tidied text in lower case with straight apostrophes: what word rules are matched against."""
    return tidy(text).replace("’", "'").replace("`", "'").lower()


def words(text: str) -> list[str]:
    """Words of a plain text, in order; apostrophes inside words stay."""
    return _WORD.findall(text)


def listed(*lines: str) -> frozenset[str]:
    """The words of the lines as a set."""
    return frozenset(word for line in lines for word in line.split())
