"""Reads intent and mood in six languages beside English by listed words: modest, and always for a person's eye."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from switchboard.domain.reading import IntentCategory
from switchboard.understanding.foreign_words import LISTED, NEUTRAL
from switchboard.understanding.text import plain

LANGUAGES = tuple(LISTED)
"""Languages that these rules read."""
_LOOK_BACK = 18
"""Characters before a word of mood in which a negation turns it."""
_STEPS = {"awful": -1.0, "bad": -0.6, "poor": -0.3, "fine": 0.3, "good": 0.6, "superb": 1.0, "neutral": 0.0}
_AGAIN = -0.3
"""What a word of lost patience adds: again, still, the third time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """One language's lists as patterns. ``mood`` has the groups of ``_STEPS``, strongest first."""

    question: re.Pattern[str]
    polite: re.Pattern[str]
    request: re.Pattern[str]
    failing: re.Pattern[str]
    upset: re.Pattern[str]
    suggestion: re.Pattern[str]
    praise: re.Pattern[str]
    mood: re.Pattern[str]
    negated: re.Pattern[str]
    strong: re.Pattern[str]


@cache
def _heard(language: str) -> _Heard:
    """Compiled when the first message of the language comes."""
    lists = LISTED[language]
    moods = sorted((name for name in _STEPS if _STEPS[name]), key=lambda name: -abs(_STEPS[name]))
    groups = "|".join(f"(?P<{name}>{_either(getattr(lists, name))})" for name in moods)
    return _Heard(
        **{name: re.compile(rf"(?<!\w)(?:{_either(getattr(lists, name))})(?!\w)") for name in _PLAIN},
        praise=re.compile(rf"(?<!\w)(?:{_either(lists.good)}|{_either(lists.superb)}|{_either(lists.thanks)})(?!\w)"),
        mood=re.compile(rf"(?<!\w)(?:(?P<neutral>{_either(NEUTRAL)})|{groups})(?!\w)"),
        negated=re.compile(rf"(?<!\w)(?:{_either(lists.negation)})(?:\W+\w{{1,12}})?\W*$"),
        strong=re.compile(rf"(?<!\w)(?:{_either(lists.strong)})\W*$"),
    )


_PLAIN = ("question", "polite", "request", "failing", "upset", "suggestion")


def _either(listed: str) -> str:
    """An alternation of listed words, longest first; ``*`` is any ending of up to 12 letters."""
    words = sorted(listed.split("|"), key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\*", r"\w{0,12}") for word in words)


def intent_scores_in(language: str, text: str, mood: float) -> Mapping[IntentCategory, float]:
    """Evidence for complaint, request, inquiry and feedback in one of ``LANGUAGES``; ``mood`` in [-1, 1]."""
    heard, low = _heard(language), plain(text)
    failing, upset = bool(heard.failing.search(low)), bool(heard.upset.search(low))
    asks = "?" in low
    polite, wanted = bool(heard.polite.search(low)), bool(heard.request.search(low))
    complaint = 0.4 * failing + 0.4 * upset + 0.8 * max(0.0, -mood)
    request = 0.45 * polite + 0.4 * wanted
    inquiry = 0.4 * asks + 0.3 * bool(heard.question.search(low))
    feedback = (
        0.35 * bool(heard.praise.search(low))
        + 0.45 * bool(heard.suggestion.search(low))
        + (0.8 if mood > 0 else 0.5) * abs(mood)
    )
    if complaint >= 0.35:
        request, inquiry, feedback = request * 0.6, inquiry * 0.6, feedback * (0.5 if failing or upset else 1.0)
    if polite or (wanted and not asks):
        inquiry *= 0.6
    return {
        IntentCategory.COMPLAINT: complaint,
        IntentCategory.REQUEST: request,
        IntentCategory.INQUIRY: inquiry,
        IntentCategory.FEEDBACK: feedback,
    }


def moods_in(language: str, text: str) -> list[tuple[str, float]]:
    """Words of mood with their weight from -1 to 1, turned by a negation before them, in order of appearance."""
    heard, low = _heard(language), plain(text)
    found = []
    for match in heard.mood.finditer(low):
        weight = _STEPS[str(match.lastgroup)]
        before = low[max(0, match.start() - _LOOK_BACK) : match.start()]
        if heard.negated.search(before):
            weight = _turned(weight)
        if heard.strong.search(before):
            weight *= 1.3
        found.append((match[0], weight))
    if upset := heard.upset.search(low):
        found.append((upset[0], _AGAIN))
    return found


def _turned(weight: float) -> float:
    """What is left of a word that is denied: "not content" is displeased, "not bad" pleased, "no problem" hardly."""
    if weight > 0:
        return -max(0.45, 0.6 * weight)
    return 0.45 if weight == _STEPS["bad"] else 0.1
