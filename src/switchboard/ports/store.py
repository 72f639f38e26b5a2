"""The memory of the business: one transaction at a time, with everything in it or nothing.

A *story* is a plain function that gets a ``Work`` and returns a value. ``Store.write`` runs it inside one transaction on
a database thread, commits durably, and only then returns. It is run again from the start when a rival changed the same
rows (``Conflict``), so a story has no effects but through its ``Work``, and cannot await: nothing slow ever happens while
a transaction is open. ``Store.read`` runs a story on a reader connection and commits nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from switchboard.domain.advice import ActionOutcome, ActionRecommendation, PastCase
from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.call import Call
from switchboard.domain.conversation import Conversation, SentimentPoint
from switchboard.domain.customer import CustomerProfile, Identity, Purchase
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import (
    ActionId,
    AgentId,
    ConversationId,
    CustomerId,
    DecisionId,
    DocumentId,
    MessageId,
    PayloadId,
)
from switchboard.domain.inbound import SenderAddress
from switchboard.domain.knowledge import KnowledgeDocument, Passage
from switchboard.domain.message import (
    Attachment,
    ChannelType,
    ConversationMessage,
    DeliveryState,
    Direction,
    MessageContent,
)
from switchboard.domain.reading import Reading
from switchboard.domain.urgency import UrgencyScore
from switchboard.ports.machine_mails import MachineMails
from switchboard.ports.records import (
    AgentDraft,
    ApiKeyRecord,
    AuditEntry,
    Backlog,
    DeadLetter,
    DecisionRecord,
    DraftRecord,
    Job,
    JobKind,
    MergeRecord,
    NewJob,
    Page,
    PastReading,
    PayloadRecord,
    PutOff,
    QueueEntry,
    RefreshRecord,
    SessionRecord,
    StoredAnswer,
    UploadRecord,
    UserRecord,
    View,
    WebhookDelivery,
    WebhookEndpoint,
)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Generic[T_co]):
    """One page of a list; ``next_cursor`` is None on the last."""

    items: tuple[T_co, ...]
    next_cursor: str | None = None


class Customers(Protocol):
    def get(self, customer_id: CustomerId) -> CustomerProfile | None:
        """The whole profile (identities, purchases, issues), also of a merged one; None if unknown. Erased: names None."""
        ...

    def brief(self, customer_id: CustomerId) -> CustomerProfile | None:
        """Without purchases and issues: what the hot path needs."""
        ...

    def standing(self, customer_id: CustomerId) -> CustomerProfile | None:
        """Only the customer's own row, without identities, purchases and issues: what routing looks at."""
        ...

    def current(self, customer_id: CustomerId) -> CustomerId:
        """Follows merges to the customer who counts now."""
        ...

    def owners(self, addresses: Sequence[SenderAddress]) -> dict[tuple[ChannelType, str, str], CustomerId]:
        """(channel, account, address) as given -> current customer, for those known. Phone channels also match each other."""
        ...

    def add(self, profile: CustomerProfile) -> None: ...

    def save(self, profile: CustomerProfile) -> None:
        """Everything but identities and purchases. Issues are added or replaced by id, never removed."""
        ...

    def add_identity(self, customer_id: CustomerId, identity: Identity) -> None:
        """Raises ``Conflict`` if the address belongs to another customer; upgrades evidence if it is this one's."""
        ...

    def remove_identity(self, customer_id: CustomerId, channel: ChannelType, account: str, address: str) -> None: ...

    def add_purchase(self, customer_id: CustomerId, purchase: Purchase) -> None:
        """Insert or replace by ``purchase_id``."""
        ...

    def merge(self, record: MergeRecord) -> MergeRecord:
        """Moves identities, purchases and conversations of ``merged`` to ``kept``; returns the record with what moved.
        The texts stay sealed under the key they were written with. Raises ``Conflict`` if one of them is merged or erased
        already, or if both have an open conversation (resolve one of them first)."""
        ...

    def unmerge(self, merge_id: str, at: datetime) -> MergeRecord: ...

    def merges(self, customer_id: CustomerId) -> tuple[MergeRecord, ...]: ...

    def page(self, page: Page, query: str | None = None) -> Rows[CustomerProfile]:
        """Newest first; ``query`` is an exact address, phone, order number or words of a name (by keyed look-up)."""
        ...

    def knows_address(self, normalised: str) -> CustomerId | None:
        """Whose e-mail, phone or handle is this? For the check that a reply names nobody else's data."""
        ...

    def erase(self, customer_id: CustomerId, at: datetime) -> Mapping[str, int]:
        """Destroys the data key(s), identities, purchases, drafts, search terms and payloads; keeps counts without
        identity and anonymised texts handed in by the flow beforehand. Returns what was removed (table -> rows)."""
        ...


