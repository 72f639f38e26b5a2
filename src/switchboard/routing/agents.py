"""Which person answers: hard limits first, then who knows the customer, then who is likely to do it best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from switchboard.domain.agent import MAX_WORKLOAD, Agent, AgentStatus
from switchboard.domain.hours import BusinessHours
from switchboard.domain.routing import AgentRequirements, CandidateVerdict

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSettings:
    """Weights of the score (they sum to 1). ``prior_tries``: how many imagined tries at the middle rate stand behind an
    agent nobody has seen with this topic. ``zone``: the time zone of the agents' hours."""

    performance: float = 0.4
    capacity: float = 0.3
    success: float = 0.3
    prior_tries: float = 4.0
    prior_rate: float = 0.5
    zone: str = "UTC"


def find_best_agent(
    requirements: AgentRequirements,
    agents: Iterable[Agent],
    now: datetime,
    settings: MatchSettings | None = None,
) -> tuple[Agent | None, tuple[CandidateVerdict, ...]]:
    """The agent to assign, or None when nobody suitable is free; and for every agent why they were or weren't chosen,
    best first. Whoever is chosen still has to be reserved atomically by the store."""
    settings = settings or MatchSettings()
    judged = [_judge(agent, requirements, now, settings) for agent in agents]
    free = sorted(
        (pair for pair in judged if pair[1].score is not None), key=lambda pair: _order(pair[0], pair[1], requirements)
    )
    out = sorted((pair for pair in judged if pair[1].score is None), key=lambda pair: pair[0].agent_id)
    ranked = tuple(verdict for _, verdict in (*free, *out))
    if not free:
        return None, ranked
    best = free[0][0]
    return best, _explain(ranked, best, requirements)


def unsuitable(agent: Agent, requirements: AgentRequirements, now: datetime, zone: str = "UTC") -> tuple[str, ...]:
    """The hard limits that rule this agent out, in words; empty when they could take the conversation now."""
    return (*lacking(agent, requirements), *absent(agent, now, zone), *full(agent))


def lacking(agent: Agent, requirements: AgentRequirements) -> tuple[str, ...]:
    """What they cannot do, however long one waits (Property 20)."""
    known = {skill.casefold() for skill in agent.skills}
    missing = sorted(skill for skill in requirements.skills if skill.casefold() not in known)
    reasons = [f"lacks the skill {skill}" for skill in missing]
    if requirements.language not in agent.languages:
        reasons.append(f"does not speak {requirements.language}")
    return tuple(reasons)


def absent(agent: Agent, now: datetime, zone: str = "UTC") -> tuple[str, ...]:
    reasons = [] if agent.status is AgentStatus.AVAILABLE else [f"is {agent.status.value}"]
    if agent.hours and not BusinessHours(zone=zone, weekly=agent.hours).is_open(now):
        reasons.append("is outside working hours")
    return tuple(reasons)


def full(agent: Agent) -> tuple[str, ...]:
    places = capacity(agent)
    if agent.current_workload < places:
        return ()
    return (f"has {agent.current_workload} of {places} conversations",)


def capacity(agent: Agent) -> int:
    """Never more than five, whatever is configured (Property 22)."""
    return max(0, min(agent.max_workload, MAX_WORKLOAD))


def _judge(
    agent: Agent, requirements: AgentRequirements, now: datetime, settings: MatchSettings
) -> tuple[Agent, CandidateVerdict]:
    against = unsuitable(agent, requirements, now, settings.zone)
    verdict = CandidateVerdict(agent_id=agent.agent_id, name=agent.name, chosen=False, score=None, reasons=against)
    return agent, verdict if against else _scored(verdict, agent, requirements, settings)


def _scored(
    verdict: CandidateVerdict, agent: Agent, requirements: AgentRequirements, settings: MatchSettings
) -> CandidateVerdict:
    places = capacity(agent)
    free = places - max(0, agent.current_workload)
    good, tries = agent.success.get(requirements.topic or "", (0, 0))
    learned = learned_success(good, tries, settings)
    performance = min(1.0, max(0.0, agent.performance_score))
    score = settings.performance * performance + settings.capacity * free / places + settings.success * learned
    record = f"resolved {good} of {tries}" if tries else "has no record yet"
    matter = (requirements.topic or "this kind of issue").replace("_", " ")
    reasons = (
        f"performance {performance:.2f}",
        f"{free} of {places} places free",
        f"{record} about {matter} ({learned:.2f} expected)",
    )
    known = ("knows this customer",) if agent.agent_id == requirements.preferred_agent_id else ()
    return replace(verdict, score=score, reasons=(*known, *reasons))


def learned_success(good: int, tries: int, settings: MatchSettings | None = None) -> float:
    """The expected success rate: what was seen, pulled towards the middle while little was seen (Beta smoothing)."""
    settings = settings or MatchSettings()
    tries = max(0, tries)
    seen = min(max(0, good), tries)
    return (seen + settings.prior_rate * settings.prior_tries) / (tries + settings.prior_tries)


def _order(
    agent: Agent, verdict: CandidateVerdict, requirements: AgentRequirements
) -> tuple[bool, float, int, datetime, str]:
    """Continuity beats any score (Property 23); then score, fewer conversations, longest idle, and a stable last word."""
    stranger = agent.agent_id != requirements.preferred_agent_id
    since = agent.status_since or EPOCH
    return stranger, -(verdict.score or 0.0), agent.current_workload, since, agent.agent_id


def _explain(
    ranked: Sequence[CandidateVerdict], best: Agent, requirements: AgentRequirements
) -> tuple[CandidateVerdict, ...]:
    chosen, *others = ranked
    if best.agent_id == requirements.preferred_agent_id:
        lost = "free, but a colleague knows this customer"
    else:
        lost = f"free, but scores below {best.name} ({chosen.score:.2f})"
    return (
        replace(chosen, chosen=True),
        *(other if other.score is None else replace(other, reasons=(lost, *other.reasons)) for other in others),
    )
