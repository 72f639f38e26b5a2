"""Cuts a long answer into messages that fit a channel, at the ends of paragraphs and sentences where possible."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_SENTENCE = re.compile(r"[.!?…]['\")\]»”]?\s|[。！？]|\n")
_BLANK = re.compile(r"\s")
_JOINERS = {"\u200d", "\ufe0e", "\ufe0f"}


_LINK = re.compile(
    r"https?://\S{1,4000}|\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,3}\.[a-z]{2,24}\b(?:/\S{0,4000})?", re.IGNORECASE
)
LINK_WEIGHT = 23
"""X turns whatever looks like a link into a short one of this length."""


def size(text: str, unit: str = "characters") -> int:
    """How much of a limit the text uses up; ``unit`` is "characters", "bytes" (UTF-8) or "weighted" (a post on X)."""
    if unit == "weighted":
        return sum(_weights(text))
    return len(text.encode("utf-8", "surrogatepass")) if unit == "bytes" else len(text)


def split_text(text: str, limit: int | None, unit: str = "characters") -> tuple[str, ...]:
    """The text in order, each part within ``limit``; only white space at the cuts is lost. Blank text has no parts."""
    if limit is not None and limit < 8:
        raise ValueError(f"limit is {limit}, must be at least 8")
    parts: list[str] = []
    rest = text.strip()
    while limit is not None and size(rest, unit) > limit:
        cut = _cut(_longest_prefix(rest, limit, unit), rest)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return (*parts, rest) if rest else tuple(parts)


def _longest_prefix(text: str, limit: int, unit: str) -> str:
    if unit == "weighted":
        fits = sum(1 for used in accumulate(_weights(text)) if used <= limit)
        return text[: max(1, fits)]
    prefix = text[:limit]
    if unit == "bytes":
        prefix = prefix.encode("utf-8", "surrogatepass")[:limit].decode("utf-8", "ignore")
    return prefix


def _weights(text: str) -> list[int]:
    """What each character of a post counts: Latin and its like one, all others two, a link as a whole 23."""
    weights = [1 if _is_light(ord(character)) else 2 for character in text]
    for link in _LINK.finditer(text):
        start, end = link.span()
        weights[start:end] = [LINK_WEIGHT, *([0] * (end - start - 1))]
    return weights


def _is_light(code: int) -> bool:
    """The ranges of X's published counting rules."""
    return code <= 4351 or 8192 <= code <= 8205 or 8208 <= code <= 8223 or 8242 <= code <= 8247


def _cut(window: str, rest: str) -> int:
    """Where to cut: the last paragraph or sentence end in the second half, else a blank, else between characters."""
    half = len(window) // 2
    for pattern in (_PARAGRAPH, _SENTENCE, _BLANK):
        ends = [match.end() for match in pattern.finditer(window) if match.end() > half]
        if ends:
            return ends[-1]
    return _between_characters(window, rest)


def _between_characters(window: str, rest: str) -> int:
    """Not inside an emoji or an accented letter, unless the whole window is one."""
    cut = len(window)
    while cut > max(1, len(window) - 32):
        if not _belongs_together(rest[cut - 1], rest[cut]):
            return cut
        cut -= 1
    return len(window)


def _belongs_together(before: str, after: str) -> bool:
    modifier = "\U0001f3fb" <= after <= "\U0001f3ff"
    return before == "\u200d" or after in _JOINERS or modifier or unicodedata.combining(after) != 0
