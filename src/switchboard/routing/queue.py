"""Who is next when nobody is free, and an honest guess of how long it takes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Protocol, TypeVar

from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.hours import BusinessHours
from switchboard.domain.ids import ConversationId
from switchboard.domain.routing import AgentRequirements
from switchboard.domain.urgency import AGEING_S_PER_POINT, aged_priority
from switchboard.routing.agents import absent, capacity, full, lacking


class Waiting(Protocol):
    """A conversation that waits for a person."""

    @property
    def conversation_id(self) -> ConversationId: ...
    @property
    def priority(self) -> float: ...
    @property
    def queued_at(self) -> datetime: ...
    @property
    def required_skills(self) -> frozenset[str]: ...
    @property
    def language(self) -> str: ...


W = TypeVar("W", bound=Waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """``s_per_point``: seconds of waiting worth one point of priority. ``usual_handling_s`` stands in until the business
    has handling times of its own; at least ``enough_times`` of those are needed."""

    s_per_point: float = AGEING_S_PER_POINT
    usual_handling_s: float = 480.0
    enough_times: int = 5
    zone: str = "UTC"


def order_queue(entries: Iterable[W], now: datetime, settings: QueueSettings | None = None) -> tuple[W, ...]:
    """Highest priority first (Property 21), with ageing so that none waits for ever (Property 45); then first come."""
    settings = settings or QueueSettings()
    return tuple(sorted(entries, key=lambda entry: _rank(entry, now, settings)))


def next_for_agent(
    agent: Agent, entries: Iterable[W], now: datetime, settings: QueueSettings | None = None
) -> W | None:
    """The first in the queue that this agent can serve at once; None when there is none or the agent cannot take any."""
    settings = settings or QueueSettings()
    if absent(agent, now, settings.zone) or full(agent):
        return None
    servable = [entry for entry in entries if not lacking(agent, needs_of(entry))]
    return min(servable, key=lambda entry: _rank(entry, now, settings), default=None)


def needs_of(entry: Waiting) -> AgentRequirements:
    return AgentRequirements(skills=entry.required_skills, language=entry.language)


def place_in_queue(entry: W, entries: Iterable[W], now: datetime, settings: QueueSettings | None = None) -> int:
    """How many of the others are served before this one (0 = next)."""
    settings = settings or QueueSettings()
    mine = _rank(entry, now, settings)
    return sum(
        _rank(other, now, settings) < mine for other in entries if other.conversation_id != entry.conversation_id
    )


def estimate_wait(
    ahead: int,
    requirements: AgentRequirements,
    agents: Iterable[Agent],
    handling_times: Sequence[float],
    now: datetime,
    settings: QueueSettings | None = None,
) -> float | None:
    """Seconds until a person answers, with ``ahead`` conversations before this one. Counts only agents who can serve it:
    a free place means now; full ones free a place every handling time divided by their places; if all are away, the
    wait starts when the first one's working hours do. None when nobody able is on duty or known to come."""
    settings = settings or QueueSettings()
    able = [agent for agent in agents if not lacking(agent, requirements) and capacity(agent)]
    present = [agent for agent in able if _serves(agent, now, settings)]
    if not present:
        return _after_opening(ahead, able, handling_times, now, settings)
    places = sum(capacity(agent) for agent in present)
    free = sum(
        max(0, capacity(agent) - agent.current_workload) for agent in present if agent.status is AgentStatus.AVAILABLE
    )
    return _service(ahead - free + 1, places, handling_times, settings)


def _serves(agent: Agent, now: datetime, settings: QueueSettings) -> bool:
    """Busy people still finish conversations; those offline or off duty do not."""
    if agent.status is AgentStatus.OFFLINE:
        return False
    return not agent.hours or BusinessHours(zone=settings.zone, weekly=agent.hours).is_open(now)


def _after_opening(
    ahead: int, able: Sequence[Agent], times: Sequence[float], now: datetime, settings: QueueSettings
) -> float | None:
    openings = [(_next_shift(agent, now, settings), agent) for agent in able if agent.hours]
    known = [(start, agent) for start, agent in openings if start is not None]
    if not known:
        return None
    first = min(start for start, _ in known)
    places = sum(capacity(agent) for start, agent in known if start == first)
    return (first - now).total_seconds() + _service(ahead - places + 1, places, times, settings)


def _next_shift(agent: Agent, now: datetime, settings: QueueSettings) -> datetime | None:
    """Somebody who should be working but is offline is not known to come: only a later shift counts."""
    hours = BusinessHours(zone=settings.zone, weekly=agent.hours)
    return None if hours.is_open(now) else hours.next_opening(now)


def _service(before: int, places: int, times: Sequence[float], settings: QueueSettings) -> float:
    """``before`` places must become free until it is this one's turn; 0 or less means at once."""
    return max(0, before) * typical_handling_s(times, settings) / places


def typical_handling_s(times: Sequence[float], settings: QueueSettings | None = None) -> float:
    """The mean handling time without the slowest and quickest tenth, which say more about breaks than about work."""
    settings = settings or QueueSettings()
    sound = sorted(time for time in times if math.isfinite(time) and time > 0)
    if len(sound) < settings.enough_times:
        return settings.usual_handling_s
    cut = len(sound) // 10
    return fmean(sound[cut : len(sound) - cut])


def _rank(entry: Waiting, now: datetime, settings: QueueSettings) -> tuple[float, datetime, str]:
    waited = (now - entry.queued_at).total_seconds()
    aged = aged_priority(entry.priority, waited, s_per_point=settings.s_per_point)
    return -aged, entry.queued_at, entry.conversation_id
