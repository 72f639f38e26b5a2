"""The people who answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from switchboard.domain.ids import AgentId, UserId

MAX_WORKLOAD = 5
"""No agent ever has a sixth active conversation (Property 22)."""


class AgentStatus(StrEnum):
    AVAILABLE = "available"
    BUSY = "busy"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Working hours on one weekday (0 = Monday) in the business time zone."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """``performance_score`` in [0, 1]; ``success`` maps a topic to (successes, tries) of this agent."""

    agent_id: AgentId
    name: str
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"en"})
    status: AgentStatus = AgentStatus.OFFLINE
    current_workload: int = 0
    max_workload: int = MAX_WORKLOAD
    performance_score: float = 0.5
    success: dict[str, tuple[int, int]] = field(default_factory=dict)
    hours: tuple[Shift, ...] = ()
    user_id: UserId | None = None
    status_since: datetime | None = None
    version: int = 1
