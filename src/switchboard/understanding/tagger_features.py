"""What the tagger sees of a message: its words, their letters, their neighbours, and lists of names and places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

ROWS = 1 << 16
"""Rows of the tagger's table: features are hashed into it."""
MOST_TOKENS = 1_500
"""Words and signs read of one message, so that time stays bounded."""

Ids = NDArray[np.uint64]

_TOKEN = re.compile(
    r"\b(?:st|ft|mt)\.(?= ?[^\W\d_])|(?-i:\b[A-Z]\.(?= [A-Z][a-z]))|"  # "St. Louis", "J. Priestman"
    r"(?:https?:/|www\.)\S{1,300}|[\w.+-]{1,64}@[\w-]{1,60}\.[\w.-]{1,60}|[@#]\w{1,60}|"
    r"[^\W\d_](?:[\w]|[.&-](?=\w)|['’](?!s\b)(?=\w)){0,60}|\d(?:[\w]|[.,:/-](?=\w)){0,60}|[^\w\s]|_",
    re.IGNORECASE,
)
_PAIR = re.compile(r"([A-Z]{3})-([A-Z]{3})")
_HALVES = ((1, 0), (2, 4))
"""Two airports in one word ("LAX-SFO"): which part of the match, and where it begins."""
_DIGIT = re.compile(r"\d")
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - 16)
_VIEW = 9
"""Hashes of one word: itself, its shape, its beginnings and ends, its kind, its wide and its narrow group."""
_WORD, _SHAPE, _PREFIX2, _PREFIX3, _SUFFIX2, _SUFFIX3, _KIND, _WIDE, _NARROW = range(_VIEW)
NARROW = 1_000
"""A group's number is its wide group times this, plus its narrow one."""
_PHRASE_WORDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word, number, sign, handle or link, with its place in the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Hashes (``word_hash``) of everyday words, first names, family names, places (whole names) and airports' codes.
    ``groups``: words used alike, as the sentence encoder learned them, by hash with their wide and narrow group."""

    common: frozenset[int]
    first_names: frozenset[int]
    last_names: frozenset[int]
    places: frozenset[int]
    cities: frozenset[int]
    airports: frozenset[int]
    groups: Mapping[int, int] = field(default_factory=dict)


def folded(word: str) -> str:
    """Lower case without accents and with straight apostrophes."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.lower().replace("’", "'"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def word_hash(word: str) -> int:
    """Hash of a folded word or phrase, the same in every process."""
    return crc32(folded(word).encode("utf-8", "replace"))


