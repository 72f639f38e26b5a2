"""What customers write about most, and what is on the rise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import ConversationId


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendingTopic:
    """``conversations`` in the window (each counted once per topic), ``before`` in the equally long window before it.
    ``share`` of all conversations of the window; ``sentiment`` their mean mood, None when unknown."""

    rank: int
    topic: str
    conversations: int
    before: int
    share: float
    sentiment: float | None = None
    intents: tuple[str, ...] = ()

    @property
    def change(self) -> int:
        return self.conversations - self.before


def trending_topics(
    events: Iterable[Event], start: datetime, end: datetime, *, most: int | None = None
) -> tuple[TrendingTopic, ...]:
    """Property 49: topics of the messages understood in [start, end), most frequent first, then by growth, then by name.
    Hand in events from one window length before ``start`` on to have the comparison."""
    now, before = _Window(), _Window()
    for event in events:
        if start <= event.at < end:
            now.add(event)
        elif start - (end - start) <= event.at < start:
            before.add(event)
    everything = len(set().union(*now.conversations.values())) if now.conversations else 0
    counted = [
        (topic, len(found), len(before.conversations.get(topic, ()))) for topic, found in now.conversations.items()
    ]
    counted.sort(key=lambda item: (-item[1], item[2] - item[1], item[0]))
    return tuple(
        TrendingTopic(
            rank=place + 1,
            topic=topic,
            conversations=count,
            before=earlier,
            share=count / everything,
            sentiment=fmean(now.moods[topic]) if now.moods[topic] else None,
            intents=tuple(sorted(now.intents[topic])),
        )
        for place, (topic, count, earlier) in enumerate(counted[:most])
    )


class _Window:
    """What was understood in one span of time, by topic."""

    def __init__(self) -> None:
        self.conversations: dict[str, set[ConversationId]] = defaultdict(set)
        self.moods: dict[str, list[float]] = defaultdict(list)
        self.intents: dict[str, set[str]] = defaultdict(set)

    def add(self, event: Event) -> None:
        topic = event.dimensions.get("topic")
        if event.type is not EventType.MESSAGE_UNDERSTOOD or not topic or event.conversation_id is None:
            return
        self.conversations[topic].add(event.conversation_id)
        if "sentiment" in event.metrics:
            self.moods[topic].append(event.metrics["sentiment"])
        if intent := event.dimensions.get("intent"):
            self.intents[topic].add(intent)