class Conversations(Protocol):
    def get(self, conversation_id: ConversationId) -> Conversation | None: ...

    def open_for(self, customer_id: CustomerId) -> Conversation | None: ...

    def latest_for(self, customer_id: CustomerId) -> Conversation | None: ...

    def of_customer(self, customer_id: CustomerId) -> tuple[Conversation, ...]:
        """All of the customer's conversations, oldest first."""
        ...

    def add(self, conversation: Conversation) -> None:
        """Raises ``Conflict`` when the customer already has an open one (unique constraint)."""
        ...

    def save(self, conversation: Conversation) -> Conversation:
        """Compare and set on ``version``; returns it with the next version. Raises ``Conflict``."""
        ...

    def page(
        self, view: View, page: Page, *, agent_id: AgentId | None = None, customer_id: CustomerId | None = None
    ) -> Rows[Conversation]:
        """By priority (queue, mine, automation, open), by last activity (waiting, resolved, all), highest or newest first."""
        ...

    def counts(self, agent_id: AgentId | None = None) -> Mapping[View, int]: ...

    def inactive(self, before: datetime, limit: int) -> tuple[Conversation, ...]:
        """Open or resolved conversations whose last activity was before the given time, oldest first."""
        ...

    def due_for_retention(
        self, before: datetime, limit: int, *, readable_only: bool = False
    ) -> tuple[Conversation, ...]:
        """Archived ones without activity since, oldest first. ``readable_only``: those not anonymised yet."""
        ...

    def anonymise(self, conversation_id: ConversationId) -> None:
        """Takes the words away (texts, readings, drafts, reasons); only what ``Messages.anonymise`` set aside stays."""
        ...

    def delete(self, conversation_id: ConversationId) -> None:
        """With its messages, drafts, decisions and search terms; events stay (they hold no text)."""
        ...