def tokens_of(text: str) -> list[Token]:
    """The first ``MOST_TOKENS`` tokens in order."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        if pair := _PAIR.fullmatch(match[0]):
            found += [
                Token(text=pair[part], start=match.start() + at, end=match.start() + at + 3) for part, at in _HALVES
            ]
            continue
        found.append(Token(text=match[0], start=match.start(), end=match.end()))
        if len(found) >= MOST_TOKENS:
            break
    return found


def shape_of(word: str) -> str:
    """Kind of letters: "Xx" for a capital and small ones, "X", "x", "X." and the like, digits as 0, handles and links as one."""
    if len(word) > 1 and (word[0] in "@#" or "://" in word or "@" in word):
        return word[0] if word[0] in "@#" else "link"
    letters = [
        "0" if letter.isdigit() else "X" if letter.isupper() else "x" if letter.isalpha() else letter for letter in word
    ]
    short = "".join(letter for place, letter in enumerate(letters) if not place or letter != letters[place - 1])
    return short[:6] + ("1" if len(word) == 1 else "")


class Features:
    """Turns tokens into rows of the table. Words seen once are remembered: most messages cost little more than look-ups."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._view = lru_cache(maxsize=30_000)(self._hashes)
        self._edge = self._view("")

    def ids(self, tokens: Sequence[Token]) -> Ids:
        """Rows of the table for each token, (tokens, features)."""
        views = [self._view(token.text if len(token.text) <= 40 else token.text[:40]) for token in tokens]
        seen = np.array([self._edge, self._edge, *views, self._edge, self._edge], np.uint64)
        now, before, after = seen[2:-2], seen[1:-3], seen[3:-1]
        before2, after2 = seen[:-4], seen[4:]
        place = self._phrases(tokens)
        mode = np.uint64(_mode(tokens))
        first = np.zeros(len(tokens), np.uint64)
        first[0] = 1
        kind, word = now[:, _KIND], now[:, _WORD]
        parts = [
            *(now[:, column] for column in range(_VIEW)),
            before[:, _WORD], after[:, _WORD], before2[:, _WORD], after2[:, _WORD],
            before[:, _KIND], after[:, _KIND], before[:, _SUFFIX3], after[:, _SHAPE],
            _both(before[:, _WORD], kind), _both(after[:, _WORD], kind), _both(before[:, _WORD], before2[:, _WORD]),
            _both(before[:, _WORD], word), _both(word, after[:, _WORD]), _both(before[:, _KIND], kind),
            _both(kind, after[:, _KIND]), _both(_both(before[:, _KIND], kind), after[:, _KIND]),
            _both(_both(before2[:, _WORD], before[:, _WORD]), kind), _both(place, kind), _both(place, before[:, _WORD]),
            _both(_both(mode, first), kind), _both(mode, now[:, _SHAPE]), _both(before2[:, _WORD], kind),
            before[:, _NARROW], after[:, _NARROW], before[:, _WIDE], after[:, _WIDE], before2[:, _WIDE], after2[:, _WIDE],
            _both(before[:, _NARROW], now[:, _WIDE]), _both(after[:, _NARROW], now[:, _WIDE]),
            _both(before[:, _WIDE], now[:, _NARROW]), _both(after[:, _WIDE], now[:, _NARROW]),
            _both(mode, now[:, _NARROW]), _both(now[:, _SHAPE], now[:, _NARROW]), _both(before[:, _WIDE], kind),
        ]  # fmt: skip
        roles = np.arange(1, len(parts) + 1, dtype=np.uint64)
        mixed = (np.stack(parts, axis=1) + roles) * _GOLDEN
        return np.asarray(((mixed ^ (mixed >> np.uint64(29))) * _GOLDEN) >> _SHIFT, np.uint64)

    def _hashes(self, word: str) -> tuple[int, ...]:
        low = folded(word)
        plain = _DIGIT.sub("0", low)
        kind = f"{shape_of(word)[:3]}|{self._flags(word, low)}"
        wide, narrow = divmod(self._lists.groups.get(word_hash(low), -1), NARROW)
        parts = (plain, shape_of(word), plain[:2], plain[:3], plain[-2:], plain[-3:], kind, wide, narrow)
        return tuple(crc32(f"{place}{part}".encode("utf-8", "replace")) for place, part in enumerate(parts))

    def _flags(self, word: str, low: str) -> str:
        number, lists = crc32(low.encode("utf-8", "replace")), self._lists
        return "".join(
            flag
            for flag, there in (
                ("c", number in lists.common),
                ("f", number in lists.first_names),
                ("l", number in lists.last_names),
                ("p", number in lists.places),
                ("t", number in lists.cities),
                ("a", len(word) == 3 and word.isupper() and number in lists.airports),
                ("b", len(word) == 3 and word.islower() and number in lists.airports and number not in lists.common),
            )
            if there
        )

    def _phrases(self, tokens: Sequence[Token]) -> Ids:
        """2 for tokens within a place of two or three words, 1 for a place of one word, else 0."""
        marks = np.zeros(len(tokens), np.uint64)
        words = [folded(token.text) for token in tokens]
        for start in range(len(tokens) - 1):
            if not words[start][:1].isalpha():
                continue
            for length in range(_PHRASE_WORDS, 1, -1):
                phrase = " ".join(words[start : start + length])
                if start + length <= len(tokens) and crc32(phrase.encode("utf-8", "replace")) in self._lists.places:
                    marks[start : start + length] = 2
                    break
        return marks


def _both(one: Ids | np.uint64, two: Ids) -> Ids:
    return np.asarray(one * np.uint64(31) + two * _GOLDEN, np.uint64)


def _mode(tokens: Sequence[Token]) -> int:
    """1 for a message all in small letters, 2 for one all in capitals, else 0."""
    words = [token.text for token in tokens if token.text[0].isalpha()]
    if all(word.islower() for word in words):
        return 1
    return 2 if len(words) > 3 and sum(word.isupper() for word in words) > 0.8 * len(words) else 0
