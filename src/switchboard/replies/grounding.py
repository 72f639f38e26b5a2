"""Check that a sentence says nothing that its source does not say."""

from __future__ import annotations

import re

from switchboard.domain.words import NUMBER_WORDS, STOPWORDS, content_words, is_code, sentences, words
from switchboard.replies.plain import folded

WORDS_A_FREE_ONE = 5
"""A sentence may hold one word that its source lacks for every five it says; fewer words, none."""

_CLAUSES = re.compile(r"[,;:()]|\s-\s|\b(?:and|but|or|because|while|whereas|so that|although)\b")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nothing|cannot|without|neither|nor|unable|except|refuse[ds]?|nicht|kein\w*|pas|"
    r"jamais|sin|nunca|"
    r"(?:do|does|did|ca|wo|is|are|was|were|has|have|had|could|would|should|must)n'?t)\b"
)
_UNIT_AFTER = re.compile(
    r"(\d[\d.,]*)\s?-?\s?(%|percent|euros?|eur|€|dollars?|usd|\$|pounds?|gbp|£|(?:business |working )?(?:minutes?|"
    r"mins?|hours?|hrs?|days?|weeks?|"
    r"months?|years?)|km|kg|miles?|times?)"
)
_SIGN_BEFORE = re.compile(r"([€$£¥])\s?(\d[\d.,]*)")
_UNITS = {
    "€": "eur",
    "euro": "eur",
    "$": "usd",
    "dollar": "usd",
    "£": "gbp",
    "pound": "gbp",
    "percent": "%",
    "min": "minute",
    "hr": "hour",
    "¥": "jpy",
}
_OPPOSITES = (
    ("free", "charge"),
    ("before", "after"),
    ("always", "never"),
    ("more", "less"),
    ("minimum", "maximum"),
    ("least", "most"),
    ("open", "closed"),
    ("include", "exclude"),
    ("can", "cannot"),
    ("enable", "disable"),
    ("increase", "decrease"),
    ("accept", "reject"),
    ("within", "after"),
)

_POLITE = (
    "hello hi dear much lot really good morning afternoon evening day thank thanks sorry apologi apologies regret trouble "
    "inconvenienc "
    "patienc understand hear glad happy pleas kind regard best wish warm team messag question request reply answer "
    "contact reach writ write letting feedback appreciat here hope see below above following information help "
    "assist further anything else feel free let know frustrat frustrating concern yes sure cours welcom touch"
)
COURTESY = frozenset(_POLITE.split())
"""Stems of the words of politeness: a sentence made of these and of stop words alone states no fact."""


def unsupported(claim: str, source: str) -> str | None:
    """Why ``source`` does not carry ``claim``; None when it does. Every sentence of the claim is looked at: its words, and
    above all its numbers, codes, amounts and negations must be the source's."""
    plain_source = folded(source)
    reasons = (_sentence_unsupported(folded(sentence), plain_source) for sentence in sentences(claim))
    return next((reason for reason in reasons if reason), None)


def _sentence_unsupported(claim: str, source: str) -> str | None:
    if _figures(claim) - _figures(source):
        return "it holds a figure or code that is not in the source"
    if is_verbatim(claim, source):
        return None
    if _foreign(claim, source):
        return "it holds words that are not in the source"
    nearest = nearest_sentence(claim, source)
    if _negations(claim) % 2 != _negations(nearest) % 2:
        return "it negates what the source says, or the other way round"
    return "it says the opposite of the source" if _turned(claim, nearest) else None


def _foreign(claim: str, source: str) -> bool:
    """Whether too many words are not the source's, in the sentence or in any one clause of it."""
    held = _meanings(source) | COURTESY
    said = _meanings(claim)
    if len(said - held) > len(said) // WORDS_A_FREE_ONE:
        return True
    clauses = [_meanings(clause) for clause in _CLAUSES.split(claim)]
    return any(len(clause - held) > len(clause) / 2 for clause in clauses)


def _meanings(text: str) -> set[str]:
    return {NUMBER_WORDS.get(word, word) for word in content_words(text)}


def is_verbatim(sentence: str, source: str) -> bool:
    """Whether the source holds the sentence word for word."""
    said, held = (" ".join(re.findall(r"\w+", folded(text))) for text in (sentence, source))
    return bool(said) and f" {said} " in f" {held} "


def leftovers(text: str, known: frozenset[str]) -> list[str]:
    """The words of an uncited text that state something: neither stop words, politeness nor ``known`` words."""
    found = [word for word in content_words(text) if word not in COURTESY and word not in known]
    return found + _NEGATION.findall(folded(text))


def nearest_sentence(claim: str, source: str) -> str:
    """The sentence of the source that shares most words with the claim (two neighbours count as one)."""
    said = set(content_words(claim))
    single = sentences(source) or [source]
    return max(single, key=lambda sentence: _overlap(said, sentence))


def _overlap(said: set[str], sentence: str) -> float:
    held = set(content_words(sentence))
    return len(said & held) - 0.1 * len(held - said) / max(1, len(held))


def _figures(plain: str) -> set[str]:
    """Numbers, codes and number-with-unit pairs, in one spelling."""
    counted = " ".join(NUMBER_WORDS.get(word, word) for word in re.findall(r"\S+", plain))
    figures = {word for word in words(counted) if is_code(word)}
    pairs = [(number, unit) for number, unit in _UNIT_AFTER.findall(counted)]
    pairs += [(number, sign) for sign, number in _SIGN_BEFORE.findall(counted)]
    return figures | {f"{'/'.join(words(number))} {_unit(unit)}" for number, unit in pairs}


def _unit(unit: str) -> str:
    single = unit.removeprefix("business ").removeprefix("working ")
    single = single[:-1] if single.endswith("s") and len(single) > 2 else single
    return _UNITS.get(single, single)


def _negations(plain: str) -> int:
    return len(_NEGATION.findall(plain))


def _turned(claim: str, source: str) -> bool:
    """Whether one says a word where the other says its opposite."""
    said, meant = set(re.findall(r"\w+", claim)), set(re.findall(r"\w+", source))
    return any(
        (one in said and one not in meant and other in meant and other not in said)
        or (other in said and other not in meant and one in meant and one not in said)
        for one, other in _OPPOSITES
    )


def known_words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in words(text)) | STOPWORDS
