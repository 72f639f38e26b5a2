"""Numbers about wording that the model reads beside the embedding: the cues that the rules know."""

from __future__ import annotations

from switchboard.domain.reading import IntentCategory
from switchboard.understanding.demands import demands_person
from switchboard.understanding.rules import intent_scores
from switchboard.understanding.signals import outside_step, time_sensitive, wants_human
from switchboard.understanding.steps import announces_step, tells_of_step
from switchboard.understanding.text import listed, plain, words
from switchboard.understanding.tone import tone

QUESTION_WORDS = listed(
    "how what when where why which who is are do does did can could may will would should",
)
CUES = 23
"""Width of ``cues``."""


def cues(text: str) -> list[float]:
    """What the rules see, as ``CUES`` numbers of about 0 to 1."""
    low = plain(text)
    found = words(low)
    scores = intent_scores(text)
    mood = tone(text).score
    first = found[0] if found else ""
    return [
        *(scores[intent] for intent in IntentCategory),
        float(wants_human(text)),
        float(outside_step(text)),
        float(bool(time_sensitive(text))),
        mood,
        max(0.0, -mood),
        max(0.0, mood),
        float("?" in text),
        float(low.endswith("?")),
        float(first in QUESTION_WORDS),
        float("!" in text),
        float("please" in found or "plz" in found or "pls" in found),
        float("my" in found or "i" in found),
        min(1.0, len(found) / 40),
        float(len(found) <= 3),
        float(not any(sign.isalpha() for sign in low)),
        float(demands_person(text)),
        float(announces_step(text)),
        float(tells_of_step(text)),
    ]
