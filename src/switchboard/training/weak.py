"""Weak labels: what wording and emotion classes say about a message when nobody read it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from switchboard.understanding.text import plain

EMOTIONS = {
    "admiration": 0.7, "amusement": 0.4, "anger": -0.75, "annoyance": -0.5, "approval": 0.35, "caring": 0.3,
    "confusion": -0.1, "curiosity": 0.0, "desire": 0.1, "disappointment": -0.55, "disapproval": -0.45,
    "disgust": -0.75, "embarrassment": -0.35, "excitement": 0.7, "fear": -0.5, "gratitude": 0.6, "grief": -0.7,
    "joy": 0.7, "love": 0.8, "nervousness": -0.35, "neutral": 0.0, "optimism": 0.4, "pride": 0.6,
    "realization": 0.0, "relief": 0.4, "remorse": -0.4, "sadness": -0.55, "surprise": 0.1,
}  # fmt: skip
"""Tone of each emotion class on our scale, set by hand."""

_ASKS = re.compile(
    r"\b(?:can|could|would|will) (?:you|u|someone|somebody)\b|\bplease\b|\bi (?:need|want|wish)\b|\bi'd like\b|\bhelp me\b"
)
_KNOWS = re.compile(r"\?|^(?:how|what|when|where|why|who|which|is|are|do|does|can|could|will|would|should|may)\b")
_FAILED = re.compile(
    r"\b(?:still|again|wrong|twice|never|not work\w*|isn't|wasn't|didn't|doesn't|hasn't|won't|charged|declined|failed|missing|"
    r"rejected|refused|denied|hasnt|didnt|doesnt|without my|error|incorrect\w*|cancelled)\b"
)


def emotion_score(names: Sequence[str]) -> float | None:
    """Mean tone of the emotion classes, or None when the classes contradict each other."""
    scores = [EMOTIONS[name] for name in names if name in EMOTIONS]
    if not scores or (min(scores) < -0.2 and max(scores) > 0.2):
        return None
    return sum(scores) / len(scores)


def intent_by_wording(text: str) -> str | None:
    """Question, ask or bare report of a failing (guideline 1.1), for classes that leave the intent open."""
    low = plain(text)
    if re.match(r"(?:how|what|when|where|why|which)\b", low):
        return "complaint" if re.search(r"\b(?:still|again|wrong|twice)\b", low) else "inquiry"
    if _ASKS.search(low):
        return "complaint" if re.search(r"\b(?:still|again|twice)\b", low) else "request"
    if _KNOWS.search(low):
        return "inquiry"
    return "complaint" if _FAILED.search(low) else None
