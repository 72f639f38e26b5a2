"""The numbers: each is a projection of the event log, computed when asked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from switchboard.analytics.people import agent_metrics
from switchboard.analytics.report import daily_report
from switchboard.analytics.savings import CostSettings, cost_savings
from switchboard.analytics.topics import trending_topics
from switchboard.analytics.understanding import understanding_report
from switchboard.api.caller import Caller, needs
from switchboard.api.messages import TheApp
from switchboard.api.problems import RESPONSES
from switchboard.domain.agent import AgentStatus
from switchboard.flows.app import App
from switchboard.flows.business import Business
from switchboard.ports.records import JobKind, View
from switchboard.ports.store import Work
from switchboard.trust.roles import Permission

router = APIRouter(prefix="/v1/analytics", responses=RESPONSES, tags=["analytics"])
Analyst = Annotated[Caller, Depends(needs(Permission.READ_ANALYTICS))]
Days = Annotated[int, Query(ge=1, le=92)]


class DashboardShape(BaseModel):
    """Counts of this moment (Property 50)."""

    at: datetime
    active_conversations: int
    queue_depth: int
    available_agents: int
    agents: int
    automation: int
    waiting_for_customer: int
    messages_to_read: int
    dead_letters: int


class Figures(BaseModel):
    """A projection as JSON; docs/analytics.md defines every figure."""

    figures: dict[str, Any]


@router.get("/dashboard")
async def dashboard(app: TheApp, _: Analyst) -> DashboardShape:
    now = app.clock.now()

    def count(work: Work) -> DashboardShape:
        counts = work.conversations.counts()
        agents = work.agents.all()
        free = [a for a in agents if a.status is AgentStatus.AVAILABLE and a.current_workload < a.max_workload]
        return DashboardShape(
            at=now,
            active_conversations=counts.get(View.OPEN, 0),
            queue_depth=work.queue.depth(),
            available_agents=len(free),
            agents=len(agents),
            automation=counts.get(View.AUTOMATION, 0),
            waiting_for_customer=counts.get(View.WAITING, 0),
            messages_to_read=work.jobs.backlog(JobKind.UNDERSTAND).waiting,
            dead_letters=work.jobs.count_dead(),
        )

    return await app.store.read(count)


@router.get("/reports/daily")
async def report(app: TheApp, _: Analyst, day: Annotated[date | None, Query(alias="date")] = None) -> Figures:
    """One business day: volume, mood, people (Property 47). Default: yesterday."""
    business = await app.business()
    wanted = day or (app.clock.now() - timedelta(days=1)).date()
    return Figures(figures=await report_of(app, wanted, business))


async def report_of(app: App, day: date, business: Business) -> dict[str, Any]:
    """The daily report as plain JSON values."""

    def compute(work: Work) -> dict[str, Any]:
        start = datetime.combine(day, datetime.min.time(), tzinfo=app.clock.now().tzinfo)
        events = tuple(work.events.between(start - timedelta(days=2), start + timedelta(days=2)))
        figures: dict[str, Any] = plain(daily_report(events, day, zone=business.hours.zone, costs=costs_of(business)))
        return figures

    return await app.store.read(compute)


@router.get("/topics")
async def topics(app: TheApp, _: Analyst, days: Days = 7) -> Figures:
    """What customers write about, most frequent first, with the change (Property 49)."""
    now = app.clock.now()

    def compute(work: Work) -> Figures:
        events = tuple(work.events.between(now - timedelta(days=2 * days), now))
        found = trending_topics(events, now - timedelta(days=days), now)
        return Figures(figures={"topics": [plain(topic) for topic in found], "days": days})

    return await app.store.read(compute)


@router.get("/understanding")
async def understanding(app: TheApp, _: Analyst, days: Days = 7) -> Figures:
    """How sure the model is, whether the messages have changed since the window before, and what people corrected."""
    return Figures(figures=await understanding_of(app, days))


async def understanding_of(app: App, days: int) -> dict[str, Any]:
    """The report on understanding as plain JSON values."""
    now = app.clock.now()

    def compute(work: Work) -> dict[str, Any]:
        events = work.events.between(now - timedelta(days=2 * days), now)
        return {**plain(understanding_report(events, now - timedelta(days=days), now)), "days": days}

    return await app.store.read(compute)


@router.get("/savings")
async def savings(app: TheApp, _: Analyst, days: Days = 30) -> Figures:
    """What automation saved (Property 48): resolutions × (cost of a person − cost of automation)."""
    business, now = await app.business(), app.clock.now()

    def compute(work: Work) -> Figures:
        events = work.events.between(now - timedelta(days=days), now)
        return Figures(figures={**plain(cost_savings(events, costs_of(business))), "days": days})

    return await app.store.read(compute)


@router.get("/agents")
async def agents(app: TheApp, _: Analyst, days: Days = 7) -> Figures:
    """Each person's conversations, times, ratings and escalations."""
    now = app.clock.now()

    def compute(work: Work) -> Figures:
        start = now - timedelta(days=days)
        found = agent_metrics(tuple(work.events.between(start - timedelta(days=2), now)), start, now)
        return Figures(figures={"agents": [plain(metrics) for metrics in found], "days": days})

    return await app.store.read(compute)


def costs_of(business: Business) -> CostSettings:
    costs = business.costs
    return CostSettings(
        agent_per_conversation=Decimal(str(costs.agent_per_conversation)),
        automation_per_conversation=Decimal(str(costs.automation_per_conversation)),
        currency=costs.currency,
    )


def plain(value: Any) -> Any:
    """A projection's dataclass as JSON values: times in ISO 8601, money as text."""
    return _json(asdict(value))


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_json(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
