"""The people who answer, and the queue in front of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from switchboard.api.caller import Caller, needs
from switchboard.api.conversations import Identifier
from switchboard.api.messages import TheApp
from switchboard.api.problems import RESPONSES
from switchboard.api.shapes import AgentShape, Shape, Short
from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.ids import AgentId, new_id
from switchboard.errors import Forbidden, NotFound
from switchboard.flows.agent_actions import set_status
from switchboard.flows.queue_status import queue_status
from switchboard.ports.records import AuditEntry
from switchboard.ports.store import Work
from switchboard.trust.roles import Permission

router = APIRouter(prefix="/v1", responses=RESPONSES, tags=["team"])


class AgentRequest(Shape):
    """``performance_score`` 0..1. ``max_workload`` never above 5."""

    agent_id: str | None = Field(None, max_length=80, description="Given: that agent is changed.")
    name: Short
    skills: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=100)
    languages: list[Annotated[str, Field(pattern="^[a-z]{2}$")]] = Field(default=["en"], min_length=1, max_length=50)
    max_workload: int = Field(5, ge=0, le=5)
    performance_score: float = Field(0.5, ge=0, le=1)


class StatusRequest(Shape):
    status: AgentStatus


class QueueEntryShape(Shape):
    conversation_id: str
    priority: float
    urgency_score: int
    queued_at: datetime
    required_skills: list[str]
    language: str
    topic: str | None
    estimated_wait_s: float | None


class QueueShape(Shape):
    """Highest priority first, with ageing. Times in seconds."""

    total_queued: int
    average_wait_time: float
    queued_by_urgency: dict[int, int]
    entries: list[QueueEntryShape]


@router.get("/agents")
async def list_agents(app: TheApp, _: Annotated[Caller, Depends(needs(Permission.SEE_AGENTS))]) -> list[AgentShape]:
    return [AgentShape.of(agent) for agent in await app.store.read(lambda work: work.agents.all())]


@router.get("/agents/{agent_id}")
async def get_agent(
    agent_id: Identifier, app: TheApp, _: Annotated[Caller, Depends(needs(Permission.SEE_AGENTS))]
) -> AgentShape:
    return AgentShape.of(await app.store.read(lambda work: _agent(work, agent_id)))


@router.post("/agents", status_code=201)
async def post_agent(
    body: AgentRequest, app: TheApp, caller: Annotated[Caller, Depends(needs(Permission.MANAGE_AGENTS))]
) -> AgentShape:
    """Adds or changes an agent; the status stays as it is (new ones are offline)."""

    def story(work: Work) -> AgentShape:
        known = work.agents.get(AgentId(body.agent_id)) if body.agent_id else None
        if body.agent_id and known is None:
            raise NotFound("there is no such agent")
        agent = replace(
            known or Agent(agent_id=AgentId(new_id("agt")), name=body.name),
            name=body.name,
            skills=frozenset(body.skills),
            languages=frozenset(body.languages),
            max_workload=body.max_workload,
            performance_score=body.performance_score,
        )
        work.agents.save(agent)
        now = app.clock.now()
        work.audit.append(AuditEntry(at=now, actor=caller.actor, action="agent_saved", target=agent.agent_id))
        return AgentShape.of(_agent(work, agent.agent_id))

    return await app.store.write(story)


@router.put("/agents/{agent_id}/status")
async def put_status(
    agent_id: Identifier,
    body: StatusRequest,
    app: TheApp,
    caller: Annotated[Caller, Depends(needs(Permission.SET_OWN_STATUS))],
) -> AgentShape:
    """Becoming available serves the queue at once."""
    if caller.agent_id != agent_id and not caller.may(Permission.MANAGE_AGENTS):
        raise Forbidden("only your own status", fix="ask a supervisor")
    await set_status(app, AgentId(agent_id), body.status, caller.actor)
    return AgentShape.of(await app.store.read(lambda work: _agent(work, agent_id)))


@router.get("/queue")
async def get_queue(app: TheApp, _: Annotated[Caller, Depends(needs(Permission.SEE_QUEUE))]) -> QueueShape:
    """Who waits for a person, in the order they will be served, with honest waits (null: nobody can tell)."""
    business, now = await app.business(), app.clock.now()
    status = await app.store.read(lambda work: queue_status(work, business, now))
    return QueueShape(
        total_queued=status.total_queued,
        average_wait_time=status.average_wait_s,
        queued_by_urgency=dict(status.queued_by_urgency),
        entries=[
            QueueEntryShape(
                conversation_id=entry.conversation_id,
                priority=entry.priority,
                urgency_score=entry.urgency_score,
                queued_at=entry.queued_at,
                required_skills=sorted(entry.required_skills),
                language=entry.language,
                topic=entry.topic,
                estimated_wait_s=wait,
            )
            for entry, wait in status.entries
        ],
    )


def _agent(work: Work, agent_id: str) -> Agent:
    agent = work.agents.get(AgentId(agent_id))
    if agent is None:
        raise NotFound("there is no such agent")
    return agent
