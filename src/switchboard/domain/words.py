"""How we take text apart: words, light stems, numbers and sentences, the same way wherever texts are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LITTLE = (
    "a about am an and any are as at be been being but by can could d did do does doing don for from get got had has "
    "have having he hello her hey hi him his how i if in into is it its just know like ll m may me might my need no "
    "not of on one or our out over please re s she should so some t than thank thanks that the their them then there "
    "these they this those to too up us ve very want was we were what when where which while who why will with would "
    "you your yours tell wondering wonder help"
)
STOPWORDS = frozenset(_LITTLE.split())
"""Words that say nothing about what a text is about."""

_COUNTING = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
NUMBER_WORDS = {word: str(value) for value, word in enumerate(_COUNTING.split())} | {
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "ninety": "90",
    "hundred": "100",
}

_WORD = re.compile(r"\w+(?:[-.,'/:]\w+)*")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_ENDINGS = (("ies", "y", 3), ("ing", "", 4), ("ied", "y", 3), ("ed", "", 4), ("ly", "", 4))
_SENTENCE_END = re.compile(r"[.!?…]+[\"')\]»”’]{0,3}(?=\s)|[。！？]|\n")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|no|nr|vs|e\.g|i\.e|etc|approx|inc|ltd|co|a\.m|p\.m|tel|ext)|\b[a-z])\.$",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The light stem of a lower-case word: plural, -ing, -ed and -ly endings go; codes and short words stay whole."""
    if len(word) < 4 or not word.isalpha():
        return word
    for ending, instead, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least - 1:
            return _undouble(word[: -len(ending)] + instead)
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def words(text: str) -> list[str]:
    """Every word of a text, lower case and stemmed; codes such as ``lc-48213`` and amounts such as ``12.50`` stay whole
    and are followed by their parts."""
    found: list[str] = []
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text).replace("’", "'").casefold()):
        found.extend(_forms(match.group()))
    return found


def content_words(text: str) -> list[str]:
    """The words that carry meaning."""
    return [word for word in words(text) if word not in STOPWORDS and (len(word) > 1 or word.isdigit())]


def is_code(word: str) -> bool:
    """Order numbers, amounts, versions: whatever holds a digit."""
    return any(character.isdigit() for character in word)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends; line breaks end sentences, "e.g." and initials do not."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match.group() != "\n" and _ABBREVIATION.search(text[max(start, match.start() - 12) : match.start() + 1]):
            continue
        _add_span(spans, text, start, match.end())
        start = match.end()
    _add_span(spans, text, start, len(text))
    return spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def _add_span(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if piece.strip():
        spans.append((start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())))


def _forms(word: str) -> list[str]:
    if is_code(word):
        parts = [part for part in re.split(r"[-.,'/:]", word) if part] if not _is_number(word) else []
        return [_plain_number(word), *(part for part in parts if part != word)]
    if _WIDE.search(word):
        return [word[at : at + 2] for at in range(max(1, len(word) - 1))]
    parts = re.split(r"[-.,/:]", word)
    return [stem(part.split("'")[0]) if not part.endswith("n't") else stem(part[:-3]) for part in parts if part]


def _is_number(word: str) -> bool:
    return all(character.isdigit() or character in ".," for character in word)


def _plain_number(word: str) -> str:
    """``1,000.00`` and ``1000`` are one number; other codes stay as they are."""
    if not _is_number(word):
        return word
    whole = re.sub(r"[,.](?=\d{3}(?:\D|$))", "", word).replace(",", ".")
    return re.sub(r"\.0+$", "", whole)


def _undouble(word: str) -> str:
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        return word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 4 else word
