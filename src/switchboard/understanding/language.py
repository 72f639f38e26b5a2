"""The language of a message by its script, small words and letters; honest when it cannot tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import exp, log

from switchboard.domain.reading import Language
from switchboard.understanding.language_words import ANYWHERE, COMMON, SIGNS
from switchboard.understanding.text import plain, words

UNKNOWN = Language(code="und", confidence=0.0)
LANGUAGES = tuple(COMMON)
"""Languages told apart in service; other scripts are told by their letters."""
READ = 400
"""Characters looked at: more does not change the answer."""
TELL_FROM = 0.5
"""Chance below which no language is named."""
CERTAIN = 0.97
"""Chance from which small words need no second opinion."""

_WORD_COUNTS, _SIGN_COUNTS, _NOTHING = 3.5, 1.5, 1.2
"""What a word and a letter add for their languages, and what speaks for "cannot tell", as logarithms. One word of a single
language gives a chance of 0.73, two of them 0.99."""
_LETTERS_COUNT, _LONGER, _LETTERS_MOST = 0.8, 0.1, 1.6
"""How much a statistic over letters counts beside the words: in a text of one word, more with each word, and at most."""
_NAME = 4
"""Up to so many words, all written with a capital or a digit and none of them known, are taken for a name."""
_GUESS = 6
"""Fewer letters than this and no known word: no statistic is asked."""

_WORDS: dict[str, list[str]] = {}
for _code, _listed in COMMON.items():
    for _word in set(_listed.split()) - ANYWHERE:
        _WORDS.setdefault(_word, []).append(_code)
_SIGNS = {sign: codes.split() for sign, codes in SIGNS.items()}
_ADDRESS = re.compile(r"<url>|@user|\S{1,64}@\S{1,200}|\b\w{1,20}\d\w{0,20}\b")
_SCRIPTS = (
    ("ja", re.compile(r"[぀-ヿ]")),
    ("ko", re.compile(r"[가-힯]")),
    ("zh", re.compile(r"[一-鿿]")),
    ("ar", re.compile(r"[؀-ۿ]")),
    ("he", re.compile(r"[֐-׿]")),
    ("el", re.compile(r"[Ͱ-Ͽ]")),
    ("ru", re.compile(r"[Ѐ-ӿ]")),
    ("hi", re.compile(r"[ऀ-ॿ]")),
    ("th", re.compile(r"[฀-๿]")),
)
_PLAIN_LETTERS = re.compile(r"[a-z]")


def language_by_rules(text: str) -> Language:
    """By script, words and letters alone; ``und`` when nothing speaks for one language."""
    certain, found = opinion(text)
    return certain or told_by(found)


def opinion(text: str) -> tuple[Language | None, Mapping[str, float]]:
    """The language where no statistic could do better (another script, nothing that is written in any language, enough
    small words), else None; and what speaks for each language, as logarithms that add up."""
    low = readable(text)
    letters = sum(map(str.isalpha, low))
    if letters < 2:
        return UNKNOWN, {}
    if (script := _by_script(low, letters)) is not None:
        return script, {}
    spoken = words(low)
    known = _of_words(spoken)
    if not known and (letters < _GUESS or _like_a_name(text, spoken)):
        return UNKNOWN, {}
    signs = _of_signs(low)
    found = {code: _WORD_COUNTS * known.get(code, 0) + _SIGN_COUNTS * signs.get(code, 0) for code in {*known, *signs}}
    told = told_by(found)
    return told if told.confidence >= CERTAIN else None, found


def with_letters(found: Mapping[str, float], shares: Mapping[str, float], size: int) -> Language:
    """The language by words and by a statistic over letters (``shares`` of each language, adding up to 1) together, for a
    text of ``size`` words."""
    weight = min(_LETTERS_MOST, _LETTERS_COUNT + _LONGER * size)
    heard = {
        code: found.get(code, 0.0) + weight * log(max(share, 1e-6) * len(LANGUAGES)) for code, share in shares.items()
    }
    return told_by(heard)


def told_by(found: Mapping[str, float]) -> Language:
    """The likeliest language with its chance; ``und`` below ``TELL_FROM``."""
    if not found:
        return UNKNOWN
    top = max(*found.values(), _NOTHING)
    silent = len(LANGUAGES) - len(found)
    total = sum(exp(value - top) for value in found.values()) + exp(_NOTHING - top) + silent * exp(-top)
    code = max(found, key=lambda name: found[name])
    chance = exp(found[code] - top) / total
    return Language(code=code, confidence=round(chance, 3)) if chance >= TELL_FROM else UNKNOWN


def readable(text: str) -> str:
    """The beginning of the text in lower case, without links, addresses and codes, which have no language."""
    return _ADDRESS.sub(" ", plain(text[:READ]))


def _by_script(low: str, letters: int) -> Language | None:
    if len(_PLAIN_LETTERS.findall(low)) > 0.7 * letters:
        return None
    for code, script in _SCRIPTS:
        if len(script.findall(low)) > 0.3 * letters:
            return Language(code=code, confidence=0.8)
    return None


def _of_words(found: Sequence[str]) -> Counter[str]:
    """How many words speak for each language; one that several share speaks for each."""
    counts: Counter[str] = Counter()
    for word in set(found):
        counts.update(_WORDS.get(word, ()))
        if "'" in word:
            head, _, tail = word.partition("'")
            counts.update(_WORDS.get(f"{head}'", ()))
            counts.update(_WORDS.get(tail, ()))
    return counts


def _of_signs(low: str) -> Counter[str]:
    """How many of the letters found each language writes beside a to z."""
    counts: Counter[str] = Counter()
    if not low.isascii():
        for sign in set(low):
            counts.update(_SIGNS.get(sign, ()))
    return counts


def _like_a_name(text: str, found: Sequence[str]) -> bool:
    """A few words that all begin with a capital or hold a digit: a name, a brand, a product."""
    written = words(text[:READ])
    return len(found) <= _NAME and not any(word[0].islower() and word[1:2].islower() for word in written)
