"""Reading with a full database beside reading with a small one: timeline, list of conversations, queue."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import cast

from benchmarks.report import Figure
from benchmarks.texts import customer_messages
from switchboard.domain.conversation import Conversation, ConversationState, ConversationStatus, Handler
from switchboard.domain.customer import CustomerProfile, Evidence, Identity
from switchboard.domain.ids import ConversationId, CustomerId, new_conversation_id, new_customer_id, new_message_id
from switchboard.domain.message import (
    Author,
    ChannelType,
    ConversationMessage,
    Direction,
    MessageContent,
    MessageKind,
    ProcessingState,
)
from switchboard.engines.clock import SystemClock
from switchboard.ports.records import Page, QueueEntry, View
from switchboard.ports.store import Work
from switchboard.stores import SqliteStore, open_sqlite
from switchboard.stores.database import insert
from switchboard.stores.work import SqlWork

SMALL, FULL, QUICK = 10_000, 1_000_000, 100_000
WORST_RATIO = 1.5
EACH = 10
"""Messages in a conversation, and twice that for every second customer, who has two."""
WAITING = 200
AT_ONCE = 500
ROUNDS = 400
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CHANNELS = (ChannelType.WHATSAPP, ChannelType.WEB_CHAT, ChannelType.FACEBOOK)
Read = Callable[[Work], object]


def measure(*, quick: bool) -> list[Figure]:
    """p95 of each read on a full database, as a multiple of the same on a small one; both sealed like real ones."""
    full = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as folder:
        small, big = asyncio.run(_compare(Path(folder), full))
    return [
        Figure(
            name=f"reads: {name}, {full:,} messages against {SMALL:,}",
            value=big[name] / small[name],
            unit="times",
            target=WORST_RATIO,
            note=f"p95 {big[name] * 1000:.2f} ms against {small[name] * 1000:.2f} ms",
        )
        for name in small
    ]


async def _compare(folder: Path, full: int) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds at p95 by read. The databases take turns, so that both meet the same moods of the machine."""
    shelves = [await _fill(folder / f"{count}.db", count) for count in (SMALL, full)]
    taken: list[dict[str, list[float]]] = [{}, {}]
    for _ in range(ROUNDS):
        for shelf, times in zip(shelves, taken, strict=True):
            for name, read in shelf.reads():
                began = time.perf_counter()
                await shelf.store.read(read)
                times.setdefault(name, []).append(time.perf_counter() - began)
    for shelf in shelves:
        await shelf.store.close()
    small, big = ({name: _p95(each) for name, each in times.items()} for times in taken)
    return small, big


def _p95(seconds: Sequence[float]) -> float:
    return sorted(seconds)[int(0.95 * len(seconds))]


@dataclass(slots=True, kw_only=True)
class Shelf:
    """A filled database and what is read from it."""

    store: SqliteStore
    customers: list[CustomerId]
    chance: random.Random

    def reads(self) -> list[tuple[str, Read]]:
        customer_id = self.chance.choice(self.customers)
        return [
            ("timeline", lambda work: work.messages.of_customer(customer_id, limit=50)),
            ("conversation list", lambda work: work.conversations.page(View.ALL, Page(limit=50))),
            ("open conversations", lambda work: work.conversations.page(View.OPEN, Page(limit=50))),
            ("queue", lambda work: (work.queue.entries(50), work.conversations.page(View.QUEUE, Page(limit=50)))),
        ]


async def _fill(path: Path, messages: int) -> Shelf:
    """Sealed rows as the product writes them, many to a statement; the index of words stays empty (nothing here asks it)."""
    store = open_sqlite(path, bytes(32), SystemClock())
    chance, texts = random.Random(3), customer_messages(2_000)
    customers: list[CustomerId] = []
    planned = _plan(messages // EACH, chance)
    while chunk := list(islice(planned, AT_ONCE)):
        customers += dict.fromkeys(conversation.customer_id for conversation in chunk)
        await store.write(lambda work, chunk=chunk: _put(cast(SqlWork, work), chunk, texts, chance))  # type: ignore[misc]  # mypy cannot infer a lambda's default
    return Shelf(store=store, customers=customers, chance=chance)


def _plan(conversations: int, chance: random.Random) -> Iterator[Conversation]:
    """Two conversations of a customer follow each other; the last ``WAITING`` are still open and wait for a person."""
    customer_id = new_customer_id()
    for number in range(conversations):
        if number % 2 == 0:
            customer_id = new_customer_id()
        began = BEGIN + timedelta(seconds=20 * number)
        yield _conversation(
            customer_id, began, waits=number >= conversations - 2 * WAITING and number % 2 == 1, chance=chance
        )


def _conversation(customer_id: CustomerId, began: datetime, *, waits: bool, chance: random.Random) -> Conversation:
    state = ConversationState(
        status=ConversationStatus.ACTIVE if waits else ConversationStatus.ARCHIVED,
        handler=Handler.QUEUE if waits else Handler.NOBODY,
        urgency_score=chance.randint(1, 10),
        priority=chance.uniform(1, 10),
    )
    last = began + timedelta(minutes=EACH)
    return Conversation(
        conversation_id=new_conversation_id(),
        customer_id=customer_id,
        state=state,
        channels=(chance.choice(CHANNELS),),
        created_at=began,
        last_activity_at=last,
        last_sequence=EACH,
        intent="inquiry",
        topic="delivery_fulfilment",
        language="en",
        snippet="Where is my order? It should have arrived on Monday.",
        queued_at=last if waits else None,
        archived_at=None if waits else last,
    )


def _put(work: SqlWork, conversations: Sequence[Conversation], texts: Sequence[str], chance: random.Random) -> None:
    rows = []
    for conversation in conversations:
        if work.customers.brief(conversation.customer_id) is None:
            work.customers.add(_customer(conversation.customer_id, conversation.created_at))
        work.conversations.add(conversation)
        if conversation.is_open:
            work.queue.put(_entry(conversation))
        rows += [work.messages._row(_message(conversation, n + 1, chance.choice(texts))) for n in range(EACH)]
    work._session.many(insert("messages", list(rows[0])), rows)


def _customer(customer_id: CustomerId, at: datetime) -> CustomerProfile:
    identity = Identity(
        channel=ChannelType.WEB_CHAT, address=f"vis_{customer_id}", account="site", verified=True,
        evidence=Evidence.SIGNED_VISITOR, since=at,
    )  # fmt: skip
    return CustomerProfile(customer_id=customer_id, name="Ana Example", created_at=at, identities=(identity,))


def _entry(conversation: Conversation) -> QueueEntry:
    return QueueEntry(
        conversation_id=ConversationId(conversation.conversation_id),
        customer_id=conversation.customer_id,
        priority=conversation.state.priority,
        urgency_score=conversation.state.urgency_score,
        queued_at=conversation.last_activity_at,
        required_skills=frozenset({"delivery"}),
        language="en",
        topic=conversation.topic,
    )


def _message(conversation: Conversation, sequence: int, text: str) -> ConversationMessage:
    ours = sequence % 2 == 0
    return ConversationMessage(
        message_id=new_message_id(),
        conversation_id=conversation.conversation_id,
        customer_id=conversation.customer_id,
        channel=conversation.channels[0],
        account="",
        direction=Direction.OUTBOUND if ours else Direction.INBOUND,
        author=Author.AUTOMATION if ours else Author.CUSTOMER,
        kind=MessageKind.TEXT,
        content=MessageContent(text=text),
        timestamp=conversation.created_at + timedelta(minutes=sequence),
        sequence=sequence,
        processing=None if ours else ProcessingState.UNDERSTOOD,
    )
