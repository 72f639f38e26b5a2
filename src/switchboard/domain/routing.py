"""Who answers, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from switchboard.domain.ids import AgentId


class Decision(StrEnum):
    AUTOMATE = "automate"
    ASSIGN_AGENT = "assign_agent"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRequirements:
    """What the answering person must have; skills and language are hard constraints."""

    skills: frozenset[str] = frozenset()
    language: str = "en"
    urgency: int = 5
    topic: str | None = None
    preferred_agent_id: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTrace:
    """One rule that was looked at: whether it fired and the value it saw."""

    rule: str
    fired: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateVerdict:
    """Why this agent was, or was not, chosen. ``score`` is None for those ruled out by a hard constraint."""

    agent_id: AgentId
    name: str
    chosen: bool
    score: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingDecision:
    """The verdict with everything that led to it. ``estimated_wait_s`` in seconds, None when nobody can say."""

    decision: Decision
    rule: str
    reasoning: str
    escalated: bool = False
    agent_id: AgentId | None = None
    pattern: str | None = None
    estimated_wait_s: float | None = None
    trace: tuple[RuleTrace, ...] = ()
    candidates: tuple[CandidateVerdict, ...] = ()
    requirements: AgentRequirements | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomationPattern:
    """A kind of message that automation may answer: empty sets mean "any"."""

    name: str
    intents: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"en"})
    enabled: bool = True
