"""Turns one scripted conversation into the rows it would have left behind, with every time in the past.

Moods, urgency and routing verdicts are computed by the same rules that judge new messages. Where the script says that
automation or a person answered although the rules would decide otherwise, the script's own labels stand in for the
model's reading; only who came next is taken from the script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from switchboard.conversations.trend import sentiment_trend
from switchboard.demo.chronicle import READ_AFTER, Chronicle
from switchboard.demo.files import EntryKind
from switchboard.demo.quotes import draft_of
from switchboard.demo.shapes import DemoEntry, DemoHistory
from switchboard.demo.told import Stage, Told, past_reading
from switchboard.demo.verdicts import Judgement, Situation, escalated_because, given_to
from switchboard.domain.conversation import ConversationStatus, Handler, SentimentPoint
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.event import EventType
from switchboard.domain.message import (
    Author,
    ChannelType,
    ConversationMessage,
    DeliveryState,
    Direction,
    MessageKind,
    ProcessingState,
)
from switchboard.domain.reading import Reading
from switchboard.ports.records import PastReading

ARCHIVED_AFTER = timedelta(hours=24)
SOON = timedelta(minutes=6)
"""A person who answered within this time had no queue before them."""
ARRIVED = {
    ChannelType.EMAIL: DeliveryState.SENT,
    ChannelType.VOICE: DeliveryState.DELIVERED,
    ChannelType.WEB_CHAT: DeliveryState.DELIVERED,
}


def tell(
    story: DemoHistory,
    profile: CustomerProfile,
    readings: Mapping[int, Reading],
    earlier: Sequence[PastReading],
    stage: Stage,
) -> Told:
    """``readings`` by the entry's place in the story; ``earlier`` what the customer wrote in earlier conversations."""
    teller = _Teller(story, profile, readings, earlier, stage)
    for place, entry in enumerate(story.entries):
        teller.step(place, entry)
    return teller.end()


