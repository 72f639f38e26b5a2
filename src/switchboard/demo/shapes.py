"""The demo business as plain values: who works there, who buys there, what was said and what will be said next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from switchboard.demo.files import EntryKind
from switchboard.domain.agent import Agent, Shift
from switchboard.domain.conversation import ConversationStatus, Handler
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.ids import AgentId, ConversationId, CustomerId, DocumentId, UserId
from switchboard.domain.knowledge import KnowledgeDocument
from switchboard.domain.message import Author, ChannelType
from switchboard.domain.reading import (
    Intent,
    IntentCategory,
    IntentResult,
    Language,
    Reading,
    ReadingSource,
    SentimentResult,
    Topic,
    sentiment_label,
)
from switchboard.domain.routing import AutomationPattern

LABELS_VERSION = "demo-labels"
LABEL_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What a person would say that a customer message means. ``sentiment`` in [-1, 1]."""

    intent: IntentCategory
    topic: Topic
    sentiment: float

    def reading(self, language: str) -> Reading:
        """The labels as a reading, for stores that are filled without running a model."""
        intent = Intent(category=self.intent, confidence=LABEL_CONFIDENCE, subcategory=self.topic)
        return Reading(
            intent=IntentResult(primary_intent=intent),
            sentiment=SentimentResult(
                score=self.sentiment, label=sentiment_label(self.sentiment), confidence=LABEL_CONFIDENCE
            ),
            language=Language(code=language, confidence=LABEL_CONFIDENCE),
            source=ReadingSource.MODEL,
            model_version=LABELS_VERSION,
            wants_human=self.intent is IntentCategory.ESCALATION,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUser:
    """Somebody who can sign in. ``agent_id`` is set for those who answer customers."""

    user_id: UserId
    name: str
    email: str
    role: str
    agent_id: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProduct:
    """An article; prices are decimal strings by currency code."""

    key: str
    name: str
    kind: str
    prices: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoEntry:
    """One step of a conversation's story.

    A message has ``channel``, ``author`` and ``text`` (``agent_id`` if an agent wrote it, ``sources`` if automation quoted
    documents, ``labels`` if the customer wrote it). A note has ``agent_id`` and ``text``. An escalation's ``text`` is the
    reason. A resolution has ``agent_id`` (None: automation solved it) and perhaps ``satisfaction`` 1..5.
    """

    kind: EntryKind
    at: datetime
    channel: ChannelType | None = None
    author: Author | None = None
    agent_id: AgentId | None = None
    text: str = ""
    subject: str | None = None
    sources: tuple[DocumentId, ...] = ()
    labels: Labels | None = None
    satisfaction: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoHistory:
    """A whole conversation, oldest entry first, and how it stands now."""

    key: str
    conversation_id: ConversationId
    customer_id: CustomerId
    language: str
    status: ConversationStatus
    handler: Handler
    agent_id: AgentId | None
    entries: tuple[DemoEntry, ...]

    @property
    def channels(self) -> tuple[ChannelType, ...]:
        """Every channel the customer used, in order of first use."""
        return tuple(dict.fromkeys(e.channel for e in self.entries if e.channel is not None))

    @property
    def messages(self) -> tuple[DemoEntry, ...]:
        return tuple(e for e in self.entries if e.kind is EntryKind.MESSAGE)

    @property
    def started_at(self) -> datetime:
        return self.entries[0].at

    @property
    def last_activity_at(self) -> datetime:
        return self.entries[-1].at


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What the customer writes ``wait_s`` seconds after an answer."""

    text: str
    wait_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveMessage:
    """A template of the live stream; ``who`` as in ``files.LiveRecord``."""

    key: str
    channel: ChannelType
    who: str
    name: str | None
    language: str
    text: str
    subject: str | None
    labels: Labels
    follow_ups: tuple[FollowUp, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoBrand:
    """The settings of the business. ``accounts``: our own address on each channel. ``topic_skills``: the skill that a
    topic needs; a topic that is absent can be answered by anybody."""

    name: str
    sign_off: str
    site: str
    time_zone: str
    allowed_hosts: tuple[str, ...]
    vip_skill: str
    greetings: Mapping[str, str]
    hours: tuple[Shift, ...]
    accounts: Mapping[ChannelType, str]
    topic_skills: Mapping[Topic, str]
    automation: tuple[AutomationPattern, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoBusiness:
    """Everything about Larkfield Coffee, with times resolved against ``now``."""

    now: datetime
    brand: DemoBrand
    documents: tuple[KnowledgeDocument, ...]
    agents: tuple[Agent, ...]
    users: tuple[DemoUser, ...]
    products: tuple[DemoProduct, ...]
    customers: tuple[CustomerProfile, ...]
    histories: tuple[DemoHistory, ...]
    live: tuple[LiveMessage, ...]
    customer_keys: Mapping[str, CustomerId] = field(default_factory=dict)
