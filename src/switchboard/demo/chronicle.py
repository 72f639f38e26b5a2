"""The state of a scripted conversation while its story is told, and the notes that every step leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from switchboard.demo.files import EntryKind
from switchboard.demo.shapes import DemoEntry, DemoHistory
from switchboard.demo.told import Stage, Told, message_of
from switchboard.demo.verdicts import Judgement
from switchboard.domain.agent import Agent
from switchboard.domain.conversation import Conversation, ConversationState, ConversationStatus, Handler, SentimentPoint
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId, DecisionId, new_id
from switchboard.domain.message import (
    Author,
    ConversationMessage,
    Direction,
    MessageKind,
)
from switchboard.domain.reading import Reading
from switchboard.domain.routing import Decision
from switchboard.ports.records import DecisionRecord, PastReading

READ_AFTER = timedelta(milliseconds=400)
"""From the message's coming to its reading."""
SNIPPET = 140


class Chronicle:
    """Where the conversation stands, who speaks next in the script, and what has been written down so far."""

    def __init__(
        self,
        story: DemoHistory,
        profile: CustomerProfile,
        readings: Mapping[int, Reading],
        earlier: Sequence[PastReading],
        stage: Stage,
    ) -> None:
        self.story, self.profile, self.readings, self.stage = story, profile, readings, stage
        self.earlier = list(earlier)
        self.points: list[SentimentPoint] = []
        self.assigned_at: datetime | None = None
        self.people = False
        self.told = Told(
            conversation=Conversation(
                conversation_id=story.conversation_id,
                customer_id=story.customer_id,
                state=ConversationState(),
                channels=story.channels,
                created_at=story.started_at,
                last_activity_at=story.started_at,
                language=story.language,
                subject=next((e.subject for e in story.entries if e.subject), None),
            )
        )

    @property
    def now(self) -> Conversation:
        return self.told.conversation

    @property
    def owner(self) -> AgentId | None:
        return self.now.state.assigned_agent_id

    def who_follows(self, place: int) -> Author:
        """Who speaks next for our side in the script; a person where it goes to the team without an answer yet."""
        for entry in self.story.entries[place + 1 :]:
            if entry.kind is EntryKind.MESSAGE and entry.author is not Author.CUSTOMER:
                return entry.author or Author.AGENT
            if entry.kind is EntryKind.ESCALATION:
                return Author.AGENT
            if entry.kind is EntryKind.RESOLUTION:
                return Author.AGENT if entry.agent_id else Author.AUTOMATION
        return Author.AUTOMATION if self.story.handler in (Handler.AUTOMATION, Handler.NOBODY) else Author.AGENT

    def next_person(self, place: int) -> tuple[AgentId | None, datetime | None]:
        for entry in self.story.entries[place + 1 :]:
            if entry.agent_id is not None and entry.kind in (EntryKind.MESSAGE, EntryKind.RESOLUTION):
                return entry.agent_id, entry.at
        return self.story.agent_id, None

    def next_kind(self, place: int) -> EntryKind | None:
        later = self.story.entries[place + 1 : place + 2]
        return later[0].kind if later else None

    def decide(self, judgement: Judgement, message: ConversationMessage | None, at: datetime) -> None:
        decision_id = DecisionId(new_id("dec"))
        decision = judgement.decision
        self.told.decisions.append(
            DecisionRecord(
                decision_id=decision_id,
                conversation_id=self.now.conversation_id,
                customer_id=self.now.customer_id,
                message_id=message.message_id if message else None,
                at=at,
                decision=decision,
                urgency=judgement.urgency,
            )
        )
        self.change(last_decision_id=decision_id)
        codes = {"decision": decision.decision.value, "rule": decision.rule, "decision_id": decision_id}
        if decision.pattern:
            codes["pattern"] = decision.pattern
        self.note_event(EventType.ROUTED, at, None, {"urgency": float(judgement.urgency.score)}, codes)
        if decision.escalated and decision.decision is not Decision.AUTOMATE:
            self.set_state(escalated=True)
            codes = {"reason": decision.rule.replace("_", " "), "rule": decision.rule}
            self.note_event(EventType.ESCALATION, at, None, {}, codes)

    def assign(self, agent_id: AgentId, at: datetime, rule: str, **metrics: float) -> None:
        self.set_state(status=ConversationStatus.ACTIVE, handler=Handler.AGENT, assigned_agent_id=agent_id)
        self.change(queued_at=None)
        self.assigned_at, self.people, self.told.helper = at, True, agent_id
        self.note_event(EventType.ASSIGNED, at, None, metrics, {"agent_id": agent_id, "rule": rule})

    def enqueue(self, at: datetime, rule: str) -> None:
        self.set_state(status=ConversationStatus.ACTIVE, handler=Handler.QUEUE)
        self.change(queued_at=at)
        self.note_event(EventType.QUEUED, at, None, {"priority": self.now.state.priority}, {"rule": rule})

    def agent(self, agent_id: AgentId | None) -> Agent | None:
        return self.stage.agents.get(agent_id) if agent_id else None

    def set_state(self, **changes: object) -> None:
        self.change(state=replace(self.now.state, **changes))  # type: ignore[arg-type]  # names of the state's fields

    def change(self, **changes: object) -> None:
        self.told.conversation = replace(self.now, **changes)  # type: ignore[arg-type]  # names of its fields

    def after(self, message: ConversationMessage) -> Conversation:
        return replace(
            self.now,
            last_sequence=message.sequence,
            last_activity_at=message.timestamp,
            snippet=message.content.text[:SNIPPET],
        )

    def new_message(
        self, entry: DemoEntry, direction: Direction, kind: MessageKind = MessageKind.TEXT
    ) -> ConversationMessage:
        return message_of(entry, self.now, self.profile, self.stage, direction=direction, kind=kind)

    def note_event(
        self,
        kind: EventType,
        at: datetime,
        message: ConversationMessage | None,
        metrics: Mapping[str, float],
        codes: Mapping[str, str],
    ) -> None:
        channel = message.channel if message else self.now.last_channel
        known = {"channel": channel.value if channel else "", "intent": self.now.intent, "topic": self.now.topic}
        shared = {name: value for name, value in known.items() if value and (message is None or name == "channel")}
        self.told.events.append(
            Event(
                type=kind,
                at=at,
                conversation_id=self.now.conversation_id,
                customer_id=self.now.customer_id,
                message_id=message.message_id if message else None,
                metrics=metrics,
                dimensions={**shared, **codes},
            )
        )