class Messages(Protocol):
    def find_external(self, channel: ChannelType, account: str, external_id: str) -> ConversationMessage | None:
        """By the provider's id: the key of deduplication (inbound) and the target of statuses (outbound)."""
        ...

    def find_by_thread_keys(self, channel: ChannelType, keys: Sequence[str]) -> ConversationId | None:
        """The conversation in which one of these external ids (strongest first) occurs."""
        ...

    def add(self, message: ConversationMessage, thread_keys: Sequence[str] = ()) -> None:
        """Seals, stores and makes it searchable. Raises ``Conflict`` if (channel, account, external_id) exists."""
        ...

    def get(self, message_id: MessageId) -> ConversationMessage | None: ...

    def of_conversation(
        self, conversation_id: ConversationId, *, after: int = 0, before: int | None = None, limit: int = 50
    ) -> tuple[ConversationMessage, ...]:
        """In order of sequence. With ``before``: the newest ``limit`` ones below it."""
        ...

    def newest(
        self, conversation_id: ConversationId, limit: int = 50, *, readings: bool = True
    ) -> tuple[ConversationMessage, ...]:
        """The last ``limit`` messages, in order of sequence; with ``readings`` False what was read of them stays sealed."""
        ...

    def of_customer(
        self, customer_id: CustomerId, *, before: datetime | None = None, limit: int = 50
    ) -> tuple[ConversationMessage, ...]:
        """The unified timeline over all conversations, oldest first; the newest ``limit`` before the given time."""
        ...

    def save_reading(
        self,
        message_id: MessageId,
        reading: Reading,
        urgency: UrgencyScore | None,
        *,
        customer_id: CustomerId | None = None,
    ) -> None:
        """``customer_id``: the message's own, where it is at hand."""
        ...

    def set_processing_dead(self, message_id: MessageId) -> None: ...

    def set_delivery(
        self, message_id: MessageId, state: DeliveryState, *, error: str | None = None, external_ids: Sequence[str] = ()
    ) -> None: ...

    def mark_sending(self, message_id: MessageId, token: str) -> bool:
        """Notes durably that a provider call is about to start. False if another token stands there already: the earlier
        try died between the provider's acceptance and our commit."""
        ...

    def clear_sending(self, message_id: MessageId) -> None:
        """The provider surely did not take it; a later try may send."""
        ...

    def replace_content(
        self,
        message_id: MessageId,
        content: MessageContent,
        at: datetime,
        *,
        withdrawn: bool = False,
        noted: Mapping[str, str] | None = None,
    ) -> None:
        """An edit or withdrawal; the old text stays in the sealed history. ``noted`` joins the metadata."""
        ...

    def set_attachments(self, message_id: MessageId, attachments: Sequence[Attachment]) -> None:
        """What became of the files (stored, refused ...). Words and history stay; nothing happens if it was erased."""
        ...

    def add_reaction(self, message_id: MessageId, who: str, emoji: str | None) -> None: ...

    def last_at(self, channel: ChannelType, direction: Direction) -> datetime | None:
        """When the channel last carried a message this way; outgoing ones count once the provider took them."""
        ...

    def sentiment_points(self, conversation_id: ConversationId) -> tuple[SentimentPoint, ...]:
        """Every scored customer message in order (Property 9)."""
        ...

    def past_readings(self, customer_id: CustomerId, since: datetime, limit: int = 50) -> tuple[PastReading, ...]: ...

    def search(self, words: Sequence[str], page: Page) -> Rows[ConversationMessage]:
        """Messages that contain every word (by keyed tokens), newest first."""
        ...

    def anonymise(self, message_id: MessageId, text: str) -> None:
        """What stays of the text for analytics once the customer is erased; the caller took everything personal out."""
        ...


class Jobs(Protocol):
    def add(self, *jobs: NewJob) -> None:
        """The first unfinished job of a lane inherits the highest priority waiting behind it."""
        ...

    def claim(self, kinds: Sequence[JobKind], limit: int, lease: timedelta, now: datetime) -> tuple[Job, ...]:
        """Due jobs that are the first of their lane, by aged priority then age; expired leases are free again."""
        ...

    def finish(self, job: Job) -> bool:
        """False if the lease was lost meanwhile: then the caller must raise ``Conflict`` so that nothing is committed."""
        ...

    def retry(self, job: Job, due_at: datetime, error: str, *, counts: bool = True) -> bool:
        """Gives it back for later. ``counts=False``: waiting behind a breaker is not a failure."""
        ...

    def bury(self, job: Job, reason: str, now: datetime) -> DeadLetter:
        """To the dead letters, with its history of errors."""
        ...

    def drop(self, lane: str, kind: JobKind) -> int:
        """Removes unleased jobs of a lane (an answer nobody needs any more); returns how many."""
        ...

    def put_off(self, conversation_id: ConversationId) -> tuple[PutOff, ...]:
        """Its messages that were tried in vain and wait for their next try."""
        ...

    def backlog(self, kind: JobKind) -> Backlog: ...

    def dead_letters(self, page: Page) -> Rows[DeadLetter]: ...

    def dead_letter(self, dead_letter_id: str) -> DeadLetter | None: ...

    def replay(self, dead_letter_id: str, now: datetime) -> bool:
        """Back into the queue; False if it was replayed or discarded before (replaying twice has one effect)."""
        ...

    def discard(self, dead_letter_id: str) -> bool: ...

    def count_dead(self) -> int: ...


