"""What is kept of work to do: jobs, the line of waiting conversations, agents, events and calls to other systems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId, ConversationId, PayloadId
from switchboard.ports.records import (
    Backlog,
    DeadLetter,
    Job,
    JobKind,
    NewJob,
    Page,
    PayloadRecord,
    PutOff,
    QueueEntry,
    WebhookDelivery,
    WebhookEndpoint,
)
from switchboard.ports.tables.rows import Rows


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


class Payloads(Protocol):
    def add(self, record: PayloadRecord) -> None:
        """Insert, or replace by ``payload_id`` when its fate is known later."""
        ...

    def get(self, payload_id: PayloadId) -> PayloadRecord | None: ...

    def page(self, page: Page) -> Rows[PayloadRecord]:
        """Newest first, without the bodies (``body`` is empty)."""
        ...

    def purge(self, before: datetime) -> int: ...


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


class Schedules(Protocol):
    def take(self, name: str, every: timedelta, now: datetime) -> bool:
        """True for exactly one caller in each period, on any number of replicas."""
        ...
