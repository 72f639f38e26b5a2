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
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
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
    """Text as the model reads it: no control characters, HTML entities resolved, links and handles made anonymous."""
    clean = html.unescape(examined(text).encode("utf-8", "replace").decode("utf-8"))
    clean = _INVISIBLE.sub(" ", unicodedata.normalize("NFC", clean))
    clean = _HANDLE.sub("@user", _URL.sub("<url>", clean))
    return _SPACE.sub(" ", clean).strip()


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
