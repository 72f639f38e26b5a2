"""How the customer's mood moves over a conversation, and when its fall alone calls for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from switchboard.domain.conversation import SentimentPoint, SentimentTrend, Trend

ROUNDING = 1e-9
"""0.1 minus -0.2 is a hair above 0.3 for a computer, but not for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendSettings:
    """``drop``: a fall by more than this is a deterioration. ``window``: customer messages the overall trend looks at.
    ``moved``: how far the fitted line must rise or fall over the window to count."""

    drop: float = 0.3
    alarm_below: float = -0.5
    window: int = 5
    moved: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentDrop:
    """A fall of more than 0.3 from one customer message to the next; ``message_id`` is the later one."""

    before: SentimentPoint
    after: SentimentPoint

    @property
    def size(self) -> float:
        return self.before.score - self.after.score

    @property
    def message_id(self) -> str:
        return self.after.message_id


def sentiment_trend(points: Sequence[SentimentPoint], settings: TrendSettings | None = None) -> SentimentTrend:
    """``points`` in order of the conversation, customer messages only. ``drop`` is the fall at the newest message (0 when
    it did not fall); ``deterioration_detected`` says whether any two neighbours fell by more than 0.3 (Property 10)."""
    settings = settings or TrendSettings()
    newest = points[-2].score - points[-1].score if len(points) > 1 else 0.0
    return SentimentTrend(
        history=tuple(points),
        overall=_overall(points[-settings.window :], settings),
        deterioration_detected=bool(sentiment_drops(points, settings)),
        drop=max(0.0, newest),
        escalate=_alarm(points, settings),
    )


def sentiment_drops(
    points: Sequence[SentimentPoint], settings: TrendSettings | None = None
) -> tuple[SentimentDrop, ...]:
    """Every deterioration of the conversation: the highlights of its timeline (Property 35)."""
    settings = settings or TrendSettings()
    return tuple(
        SentimentDrop(before=before, after=after)
        for before, after in pairwise(points)
        if _fell(before.score, after.score, settings)
    )


def _fell(before: float, after: float, settings: TrendSettings) -> bool:
    return before - after > settings.drop + ROUNDING


def _alarm(points: Sequence[SentimentPoint], settings: TrendSettings) -> str | None:
    """Only a fall at the newest message raises it: an old one was dealt with when it happened."""
    scores = [point.score for point in points[-3:]]
    if len(scores) < 2:
        return None
    before, now = scores[-2:]
    fell = _fell(before, now, settings)
    if len(scores) == 3 and fell and _fell(scores[0], before, settings):
        return f"sentiment fell twice in a row, from {scores[0]:.2f} over {before:.2f} to {now:.2f}"
    if now < settings.alarm_below and (fell or before >= settings.alarm_below):
        return f"sentiment fell from {before:.2f} to {now:.2f}, below {settings.alarm_below:g}"
    return None


def _overall(window: Sequence[SentimentPoint], settings: TrendSettings) -> Trend:
    """The slope of the least-squares line through the window, times its length: the fitted change."""
    count = len(window)
    if count < 2:
        return Trend.STABLE
    middle = (count - 1) / 2
    mean = sum(point.score for point in window) / count
    spread = sum((place - middle) ** 2 for place in range(count))
    slope = sum((place - middle) * (point.score - mean) for place, point in enumerate(window)) / spread
    change = slope * (count - 1)
    if abs(change) < settings.moved:
        return Trend.STABLE
    return Trend.IMPROVING if change > 0 else Trend.DECLINING
