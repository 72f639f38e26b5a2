"""The tone of a message by its words, signs and shouting: what stands in when the model cannot tell."""

from __future__ import annotations

from dataclasses import dataclass

from switchboard.domain.reading import SentimentResult, sentiment_label
from switchboard.understanding.foreign import LANGUAGES, moods_in
from switchboard.understanding.lexicon import EMOJI, NEGATIONS, STRONG, TONE
from switchboard.understanding.text import plain, remembered, tidy, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """``score`` in [-1, 1]; ``indicators`` are the words and signs that speak of emotion, strongest "
    "evidence as found."""

    score: float
    indicators: tuple[str, ...] = ()


@remembered
def tone(text: str) -> Tone:
    """Weigh every word with the two before it (negation turns, intensifiers add), emoji, capitals and exclamations."""
    return _weighed(text, _words_with_tone(words(plain(text))))


def tone_in(language: str, text: str) -> Tone:
    """The tone by the words of the language where we have lists for it, else by the words of all."""
    return _weighed(text, moods_in(language, text)) if language in LANGUAGES else tone(text)


def _weighed(text: str, found: list[tuple[str, float]]) -> Tone:
    found = [*found, *((sign, EMOJI[sign]) for sign in tidy(text) if sign in EMOJI)]
    total = sum(weight for _, weight in found)
    shouting = _shouting(text)
    if shouting and total < 0:
        total *= 1.4
        found.append((shouting, 0.0))
    score = total / (1.2 + abs(total)) if total else 0.0
    marks = dict.fromkeys(name for name, weight in found if abs(weight) >= 0.5 or name == shouting)
    return Tone(score=round(score, 3), indicators=tuple(marks)[:8])


def sentiment_by_rules(text: str, language: str = "") -> SentimentResult:
    """The rules' sentiment; confidence grows with the evidence but stays modest."""
    seen = tone_in(language, text)
    return SentimentResult(
        score=seen.score,
        label=sentiment_label(seen.score),
        confidence=round(0.4 + 0.3 * abs(seen.score), 3),
        emotional_indicators=seen.indicators,
    )


def _words_with_tone(found: list[str]) -> list[tuple[str, float]]:
    toned = []
    for place, word in enumerate(found):
        weight = TONE.get(word)
        if weight is None:
            continue
        before = found[max(0, place - 3) : place]
        if any(other in NEGATIONS for other in before):
            weight *= -0.6 if weight > 0 else -0.3
        if before and before[-1] in STRONG:
            weight *= 1.4
        toned.append((word, weight))
    return toned


def _shouting(text: str) -> str:
    """A name for shouting when there is some: repeated exclamation marks or a mostly capital text."""
    head = text[:2_000]
    if "!!" in head:
        return "!!"
    letters = [sign for sign in head if sign.isalpha()]
    capitals = sum(sign.isupper() for sign in letters)
    return "CAPITALS" if len(letters) >= 12 and capitals > 0.7 * len(letters) else ""