class Events(Protocol):
    def append(self, *events: Event) -> int:
        """Returns the last sequence."""
        ...

    def note(self, *events: Event) -> None:
        """``append`` for whoever need not know the sequence: written together when the story ends."""
        ...

    def after(self, sequence: int, limit: int = 500) -> tuple[Event, ...]: ...

    def last(self) -> int: ...

    def oldest(self) -> int: ...

    def between(self, start: datetime, end: datetime) -> Iterable[Event]: ...

    def of_conversation(self, conversation_id: ConversationId) -> tuple[Event, ...]: ...

    def recent(self, kind: EventType, limit: int) -> tuple[Event, ...]:
        """The newest events of one kind, newest first."""
        ...


class Agents(Protocol):
    def get(self, agent_id: AgentId) -> Agent | None: ...

    def all(self) -> tuple[Agent, ...]: ...

    def save(self, agent: Agent) -> None:
        """Insert or update; never touches the workload."""
        ...

    def set_status(self, agent_id: AgentId, status: AgentStatus, at: datetime) -> None: ...

    def reserve(self, agent_id: AgentId) -> bool:
        """Takes one place atomically; False when full, away or gone. Never a sixth (Property 22)."""
        ...

    def release(self, agent_id: AgentId) -> None: ...

    def record_result(self, agent_id: AgentId, topic: str, success: bool) -> None: ...


class Queue(Protocol):
    """Conversations waiting for a person."""

    def put(self, entry: QueueEntry) -> None: ...

    def remove(self, conversation_id: ConversationId) -> None: ...

    def entries(self, limit: int = 500) -> tuple[QueueEntry, ...]:
        """By priority, highest first, then by waiting time."""
        ...

    def get(self, conversation_id: ConversationId) -> QueueEntry | None: ...

    def depth(self) -> int: ...

    def ahead_of(self, entry: QueueEntry, s_per_point: float) -> int:
        """How many others are served before this one when ``s_per_point`` seconds of waiting weigh as much as one point
        of priority: the same order as ``routing.queue.order_queue``, without reading the queue."""
        ...


class Calls(Protocol):
    """Telephone calls. Callers who were erased are unknown again."""

    def get(self, call_id: str) -> Call | None: ...

    def save(self, call: Call) -> Call:
        """Insert, or compare and set on ``version``; returns it with the next version. Raises ``Conflict``."""
        ...

    def of_conversation(self, conversation_id: ConversationId) -> tuple[Call, ...]:
        """Oldest first."""
        ...

    def live_of(self, conversation_id: ConversationId) -> Call | None:
        """The call that goes on now."""
        ...

    def silent(self, before: datetime, limit: int = 100) -> tuple[Call, ...]:
        """Calls that seem to go on, but of which nothing was heard since."""
        ...

    def purge(self, before: datetime) -> int:
        """Calls in which nobody said anything."""
        ...


class Decisions(Protocol):
    def add(self, record: DecisionRecord) -> None: ...

    def get(self, decision_id: DecisionId) -> DecisionRecord | None: ...

    def of_conversation(self, conversation_id: ConversationId) -> tuple[DecisionRecord, ...]: ...

    def of_message(self, message_id: MessageId) -> DecisionRecord | None: ...


class Drafts(Protocol):
    def add(self, record: DraftRecord) -> None: ...

    def latest(self, conversation_id: ConversationId) -> DraftRecord | None: ...

    def sent_as(self, message_id: MessageId) -> DraftRecord | None:
        """The draft behind a sent automatic message, with sources and checks."""
        ...

    def save_typed(self, draft: AgentDraft) -> None: ...

    def typed(self, agent_id: str, conversation_id: ConversationId) -> tuple[AgentDraft, ...]: ...

    def clear_typed(self, agent_id: str, conversation_id: ConversationId, kind: str) -> None: ...


