"""How each agent's work went, in the terms of the design document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean

from switchboard.analytics.metrics import AnalyticsEvent, measure
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId, ConversationId

SATISFACTION = ("satisfaction", "customer_satisfaction")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentMetrics:
    """Means are None where nothing was measured. Times in seconds; ``customer_satisfaction`` 1..5 over ``ratings``
    answers; ``escalation_rate``: share of their conversations that were escalated while they had them."""

    agent_id: AgentId
    start: datetime
    end: datetime
    conversations_handled: int = 0
    resolved: int = 0
    messages_sent: int = 0
    average_response_time: float | None = None
    average_resolution_time: float | None = None
    customer_satisfaction: float | None = None
    ratings: int = 0
    escalation_rate: float = 0.0


@dataclass(slots=True)
class _Tally:
    handled: set[ConversationId] = field(default_factory=set)
    escalated: set[ConversationId] = field(default_factory=set)
    responses: list[float] = field(default_factory=list)
    resolutions: list[float] = field(default_factory=list)
    ratings: list[float] = field(default_factory=list)
    resolved: int = 0
    sent: int = 0


def agent_metrics(events: Iterable[Event], start: datetime, end: datetime) -> tuple[AgentMetrics, ...]:
    """Everybody who did something in [start, end), by id. Events before ``start`` only tell who had which conversation."""
    happened = tuple(events)
    tallies: dict[AgentId, _Tally] = {}
    holder: dict[ConversationId, AgentId] = {}
    for event in happened:
        agent = _who(event, holder)
        if agent is not None and start <= event.at < end:
            _count(tallies.setdefault(agent, _Tally()), event)
    for item in measure(happened):
        _count_response(tallies, item, start, end)
    return tuple(_metrics(agent, tallies[agent], start, end) for agent in sorted(tallies))


def _who(event: Event, holder: dict[ConversationId, AgentId]) -> AgentId | None:
    """The agent that an event counts for: the one it names, else the one who has the conversation."""
    if event.type in (EventType.AGENT_STATUS, EventType.CONFIG_CHANGED):
        return None
    named = event.dimensions.get("agent_id")
    if event.conversation_id is None:
        return AgentId(named) if named else None
    if event.type is EventType.ASSIGNED and named:
        holder[event.conversation_id] = AgentId(named)
    agent = AgentId(named) if named else holder.get(event.conversation_id)
    if event.type in (EventType.RESOLUTION, EventType.ARCHIVED, EventType.QUEUED):
        holder.pop(event.conversation_id, None)
    return agent


def _count(tally: _Tally, event: Event) -> None:
    by_agent = event.dimensions.get("by", "agent") == "agent"
    match event.type:
        case EventType.ASSIGNED:
            _note(tally.handled, event)
        case EventType.MESSAGE_SENT if by_agent and "agent_id" in event.dimensions:
            tally.sent += 1
            _note(tally.handled, event)
        case EventType.ESCALATION:
            _note(tally.escalated, event)
        case EventType.RESOLUTION if by_agent:
            tally.resolved += 1
            _note(tally.handled, event)
            tally.resolutions += [event.metrics[m] for m in ("resolution_time_s", "handling_s") if m in event.metrics][
                :1
            ]
            tally.ratings += _ratings(event)
        case EventType.ACTION_OUTCOME:
            tally.ratings += _ratings(event)
        case _:
            pass


def _note(conversations: set[ConversationId], event: Event) -> None:
    if event.conversation_id is not None:
        conversations.add(event.conversation_id)


def _ratings(event: Event) -> list[float]:
    return [event.metrics[name] for name in SATISFACTION if name in event.metrics][:1]


def _count_response(tallies: dict[AgentId, _Tally], item: AnalyticsEvent, start: datetime, end: datetime) -> None:
    tally = tallies.get(AgentId(item.dimensions.get("agent_id", "")))
    answered = item.event_type == EventType.MESSAGE_SENT.value and item.dimensions.get("answers", "yes") == "yes"
    if tally is not None and answered and start <= item.timestamp < end:
        tally.responses.append(item.metrics["response_time_s"])


def _metrics(agent: AgentId, tally: _Tally, start: datetime, end: datetime) -> AgentMetrics:
    handled = len(tally.handled)
    return AgentMetrics(
        agent_id=agent,
        start=start,
        end=end,
        conversations_handled=handled,
        resolved=tally.resolved,
        messages_sent=tally.sent,
        average_response_time=_mean(tally.responses),
        average_resolution_time=_mean(tally.resolutions),
        customer_satisfaction=_mean(tally.ratings),
        ratings=len(tally.ratings),
        escalation_rate=len(tally.escalated & tally.handled) / handled if handled else 0.0,
    )


def _mean(values: list[float]) -> float | None:
    return fmean(values) if values else None
