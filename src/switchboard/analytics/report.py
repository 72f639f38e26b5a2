"""The daily report: how much came in, how customers felt, and how the people and the automation did."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean, median
from zoneinfo import ZoneInfo

from switchboard.analytics.metrics import measure, response_times
from switchboard.analytics.people import AgentMetrics, agent_metrics
from switchboard.analytics.savings import CostSettings, Savings, cost_savings, is_automated_resolution
from switchboard.analytics.topics import TrendingTopic, trending_topics
from switchboard.domain.event import Event, EventType
from switchboard.domain.hours import zone_named

NEGATIVE = -0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """``conversations``: different ones with a customer message that day. ``by_hour``: messages in, hours of the
    business time zone."""

    conversations: int = 0
    messages_in: int = 0
    messages_out: int = 0
    by_channel: Mapping[str, int] = field(default_factory=dict)
    by_hour: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentReport:
    """``mean`` of all messages understood that day, ``before`` that of the day before; None when nothing was."""

    mean: float | None = None
    before: float | None = None
    negative_share: float | None = None
    drops: int = 0
    by_hour: Mapping[int, float] = field(default_factory=dict)

    @property
    def change(self) -> float | None:
        return None if self.mean is None or self.before is None else self.mean - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Times in seconds; ``automation_share`` of all resolutions."""

    resolved: int = 0
    resolved_by_automation: int = 0
    escalations: int = 0
    blocked_replies: int = 0
    dead_letters: int = 0
    median_response_s: float | None = None
    automation_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyReport:
    """``start`` and ``end``: the day in the business time zone, as moments (end excluded)."""

    day: date
    zone: str
    start: datetime
    end: datetime
    volume: Volume
    sentiment: SentimentReport
    outcomes: Outcomes
    agents: tuple[AgentMetrics, ...]
    topics: tuple[TrendingTopic, ...]
    savings: Savings


def day_bounds(day: date, zone: str = "UTC") -> tuple[datetime, datetime]:
    """Midnight to midnight in that zone, as UTC; 23 or 25 hours apart when the clocks change. Raises ``InvalidInput`` for
    an unknown zone."""
    place = zone_named(zone)
    first, second = (datetime.combine(d, time(), tzinfo=place) for d in (day, day + timedelta(days=1)))
    return first.astimezone(UTC), second.astimezone(UTC)


def daily_report(
    events: Iterable[Event], day: date, *, zone: str = "UTC", costs: CostSettings | None = None
) -> DailyReport:
    """Property 47, for any day, also an empty one. ``events`` in order of sequence; earlier ones (a day is enough) add
    comparisons and the conversations that were under way."""
    happened = tuple(events)
    start, end = day_bounds(day, zone)
    today = [event for event in happened if start <= event.at < end]
    return DailyReport(
        day=day,
        zone=zone,
        start=start,
        end=end,
        volume=_volume(today, ZoneInfo(zone)),
        sentiment=_sentiment(happened, start, end, ZoneInfo(zone)),
        outcomes=_outcomes(happened, today, start, end),
        agents=agent_metrics(happened, start, end),
        topics=trending_topics(happened, start, end),
        savings=cost_savings(today, costs),
    )


def _volume(today: Sequence[Event], zone: ZoneInfo) -> Volume:
    received = [event for event in today if event.type is EventType.MESSAGE_RECEIVED]
    return Volume(
        conversations=len({event.conversation_id for event in received if event.conversation_id}),
        messages_in=len(received),
        messages_out=sum(event.type is EventType.MESSAGE_SENT for event in today),
        by_channel=dict(sorted(Counter(event.dimensions.get("channel", "unknown") for event in received).items())),
        by_hour=dict(sorted(Counter(event.at.astimezone(zone).hour for event in received).items())),
    )


def _sentiment(happened: Sequence[Event], start: datetime, end: datetime, zone: ZoneInfo) -> SentimentReport:
    by_hour: dict[int, list[float]] = defaultdict(list)
    scores, before, drops = [], [], 0
    for event in happened:
        today = start <= event.at < end
        drops += today and event.type is EventType.SENTIMENT_DROP
        if event.type is not EventType.MESSAGE_UNDERSTOOD or "sentiment" not in event.metrics:
            continue
        score = event.metrics["sentiment"]
        if today:
            scores.append(score)
            by_hour[event.at.astimezone(zone).hour].append(score)
        elif start - timedelta(days=1) <= event.at < start:
            before.append(score)
    return SentimentReport(
        mean=fmean(scores) if scores else None,
        before=fmean(before) if before else None,
        negative_share=sum(score <= NEGATIVE for score in scores) / len(scores) if scores else None,
        drops=drops,
        by_hour={hour: fmean(values) for hour, values in sorted(by_hour.items())},
    )


def _outcomes(happened: Sequence[Event], today: Sequence[Event], start: datetime, end: datetime) -> Outcomes:
    kinds = Counter(event.type for event in today)
    automated = sum(is_automated_resolution(event) for event in today)
    resolved = kinds[EventType.RESOLUTION]
    waits = response_times(item for item in measure(happened) if start <= item.timestamp < end)
    return Outcomes(
        resolved=resolved,
        resolved_by_automation=automated,
        escalations=kinds[EventType.ESCALATION],
        blocked_replies=kinds[EventType.REPLY_BLOCKED],
        dead_letters=kinds[EventType.DEAD_LETTER],
        median_response_s=median(waits) if waits else None,
        automation_share=automated / resolved if resolved else None,
    )