class Advice(Protocol):
    def offer(
        self,
        conversation_id: ConversationId,
        customer_id: CustomerId,
        offers: Sequence[ActionRecommendation],
        at: datetime,
    ) -> None: ...

    def offered(self, conversation_id: ConversationId) -> tuple[ActionRecommendation, ...]: ...

    def conversation_of(self, action_id: ActionId) -> ConversationId | None: ...

    def record(self, outcome: ActionOutcome, case: PastCase) -> None: ...

    def outcome(self, action_id: ActionId) -> ActionOutcome | None: ...

    def past_cases(self, limit: int = 2000) -> tuple[PastCase, ...]: ...


class Knowledge(Protocol):
    def add(self, document: KnowledgeDocument, passages: Sequence[Passage]) -> None:
        """Insert or replace by ``document_id``; raises the generation so that indexes reload."""
        ...

    def get(self, document_id: DocumentId) -> KnowledgeDocument | None: ...

    def page(self, page: Page) -> Rows[KnowledgeDocument]: ...

    def remove(self, document_id: DocumentId) -> bool: ...

    def passages(self) -> tuple[tuple[KnowledgeDocument, Passage], ...]: ...

    def generation(self) -> int: ...


class Payloads(Protocol):
    def add(self, record: PayloadRecord) -> None:
        """Insert, or replace by ``payload_id`` when its fate is known later."""
        ...

    def get(self, payload_id: PayloadId) -> PayloadRecord | None: ...

    def page(self, page: Page) -> Rows[PayloadRecord]:
        """Newest first, without the bodies (``body`` is empty)."""
        ...

    def purge(self, before: datetime) -> int: ...


class Audit(Protocol):
    def append(self, entry: AuditEntry) -> None: ...

    def page(self, page: Page) -> Rows[AuditEntry]: ...

    def verify(self) -> int | None:
        """None when the chain is whole, else the sequence of the first entry that does not fit."""
        ...


class Access(Protocol):
    def user(self, user_id: str) -> UserRecord | None: ...

    def user_by_email(self, email: str) -> UserRecord | None: ...

    def users(self) -> tuple[UserRecord, ...]: ...

    def save_user(self, user: UserRecord) -> None: ...

    def add_session(self, session: SessionRecord) -> None: ...

    def session(self, token_hash: str) -> SessionRecord | None: ...

    def touch_session(self, token_hash: str, at: datetime) -> None: ...

    def end_session(self, token_hash: str) -> None: ...

    def end_sessions_of(self, user_id: str) -> None: ...

    def add_key(self, key: ApiKeyRecord) -> None: ...

    def key_by_hash(self, key_hash: str) -> ApiKeyRecord | None: ...

    def keys(self) -> tuple[ApiKeyRecord, ...]: ...

    def revoke_key(self, key_id: str, at: datetime) -> bool: ...

    def add_refresh(self, token: RefreshRecord) -> None: ...

    def spend_refresh(self, token_hash: str) -> RefreshRecord | None:
        """The token as it was before; a spent one revokes its whole family and is returned with ``spent`` True."""
        ...

    def put_once(self, purpose: str, token_hash: str, expires_at: datetime) -> None:
        """A one-time token (setup, invite); also remembers nonces that must not come twice."""
        ...

    def take_once(self, purpose: str, token_hash: str, now: datetime) -> bool: ...


class Config(Protocol):
    """What the business has set, as named JSON documents with a version."""

    def get(self, name: str) -> tuple[Mapping[str, object], int] | None: ...

    def set(self, name: str, value: Mapping[str, object], *, expected_version: int | None = None) -> int: ...

    def names(self) -> tuple[str, ...]: ...

    def get_secret(self, name: str) -> bytes | None:
        """Sealed at rest (channel credentials, signing keys)."""
        ...

    def set_secret(self, name: str, value: bytes) -> None: ...


