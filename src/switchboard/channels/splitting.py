"""Cuts a long answer into messages that fit a channel, at the ends of paragraphs and sentences where possible."""

from __future__ import annotations

import re
import unicodedata

_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_SENTENCE = re.compile(r"[.!?…]['\")\]»”]?\s|[。！？]|\n")
_BLANK = re.compile(r"\s")
_JOINERS = {"\u200d", "\ufe0e", "\ufe0f"}


def size(text: str, unit: str = "characters") -> int:
    """How much of a limit the text uses up; ``unit`` is "characters" or "bytes" (UTF-8)."""
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
    prefix = text[:limit]
    if unit == "bytes":
        prefix = prefix.encode("utf-8", "surrogatepass")[:limit].decode("utf-8", "ignore")
    return prefix


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
