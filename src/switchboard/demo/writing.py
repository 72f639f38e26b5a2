"""The last step of the import: everybody and everything goes into the store, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from switchboard.demo.advice import PastAdvice
from switchboard.demo.people import ACTOR, ON_DUTY_SINCE
from switchboard.demo.shapes import DemoBusiness
from switchboard.demo.told import Told
from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.conversation import Conversation, Handler
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId
from switchboard.ports.records import QueueEntry, UserRecord
from switchboard.ports.store import Work
from switchboard.routing.requirements import SkillSettings, requirements_for

MARKER = "demo"
"""Under this name the store remembers that the demo is in it."""
SAID_AT_ONCE = 20
EVENTS_AT_ONCE = 500

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody and everything that is written in the last step."""

    business: DemoBusiness
    customers: tuple[CustomerProfile, ...]
    agents: tuple[Agent, ...]
    users: tuple[UserRecord, ...]
    tales: tuple[Told, ...]
    advice: tuple[PastAdvice, ...]
    skills: SkillSettings


def write(work: Work, cast: Cast, report: Progress) -> None:
    """Everything or nothing, in one transaction."""
    for agent in cast.agents:
        work.agents.save(agent)
    for user in cast.users:
        work.access.save_user(user)
    for done, profile in enumerate(cast.customers):
        if done % 40 == 0:
            report("customers", done, len(cast.customers))
        work.customers.add(profile)
    for done, told in enumerate(cast.tales):
        if done % SAID_AT_ONCE == 0:
            report("conversations", done, len(cast.tales))
        _write_tale(work, told, cast.skills)
    _write_advice(work, cast)
    _write_events(work, cast)
    work.config.set(MARKER, {"imported_at": cast.business.now.isoformat()})
    report("conversations", len(cast.tales), len(cast.tales))


def _write_tale(work: Work, told: Told, skills: SkillSettings) -> None:
    conversation = told.conversation
    agent_id = conversation.state.assigned_agent_id
    if conversation.is_open and agent_id is not None and not work.agents.reserve(agent_id):
        conversation = replace(
            conversation,
            state=replace(conversation.state, handler=Handler.QUEUE, assigned_agent_id=None),
            queued_at=conversation.last_activity_at,
        )
    entry = _queue_entry(conversation, skills) if conversation.state.handler is Handler.QUEUE else None
    required = tuple(sorted(entry.required_skills)) if entry else ()
    work.conversations.add(replace(conversation, required_skills=required))
    for message in told.messages:
        work.messages.add(message)
        if message.reading is not None:
            work.messages.save_reading(message.message_id, message.reading, told.urgencies[message.message_id])
    for decision in told.decisions:
        work.decisions.add(decision)
    for draft in told.drafts:
        work.drafts.add(draft)
    if entry is not None:
        work.queue.put(entry)


def _queue_entry(conversation: Conversation, skills: SkillSettings) -> QueueEntry:
    needs = requirements_for(
        topic=conversation.topic,
        language=conversation.language,
        urgency=conversation.state.urgency_score,
        settings=skills,
    )
    return QueueEntry(
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        priority=conversation.state.priority,
        urgency_score=conversation.state.urgency_score,
        queued_at=conversation.queued_at or conversation.last_activity_at,
        required_skills=needs.skills,
        language=needs.language,
        topic=conversation.topic,
    )


def _write_advice(work: Work, cast: Cast) -> None:
    by_conversation = {told.conversation.conversation_id: told.conversation for told in cast.tales}
    for advice in cast.advice:
        conversation = by_conversation[advice.case.conversation_id]
        work.advice.offer(
            conversation.conversation_id, conversation.customer_id, advice.offers, conversation.created_at
        )
        work.advice.record(advice.outcome, advice.case)


def _write_events(work: Work, cast: Cast) -> None:
    """In order of time over all conversations: the numbers are computed from the events in their order."""
    told = [event for tale in cast.tales for event in tale.events]
    reported = [advice.event for advice in cast.advice]
    present = [_came_on_duty(agent.agent_id, cast.business.now) for agent in cast.agents]
    events = sorted([*told, *reported, *present], key=lambda event: event.at)
    for start in range(0, len(events), EVENTS_AT_ONCE):
        work.events.append(*events[start : start + EVENTS_AT_ONCE])


def _came_on_duty(agent_id: AgentId, now: datetime) -> Event:
    return Event(
        type=EventType.AGENT_STATUS,
        at=now - ON_DUTY_SINCE,
        dimensions={"agent_id": agent_id, "status": AgentStatus.AVAILABLE.value, "actor": ACTOR},
    )
