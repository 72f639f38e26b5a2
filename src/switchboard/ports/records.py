"""Rows that only the machinery knows: jobs, payloads, drafts, audit entries, accounts. Plain values, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from switchboard.domain.ids import ConversationId, CustomerId, DecisionId, MessageId, PayloadId
from switchboard.domain.inbound import Fate
from switchboard.domain.message import Attachment, ChannelType
from switchboard.domain.reply import GeneratedResponse, ValidationResult
from switchboard.domain.routing import RoutingDecision
from switchboard.domain.urgency import UrgencyScore


class JobKind(StrEnum):
    """Work that waits its turn. Each kind is serial within its lane and parallel across lanes."""

    UNDERSTAND = "understand"  # read an inbound message, decide who answers; lane = conversation
    ANSWER = "answer"  # draft, check and queue an automatic reply; lane = conversation
    SEND = "send"  # hand an outgoing message to its channel; lane = conversation
    MEDIA = "media"  # fetch an attachment from its provider; lane = message
    WEBHOOK = "webhook"  # tell a subscriber about an event; lane = endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """``payload`` holds ids and codes only, never customer text. Higher ``priority`` goes first."""

    kind: JobKind
    lane: str
    priority: float
    due_at: datetime
    conversation_id: ConversationId | None = None
    message_id: MessageId | None = None
    payload: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A leased job. ``attempts`` is the fence: only the holder of the newest lease can finish it.
    ``failures`` counts real failed tries (waiting behind a breaker is not one)."""

    job_id: int
    kind: JobKind
    lane: str
    priority: float
    attempts: int
    failures: int
    created_at: datetime
    conversation_id: ConversationId | None
    message_id: MessageId | None
    payload: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """A message whose sending waits: why the last try came to nothing, and when it is tried again. ``failures`` counts
    tries that failed; 0: it only waits behind a pause of the channel."""

    message_id: MessageId
    due_at: datetime
    failures: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits: ``waiting`` includes those not yet due; ``oldest`` is the creation time of the longest waiting."""

    waiting: int
    leased: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadEvent:
    """The fate of one event inside a payload."""

    index: int
    kind: str
    external_id: str
    fate: Fate
    reason: str = ""
    message_id: MessageId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedFile:
    """A file that lies sealed in the blob store, and the key that opens this one and no other (32 bytes)."""

    blob_id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadRecord:
    """One payload exactly as it came (sealed at rest), with what became of it. A big body is not in ``body`` but in
    ``body_file``; pages name neither."""

    payload_id: PayloadId
    channel: ChannelType
    account: str
    received_at: datetime
    fate: Fate
    reason: str
    size: int
    body: bytes
    content_type: str = ""
    events: tuple[PayloadEvent, ...] = ()
    customer_id: CustomerId | None = None
    body_file: LockedFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Work that gave up, with everything needed to judge and replay it. ``attempts`` are (time, error) pairs."""

    dead_letter_id: str
    kind: JobKind
    created_at: datetime
    reason: str
    attempts: tuple[tuple[datetime, str], ...]
    lane: str
    conversation_id: ConversationId | None = None
    message_id: MessageId | None = None
    payload: Mapping[str, str] = field(default_factory=dict)
    state: str = "waiting"  # waiting, replayed, discarded


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """A routing decision as it was made: verdict, urgency and reasons, for the Why panel and the audit."""

    decision_id: DecisionId
    conversation_id: ConversationId
    customer_id: CustomerId
    message_id: MessageId | None
    at: datetime
    decision: RoutingDecision
    urgency: UrgencyScore


class DraftOrigin(StrEnum):
    AUTOMATION = "automation"  # sent, or about to be
    BLOCKED = "blocked"  # failed validation or too unsure: for the agent's eyes only
    SUGGESTED = "suggested"  # offered to the agent in the composer


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRecord:
    """A machine-written reply with its sources and checks."""

    draft_id: str
    conversation_id: ConversationId
    customer_id: CustomerId
    message_id: MessageId | None
    origin: DraftOrigin
    at: datetime
    response: GeneratedResponse
    validation: ValidationResult | None
    sent_as: MessageId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDraft:
    """What an agent has typed and not sent. ``kind``: reply or note, kept apart."""

    agent_id: str
    conversation_id: ConversationId
    kind: str
    text: str
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRecord:
    """A file that an agent handed in and has not sent yet; its bytes lie in the blob store under ``blob_id``."""

    upload_id: str
    conversation_id: ConversationId
    customer_id: CustomerId
    at: datetime
    attachment: Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to whom. ``details`` may hold customer text (a reply that was sent): it is sealed with the customer's
    key when ``customer_id`` is set. ``sequence`` and ``digest`` are given by the store and chain the entries."""

    at: datetime
    actor: str
    action: str
    target: str
    details: Mapping[str, str] = field(default_factory=dict)
    customer_id: CustomerId | None = None
    conversation_id: ConversationId | None = None
    sequence: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRecord:
    """A person who may sign in. ``roles`` are names of trust.roles.Role; ``agent_id`` if they answer customers."""

    user_id: str
    email: str
    name: str
    password_hash: str
    roles: frozenset[str]
    created_at: datetime
    agent_id: str | None = None
    disabled: bool = False
    session_epoch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """A signed-in browser. ``token_hash`` is SHA-256 of the cookie; ``csrf`` the token its forms carry."""

    token_hash: str
    user_id: str
    csrf: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRecord:
    """A key for programs; only its hash is stored. Empty ``scopes`` = everything its role may."""

    key_id: str
    name: str
    key_hash: str
    role: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRecord:
    """A refresh token (hashed) in its family: reuse of a spent one revokes the family."""

    token_hash: str
    family: str
    client_id: str
    subject: str
    scopes: frozenset[str]
    expires_at: datetime
    spent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """The first answer to an Idempotency-Key, to be given again for 24 h. ``body`` is sealed at rest."""

    key: str
    fingerprint: str
    status: int
    content_type: str
    body: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    endpoint_id: str
    url: str
    events: frozenset[str]
    secret: str
    created_at: datetime
    enabled: bool = True
    disabled_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery:
    delivery_id: str
    endpoint_id: str
    event_sequence: int
    event_type: str
    state: str  # pending, delivered, failed
    attempts: tuple[tuple[datetime, str], ...]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRecord:
    """Two customers made one; what moved, so that it can be undone."""

    merge_id: str
    kept: CustomerId
    merged: CustomerId
    at: datetime
    actor: str
    evidence: str
    moved_identities: tuple[str, ...] = ()
    moved_conversations: tuple[ConversationId, ...] = ()
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastReading:
    """What an earlier message of the customer was about; the facts for "same issue again"."""

    message_id: MessageId
    conversation_id: ConversationId
    at: datetime
    intent: str
    topic: str
    embedding: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """A conversation that waits for a person."""

    conversation_id: ConversationId
    customer_id: CustomerId
    priority: float
    urgency_score: int
    queued_at: datetime
    required_skills: frozenset[str]
    language: str
    topic: str | None


class View(StrEnum):
    """The fixed lists of the desk."""

    MINE = "mine"
    QUEUE = "queue"
    AUTOMATION = "automation"
    WAITING = "waiting"
    OPEN = "open"
    RESOLVED = "resolved"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where a list continues: opaque cursor of the last row seen, at most ``limit`` rows (1..100)."""

    limit: int = 50
    cursor: str | None = None
