"""Agents, queue entries and facts as the tests of this folder need them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from switchboard.domain.agent import Agent, AgentStatus, Shift
from switchboard.domain.ids import AgentId, ConversationId
from switchboard.domain.reading import IntentCategory, ReadingSource
from switchboard.domain.routing import AutomationPattern
from switchboard.routing.rules import RoutingFacts

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
ANYTHING = AutomationPattern(name="anything", languages=frozenset())
SKILLS = ("billing", "technical", "refunds")


def agent(
    name: str,
    *,
    skills: frozenset[str] = frozenset(),
    languages: frozenset[str] = frozenset({"en"}),
    status: AgentStatus = AgentStatus.AVAILABLE,
    load: int = 0,
    most: int = 5,
    performance: float = 0.5,
    success: dict[str, tuple[int, int]] | None = None,
    hours: tuple[Shift, ...] = (),
) -> Agent:
    return Agent(
        agent_id=AgentId(f"agt_{name}"),
        name=name,
        skills=skills,
        languages=languages,
        status=status,
        current_workload=load,
        max_workload=most,
        performance_score=performance,
        success=success or {},
        hours=hours,
    )


@dataclass(frozen=True, kw_only=True)
class Entry:
    conversation_id: ConversationId
    priority: float
    queued_at: datetime = NOW
    required_skills: frozenset[str] = field(default_factory=frozenset)
    language: str = "en"


def entry(name: str, priority: float, *, waited_s: float = 0, skills: frozenset[str] = frozenset()) -> Entry:
    return Entry(
        conversation_id=ConversationId(name),
        priority=priority,
        queued_at=NOW - timedelta(seconds=waited_s),
        required_skills=skills,
    )


skill_sets = st.sets(st.sampled_from(SKILLS)).map(frozenset)
language_sets = st.sets(st.sampled_from(["en", "de", "fr"]), min_size=1).map(frozenset)


@st.composite
def teams(draw: st.DrawFn, *, least: int = 0) -> list[Agent]:
    count = draw(st.integers(least, 6))
    return [
        agent(
            f"a{place}",
            skills=draw(skill_sets),
            languages=draw(language_sets),
            status=draw(st.sampled_from(AgentStatus)),
            load=draw(st.integers(0, 7)),
            most=draw(st.integers(0, 9)),
            performance=draw(st.floats(0, 1)),
            success={"billing_payment": draw(st.tuples(st.integers(0, 9), st.integers(0, 9)))},
        )
        for place in range(count)
    ]


def any_facts() -> st.SearchStrategy[RoutingFacts]:
    return st.builds(
        RoutingFacts,
        intent=st.sampled_from(IntentCategory),
        topic=st.sampled_from(["billing_payment", "general", None]),
        confidence=st.integers(0, 100).map(lambda hundredths: hundredths / 100),
        urgency=st.integers(1, 10),
        text=st.text(max_size=60),
        channel=st.just("email"),
        language=st.sampled_from(["en", "de"]),
        wants_human=st.booleans(),
        automation_attempts=st.integers(0, 5),
        source=st.sampled_from(ReadingSource),
        mood_alarm=st.sampled_from([None, "fell twice in a row"]),
        blocked=st.sampled_from([None, "it named another customer"]),
        reply_confidence=st.none() | st.floats(0, 1),
        with_agent=st.booleans(),
    )


CALM = RoutingFacts(intent=IntentCategory.INQUIRY, topic="pricing_policy", confidence=0.95, urgency=5)
"""A question that automation may answer."""
