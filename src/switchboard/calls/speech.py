"""How a written answer sounds: no marks, no addresses read letter by letter, no more than one can listen to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from switchboard.calls.phrases import language_of

LISTENABLE = 900
"""Characters of an automatic answer that are spoken: about a minute."""

_FENCE = re.compile(r"^\s{0,3}(?:```|~~~).*$", re.MULTILINE)
_LINE_MARK = re.compile(r"^[ \t]{0,8}(?:#{1,6}|[-*+•–]|>|\d{1,2}[.)])[ \t]+", re.MULTILINE)
_RULE = re.compile(r"^[ \t]{0,3}(?:[-*_=][ \t]?){3,80}$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\([^()\s]{0,2000}\)")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]{1,2000}", re.IGNORECASE)
_CITATION = re.compile(r"\s?\[\d{1,2}\]")
_EMPHASIS = re.compile(r"\*{1,3}|_{2,3}|`{1,3}|~~")
_SENTENCE_END = re.compile(r"[.!?…](?=\s|$)")
_BLANKS = re.compile(r"[ \t]+")
_STOPS = ".!?:;,…"

WEBSITE: Mapping[str, str] = {"en": "our website", "de": "unserer Website", "fr": "notre site", "es": "nuestra web"}


def speakable(text: str, locale: str, limit: int | None = None) -> str:
    """The words of an answer as they are spoken; at most ``limit`` characters, ended after a whole sentence.

    >>> speakable("**Returns** take 30 days [1]. See https://example.org/returns", "en-US")
    'Returns take 30 days. See our website'
    """
    website = WEBSITE[language_of(locale)]
    words = _LINK.sub(r"\1", _CITATION.sub("", text.replace("\r\n", "\n")))
    words = _URL.sub(lambda found: website + _tail(found[0]), words)
    words = _EMPHASIS.sub("", _LINE_MARK.sub("", _RULE.sub("", _FENCE.sub("", words))))
    lines = (_BLANKS.sub(" ", line).strip() for line in words.split("\n"))
    spoken = " ".join(_stopped(line) for line in lines if line)
    spoken = spoken[:-1] if spoken.endswith(".") and not text.rstrip().endswith(".") else spoken
    return spoken if limit is None else shortened(spoken, limit)


def shortened(words: str, limit: int) -> str:
    """The whole sentences that fit; a first sentence that is too long by itself ends after a word."""
    if len(words) <= limit:
        return words
    ends = [found.end() for found in _SENTENCE_END.finditer(words, 0, limit)]
    if ends:
        return words[: ends[-1]]
    return f"{words[: limit - 1].rpartition(' ')[0] or words[: limit - 1]}…"


def _tail(url: str) -> str:
    """What stood behind an address and is not part of it."""
    return url[-1] if url[-1] in _STOPS else ""


def _stopped(line: str) -> str:
    """A line of a list is a sentence of its own."""
    return line if line[-1] in _STOPS else f"{line}."
