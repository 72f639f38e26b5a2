"""How things stand this minute: the numbers on the supervisor's wall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from switchboard.analytics.states import Standing, agent_statuses, follow_all
from switchboard.domain.agent import AgentStatus
from switchboard.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """``active`` are all open conversations, ``queue_depth`` those of them waiting for a person. ``longest_wait_s`` is
    that of the queue; ``unanswered`` counts open conversations whose customer has no answer yet."""

    at: datetime
    active: int
    queue_depth: int
    available_agents: int
    with_automation: int = 0
    with_agents: int = 0
    unanswered: int = 0
    escalated: int = 0
    longest_wait_s: float = 0.0
    by_channel: Mapping[str, int] = field(default_factory=dict)
    by_topic: Mapping[str, int] = field(default_factory=dict)


def fold_dashboard(events: Iterable[Event], now: datetime) -> Dashboard:
    """Property 50 from the events alone, in order of sequence. Stores may count faster; this is what they must agree with."""
    happened = tuple(events)
    running = [facts for facts in follow_all(happened).values() if facts.is_open]
    standing = Counter(facts.standing for facts in running)
    waits = [(now - facts.queued_at).total_seconds() for facts in running if facts.queued_at is not None]
    statuses = agent_statuses(happened)
    return Dashboard(
        at=now,
        active=len(running),
        queue_depth=standing[Standing.QUEUED],
        available_agents=sum(status is AgentStatus.AVAILABLE for status in statuses.values()),
        with_automation=standing[Standing.AUTOMATION],
        with_agents=standing[Standing.AGENT],
        unanswered=sum(facts.asked_at is not None for facts in running),
        escalated=sum(facts.escalated for facts in running),
        longest_wait_s=max(waits, default=0.0),
        by_channel=_ranked(facts.channel for facts in running),
        by_topic=_ranked(facts.topic for facts in running),
    )


def _ranked(names: Iterable[str]) -> dict[str, int]:
    counted = Counter(name for name in names if name)
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
