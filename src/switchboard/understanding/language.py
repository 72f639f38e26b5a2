"""The language of a message by script and common words: enough for short texts, and honest when it cannot tell."""

from __future__ import annotations

import re

from switchboard.domain.reading import Language
from switchboard.understanding.text import listed, plain, words

UNKNOWN = Language(code="und", confidence=0.0)
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "sv")
"""Languages told apart in service."""
LETTERS = 8
"""Fewer letters say nothing about the language."""

_SHORT = {
    word: code
    for code, listed in {
        "en": "ok okay thx thanks thank ty hi hey hello yes yep yeah no nope please pls help bye cool great "
        "sorry hmm sure",
        "de": "danke bitte ja nein hallo moin servus tschüss guten",
        "fr": "merci bonjour oui salut svp",
        "es": "gracias hola sí buenas adiós",
        "it": "grazie ciao buongiorno sì prego",
        "pt": "obrigado obrigada olá oi sim não",
        "nl": "bedankt dank hoi goedemorgen nee",
        "pl": "dziękuję cześć tak nie proszę",
        "tr": "teşekkürler merhaba evet hayır",
        "sv": "tack hej ja nej snälla",
    }.items()
    for word in listed.split()
}
_ANY_LANGUAGE = listed(
    "ok okay no hi super",
)
_COMMON = {
    "en": "the and to is my i you it for of in have not with on this was that are be please how when what "
    "can want need me your do wanna a from they get",
    "de": "der die das und ist ich nicht mein meine sie ein eine mit auf für zu habe wie kann bitte den von es",
    "fr": "le la les et est je ne pas mon ma vous un une avec pour de des que qui dans ce j'ai comment sur",
    "es": "el la los y es no mi un una con para de que en por se lo está mi pedido cómo cuando yo",
    "it": "il la e è non mio mia un una con per di che in sono ho come il mio della quando lo",
    "pt": "o a os e é não meu minha um uma com para de que em eu está como do da quando por",
    "nl": "de het en is niet mijn een met voor van ik dat op kan hoe wanneer u heb te er",
    "pl": "w na nie jest się z do mój moja że jak mam proszę czy",
    "tr": "ve bir bu ne için ile değil benim var mı nasıl ben çok",
    "sv": "och att det är inte min en ett med för på jag har som hur kan",
}
_COMMON_SETS = {code: frozenset(listed.split()) for code, listed in _COMMON.items()}
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


def language_by_rules(text: str) -> Language:
    """Script first, then greetings and short answers, then common words; ``und`` when nothing speaks for one."""
    low = plain(text)
    letters = sum(sign.isalpha() for sign in low)
    if letters < 2:
        return UNKNOWN
    for code, script in _SCRIPTS:
        if len(script.findall(low)) > 0.3 * letters:
            return Language(code=code, confidence=0.8)
    found = words(low)[:200]
    return _short_answer(found) if len(found) <= 3 else _by_common_words(found)


def is_short(text: str) -> bool:
    """Too short for statistics over letters: three words or twelve letters at most."""
    low = plain(text)
    return len(words(low)) <= 3 or sum(sign.isalpha() for sign in low) <= 12


def settled(text: str) -> Language | None:
    """The language where rules are the better judge than statistics (short texts, other scripts), else None."""
    guess = language_by_rules(text)
    if guess.code == "und":
        return guess if sum(sign.isalpha() for sign in text[:200]) < LETTERS else None
    return guess if is_short(text) or guess.code not in LANGUAGES else None


def _short_answer(found: list[str]) -> Language:
    codes = {_SHORT[word] for word in found if word in _SHORT}
    if len(codes) == 1:
        shared = all(word in _ANY_LANGUAGE for word in found)
        return Language(code=codes.pop(), confidence=0.5 if shared else 0.8)
    return _by_common_words(found)


def _by_common_words(found: list[str]) -> Language:
    counts = {code: sum(word in common for word in found) for code, common in _COMMON_SETS.items()}
    best, second = sorted(counts.values(), reverse=True)[:2]
    if best == 0 or best == second:
        return UNKNOWN
    code = max(counts, key=lambda name: counts[name])
    most = 0.9 if best > 1 else 0.45
    return Language(code=code, confidence=round(min(most, 0.4 + 0.5 * (best - second) / best), 3))
