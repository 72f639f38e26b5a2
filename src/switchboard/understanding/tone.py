"""The tone of a message by its words, signs and shouting: what stands in when the model cannot tell."""

from __future__ import annotations

from dataclasses import dataclass

from switchboard.domain.reading import SentimentLabel, SentimentResult, sentiment_label
from switchboard.understanding.foreign import LANGUAGES, moods_in
from switchboard.understanding.lexicon import EMOJI, NEGATIONS, STRONG, TONE
from switchboard.understanding.text import plain, remembered, tidy, words

BORDERS = (-0.65, -0.25, 0.25, 0.65)
"""Where one label ends and the next begins."""
CLEAR = 0.08
"""How far from the next label a score is no close call."""
_RIGHT = {
    (label, heard, clear): share
    for label, without, close, far in (
        (SentimentLabel.VERY_NEGATIVE, 0.4, 0.4, 0.4),
        (SentimentLabel.NEGATIVE, 0.57, 0.57, 0.68),
        (SentimentLabel.NEUTRAL, 0.79, 0.55, 0.2),
        (SentimentLabel.POSITIVE, 0.1, 0.1, 0.2),
        (SentimentLabel.VERY_POSITIVE, 0.4, 0.4, 0.4),
    )
    for heard, clear, share in (
        (False, False, without),
        (False, True, without),
        (True, False, close),
        (True, True, far),
    )
}
"""Share of right labels among the 737 of our own messages that chose the recipe, by label, whether any word of emotion was
found, and whether the score is clear of the next label. Too few were very negative or very positive to tell: those are set."""


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
    """The rules' sentiment; confidence is the share that was right of messages like it (``_RIGHT``)."""
    seen = tone_in(language, text)
    label = sentiment_label(seen.score)
    edge = min(abs(seen.score - border) for border in BORDERS)
    return SentimentResult(
        score=seen.score,
        label=label,
        confidence=_RIGHT[label, bool(seen.score or seen.indicators), edge >= CLEAR],
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