class Answers(Protocol):
    """Idempotency keys."""

    def get(self, key: str, now: datetime) -> StoredAnswer | None: ...

    def put(self, answer: StoredAnswer) -> None:
        """Raises ``Conflict`` if the key exists."""
        ...

    def purge(self, now: datetime) -> int: ...


class Webhooks(Protocol):
    def save(self, endpoint: WebhookEndpoint) -> None: ...

    def get(self, endpoint_id: str) -> WebhookEndpoint | None: ...

    def all(self) -> tuple[WebhookEndpoint, ...]: ...

    def remove(self, endpoint_id: str) -> bool: ...

    def add_delivery(self, delivery: WebhookDelivery) -> None: ...

    def delivery(self, delivery_id: str) -> WebhookDelivery | None: ...

    def save_delivery(self, delivery: WebhookDelivery) -> None: ...

    def deliveries(self, endpoint_id: str, page: Page) -> Rows[WebhookDelivery]: ...

    def cursor(self) -> int:
        """Sequence of the last event that was fanned out to endpoints."""
        ...

    def set_cursor(self, sequence: int) -> None: ...


class Uploads(Protocol):
    """Files handed in for a reply that is not sent yet."""

    def add(self, record: UploadRecord) -> None: ...

    def take(self, upload_id: str, conversation_id: ConversationId) -> UploadRecord | None:
        """Removes and returns it; None if it is unknown, of another conversation or taken before."""
        ...

    def purge(self, before: datetime, limit: int) -> tuple[str, ...]:
        """Forgets those handed in earlier; returns their blob ids."""
        ...


class Files(Protocol):
    """Which stored files are needed. Rows come and go with the messages and uploads that name them."""

    def doom(self, blob_ids: Sequence[str]) -> None:
        """Marks files that nobody needs; erasing, anonymising and deleting conversations does so by itself."""
        ...

    def doomed(self, limit: int) -> tuple[str, ...]:
        """Ids of files that are to be deleted."""
        ...

    def forget(self, blob_ids: Sequence[str]) -> None:
        """The files are gone."""
        ...

    def known(self, fingerprints: Collection[str]) -> frozenset[str]:
        """Those of the fingerprints (SHA-256 of the id) that belong to a file with a row, doomed or not."""
        ...


class Schedules(Protocol):
    def take(self, name: str, every: timedelta, now: datetime) -> bool:
        """True for exactly one caller in each period, on any number of replicas."""
        ...


class Work(Protocol):
    """Everything a story can touch inside its transaction."""

    @property
    def customers(self) -> Customers: ...
    @property
    def conversations(self) -> Conversations: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def events(self) -> Events: ...
    @property
    def agents(self) -> Agents: ...
    @property
    def queue(self) -> Queue: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def advice(self) -> Advice: ...
    @property
    def knowledge(self) -> Knowledge: ...
    @property
    def payloads(self) -> Payloads: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def access(self) -> Access: ...
    @property
    def config(self) -> Config: ...
    @property
    def answers(self) -> Answers: ...
    @property
    def webhooks(self) -> Webhooks: ...
    @property
    def uploads(self) -> Uploads: ...
    @property
    def machine_mails(self) -> MachineMails: ...
    @property
    def files(self) -> Files: ...
    @property
    def schedules(self) -> Schedules: ...

    def seal_blob(self, customer_id: CustomerId, blob_id: str, data: bytes) -> bytes:
        """Encrypts a file under the customer's key (the caller hands the result to ``Blobs``)."""
        ...

    def open_blob(self, customer_id: CustomerId, blob_id: str, data: bytes) -> bytes: ...


class Store(Protocol):
    async def write(self, story: Callable[[Work], T], *, later: bool = False) -> T:
        """``later``: it may wait while others are at the door, and still gets its turn. Raises ``Unavailable`` when the
        database is down, full or locked; ``Conflict`` after 5 lost races."""
        ...

    async def read(self, story: Callable[[Work], T]) -> T: ...

    async def close(self) -> None: ...
