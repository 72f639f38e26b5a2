"""Where every conversation stands, told from the events alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from switchboard.domain.agent import AgentStatus
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import ConversationId


class Standing(StrEnum):
    """Who has the conversation now."""

    AUTOMATION = "automation"
    QUEUED = "queued"
    AGENT = "agent"
    RESOLVED = "resolved"
    ARCHIVED = "archived"


CLOSED = frozenset({Standing.RESOLVED, Standing.ARCHIVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationFacts:
    """``asked_at``: when the oldest unanswered customer message came, None when we owe nothing."""

    conversation_id: ConversationId
    opened_at: datetime
    standing: Standing = Standing.AUTOMATION
    channel: str = ""
    intent: str = ""
    topic: str = ""
    agent_id: str = ""
    asked_at: datetime | None = None
    queued_at: datetime | None = None
    escalated: bool = False

    @property
    def is_open(self) -> bool:
        return self.standing not in CLOSED


def follow(facts: ConversationFacts | None, event: Event) -> ConversationFacts | None:
    """The conversation after one more event. None for events that belong to no conversation."""
    if event.conversation_id is None:
        return facts
    if facts is None:
        facts = ConversationFacts(conversation_id=event.conversation_id, opened_at=event.at)
    known = {name: event.dimensions[name] for name in ("channel", "intent", "topic") if event.dimensions.get(name)}
    if event.type is EventType.MESSAGE_SENT and facts.channel:
        known.pop("channel", None)  # a conversation counts for the channel its customer writes on
    if known:
        facts = replace(facts, **known)  # type: ignore[arg-type]  # the three names are text fields of the class
    return _moved(facts, event)


def _moved(facts: ConversationFacts, event: Event) -> ConversationFacts:
    match event.type:
        case EventType.MESSAGE_RECEIVED:
            return _received(facts, event)
        case EventType.MESSAGE_SENT:
            return replace(facts, asked_at=None) if is_answer(event) else facts
        case EventType.QUEUED:
            return replace(facts, standing=Standing.QUEUED, queued_at=facts.queued_at or event.at)
        case EventType.ASSIGNED:
            agent = event.dimensions.get("agent_id", "")
            return replace(facts, standing=Standing.AGENT, agent_id=agent, queued_at=None)
        case EventType.ESCALATION:
            return replace(facts, escalated=True)
        case EventType.REOPENED:
            return replace(facts, standing=Standing.AUTOMATION, escalated=False)
        case EventType.RESOLUTION:
            return replace(facts, standing=Standing.RESOLVED, queued_at=None, asked_at=None, escalated=False)
        case EventType.ARCHIVED:
            return replace(facts, standing=Standing.ARCHIVED, queued_at=None, asked_at=None)
        case _:
            return facts


def _received(facts: ConversationFacts, event: Event) -> ConversationFacts:
    """A customer's message wakes an archived conversation. Automatic mail wakes nothing and asks nothing."""
    if event.dimensions.get("automatic") == "yes":
        return facts
    standing = facts.standing if facts.is_open else Standing.AUTOMATION
    return replace(facts, standing=standing, asked_at=facts.asked_at or event.at)


def is_answer(event: Event) -> bool:
    """Notices such as "you are being connected" are sent, but they are no answer."""
    return event.type is EventType.MESSAGE_SENT and event.dimensions.get("answers", "yes") == "yes"


def follow_all(events: Iterable[Event]) -> dict[ConversationId, ConversationFacts]:
    """The newest state of every conversation that the events mention. ``events`` in order of sequence."""
    known: dict[ConversationId, ConversationFacts] = {}
    for event in events:
        if event.conversation_id is not None:
            facts = follow(known.get(event.conversation_id), event)
            if facts is not None:
                known[event.conversation_id] = facts
    return known


def agent_statuses(events: Iterable[Event]) -> dict[str, AgentStatus]:
    """What each agent last set."""
    known: dict[str, AgentStatus] = {}
    for event in events:
        status = event.dimensions.get("status", "")
        if event.type is EventType.AGENT_STATUS and status in set(AgentStatus):
            known[event.dimensions.get("agent_id", "")] = AgentStatus(status)
    return known