class _Teller(Chronicle):
    """Walks through a story and keeps the state as the flows would."""

    def step(self, place: int, entry: DemoEntry) -> None:
        match entry.kind, entry.author:
            case EntryKind.MESSAGE, Author.CUSTOMER:
                self._customer_wrote(place, entry)
            case EntryKind.MESSAGE, Author.AUTOMATION:
                self._automation_answered(entry)
            case EntryKind.MESSAGE, _:
                self._agent_answered(entry)
            case EntryKind.NOTE, _:
                self._noted(entry)
            case EntryKind.ESCALATION, _:
                self._escalated(place, entry)
            case EntryKind.RESOLUTION, _:
                self._resolved(entry)
            case _:
                self._reopened(entry)

    # ---- the customer's side

    def _customer_wrote(self, place: int, entry: DemoEntry) -> None:
        assert entry.channel is not None
        message = self.new_message(entry, Direction.INBOUND)
        judgement = self._judged(place, entry, message)
        message = replace(message, reading=judgement.reading, processing=ProcessingState.UNDERSTOOD)
        self._keep(message, judgement)
        if self.now.state.handler in (Handler.NOBODY, Handler.AUTOMATION):
            self._route(place, judgement, message)
        else:
            self.decide(given_to(judgement, self.agent(self.owner)), message, entry.at + READ_AFTER)

    def _judged(self, place: int, entry: DemoEntry, message: ConversationMessage) -> Judgement:
        reading = self.readings[place]
        situation = Situation(
            entry=entry,
            reading=reading,
            profile=self.profile,
            language=self.story.language,
            handler=self.now.state.handler,
            attempts=self.now.state.automation_attempts,
            points=tuple(self.points),
            message_id=message.message_id,
            earlier=tuple(self.earlier),
            automate=self.who_follows(place) is Author.AUTOMATION,
        )
        return self.stage.judge.judge(situation)

    def _keep(self, message: ConversationMessage, judgement: Judgement) -> None:
        """The message in its place, what was understood, and the conversation after it."""
        self.points.append(
            SentimentPoint(timestamp=message.timestamp, score=judgement.mood, message_id=message.message_id)
        )
        self.told.messages.append(message)
        self.told.urgencies[message.message_id] = judgement.urgency
        self.earlier.append(past_reading(message))
        self.note_event(EventType.MESSAGE_RECEIVED, message.timestamp, message,
                    {"sequence": float(message.sequence)}, {"join": "start" if message.sequence == 1 else "join"})  # fmt: skip
        reading, state = judgement.understood, self.now.state
        status = ConversationStatus.ACTIVE if state.status is ConversationStatus.WAITING else state.status
        self.told.conversation = replace(
            self.after(message),
            state=replace(
                state, status=status, urgency_score=judgement.urgency.score, priority=judgement.urgency.priority
            ),
            last_channel=message.channel,
            intent=reading.primary.category.value,
            topic=reading.primary.subcategory,
            sentiment_score=judgement.mood,
            needs_reply_since=self.now.needs_reply_since or message.timestamp,
        )
        self._understood(message, judgement)

    def _understood(self, message: ConversationMessage, judgement: Judgement) -> None:
        reading = judgement.understood
        codes = {
            "intent": reading.primary.category.value,
            "topic": reading.primary.subcategory or "general",
            "language": reading.language.code,
            "source": reading.source.value,
            "model": reading.model_version,
        }
        metrics = {
            "sentiment": judgement.mood,
            "confidence": reading.primary.confidence,
            "urgency": float(judgement.urgency.score),
            "priority": judgement.urgency.priority,
            "read_after_s": READ_AFTER.total_seconds(),
        }
        at = message.timestamp + READ_AFTER
        self.note_event(EventType.MESSAGE_UNDERSTOOD, at, message, metrics, codes)
        trend = sentiment_trend(self.points)
        if trend.drop > 0.3 + 1e-9:
            fall = {"drop": trend.drop, "sentiment": judgement.mood}
            self.note_event(EventType.SENTIMENT_DROP, at, message, fall, codes)

    # ---- who answers

    def _route(self, place: int, judgement: Judgement, message: ConversationMessage) -> None:
        follows_escalation = self.next_kind(place) is EntryKind.ESCALATION
        if judgement.verdict.automate:
            self.decide(judgement, message, message.timestamp)
            self.set_state(handler=Handler.AUTOMATION)
            if self.who_follows(place) is Author.AGENT and not follows_escalation:
                self._to_person(place, message.timestamp, judgement, message, decide=False)
        elif follows_escalation:
            quiet = replace(judgement, verdict=replace(judgement.verdict, escalated=False))
            self._to_person(place, message.timestamp, quiet, message)
        else:
            self._to_person(place, message.timestamp, judgement, message)

    def _to_person(
        self,
        place: int,
        at: datetime,
        judgement: Judgement,
        message: ConversationMessage | None,
        *,
        decide: bool = True,
    ) -> None:
        """Straight to whoever the script names next, or through the queue where they took their time."""
        agent_id, answered_at = self.next_person(place)
        wait = answered_at - at if answered_at is not None else timedelta()
        agent = self.agent(agent_id)
        at += READ_AFTER
        if agent is not None and wait <= SOON:
            if decide:
                self.decide(given_to(judgement, agent), message, at)
            self.assign(agent.agent_id, at, judgement.verdict.rule if decide else "by_hand")
            return
        if decide:
            self.decide(judgement, message, at)
        self.enqueue(at, judgement.verdict.rule)
        if agent is not None:
            waited = min(wait * 0.6, wait - timedelta(minutes=2))
            self.assign(agent.agent_id, at + waited, "next_in_queue", waited_s=waited.total_seconds())

    # ---- our side

    def _automation_answered(self, entry: DemoEntry) -> None:
        message = self._spoken(entry, Author.AUTOMATION)
        asked = next((m for m in reversed(self.told.messages) if m.direction is Direction.INBOUND), None)
        self.set_state(automation_attempts=self.now.state.automation_attempts + 1)
        self._say(message)
        self.told.drafts.append(draft_of(message, entry.sources, asked, self.stage.texts))

    def _agent_answered(self, entry: DemoEntry) -> None:
        agent_id = entry.agent_id
        if agent_id is not None and self.owner != agent_id:
            self.assign(agent_id, entry.at, "by_hand")
        self._say(self._spoken(entry, Author.AGENT))

    def _spoken(self, entry: DemoEntry, author: Author) -> ConversationMessage:
        asked = next((m for m in reversed(self.told.messages) if m.direction is Direction.INBOUND), None)
        return replace(
            self.new_message(entry, Direction.OUTBOUND),
            author=author,
            delivery=ARRIVED.get(entry.channel or ChannelType.EMAIL, DeliveryState.READ),
            agent_id=entry.agent_id if author is Author.AGENT else None,
            reply_to=asked.message_id if asked else None,
            automatic=author is Author.AUTOMATION,
        )

    def _say(self, message: ConversationMessage) -> None:
        metrics = {}
        if self.now.needs_reply_since is not None:
            metrics["response_time_s"] = (message.timestamp - self.now.needs_reply_since).total_seconds()
        codes = {"by": message.author.value, "answers": "yes", "topic": self.now.topic or "general"}
        if message.agent_id:
            codes["agent_id"] = message.agent_id
        self.told.messages.append(message)
        self.note_event(EventType.MESSAGE_SENT, message.timestamp, message, metrics, codes)
        self.told.conversation = replace(self.after(message), needs_reply_since=None)
        self.set_state(status=ConversationStatus.WAITING)

    def _noted(self, entry: DemoEntry) -> None:
        note = replace(
            self.new_message(entry, Direction.OUTBOUND, MessageKind.NOTE), author=Author.AGENT, agent_id=entry.agent_id
        )
        self.told.messages.append(note)
        self.change(last_sequence=note.sequence, last_activity_at=entry.at)
        self.note_event(EventType.NOTE_ADDED, entry.at, None, {}, {"agent_id": entry.agent_id or ""})

    def _escalated(self, place: int, entry: DemoEntry) -> None:
        asked = next((m for m in reversed(self.told.messages) if m.direction is Direction.INBOUND), None)
        urgency = self.told.urgencies[asked.message_id] if asked else self.stage.judge.calm
        judgement = escalated_because(entry.text, urgency, self.agent(self.owner))
        if self.now.state.handler in (Handler.NOBODY, Handler.AUTOMATION):
            self._to_person(place, entry.at, judgement, asked)
        else:
            self.decide(judgement, asked, entry.at + READ_AFTER * 2)

    def _resolved(self, entry: DemoEntry) -> None:
        seconds = (entry.at - self.now.created_at).total_seconds()
        metrics = {"resolution_time_s": max(0.0, seconds)}
        if self.assigned_at is not None:
            metrics["handling_s"] = max(0.0, (entry.at - self.assigned_at).total_seconds())
        if entry.satisfaction is not None:
            metrics["satisfaction"] = float(entry.satisfaction)
        agent_id = entry.agent_id or self.owner
        codes = {"by": "agent" if self.people else "automation", "actor": agent_id or "automation"}
        if agent_id:
            codes["agent_id"] = agent_id
        self.note_event(EventType.RESOLUTION, entry.at, None, metrics, codes)
        self.told.satisfaction = entry.satisfaction
        self._close(ConversationStatus.RESOLVED)
        self.change(resolved_at=entry.at, needs_reply_since=None, queued_at=None, last_activity_at=entry.at)

    def _reopened(self, entry: DemoEntry) -> None:
        self._close(ConversationStatus.ACTIVE)
        self.change(resolved_at=None)
        self.assigned_at = None
        self.note_event(EventType.REOPENED, entry.at, None, {}, {"join": "reopen"})

    def _close(self, status: ConversationStatus) -> None:
        self.set_state(
            status=status, handler=Handler.NOBODY, assigned_agent_id=None, automation_attempts=0, escalated=False
        )

    def end(self) -> Told:
        """The conversation as it stands now; one that was solved more than a day ago is in the archive."""
        self._settle()
        quiet_since = self.now.last_activity_at + ARCHIVED_AFTER
        if self.now.state.status is ConversationStatus.RESOLVED and quiet_since < self.stage.now:
            self.set_state(status=ConversationStatus.ARCHIVED)
            self.change(archived_at=quiet_since)
            codes = {"reason": "no activity for 24 hours", "unanswered": "no"}
            self.note_event(EventType.ARCHIVED, quiet_since, None, {}, codes)
        return self.told

    def _settle(self) -> None:
        """An open conversation is with whom the script names, also where no answer came yet."""
        if not self.now.is_open:
            return
        at = self.now.last_activity_at + READ_AFTER
        agent_id = self.story.agent_id
        if self.story.handler is Handler.AGENT and agent_id is not None and self.owner != agent_id:
            self.assign(agent_id, at, "by_hand")
        elif self.story.handler is Handler.QUEUE and self.now.state.handler is not Handler.QUEUE:
            self.enqueue(at, "by_hand")
        self.set_state(status=self.story.status, handler=self.story.handler)
