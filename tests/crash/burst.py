"""Many new customers write several messages at once, and two workers take them: one conversation each, order kept.

``python -m tests.crash.burst --customers 1000`` runs it in full; the suite has a smaller one.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from switchboard.domain.ids import ConversationId, CustomerId, MessageId
from switchboard.domain.message import ChannelType
from switchboard.engines.clock import SystemClock
from switchboard.engines.hub import LocalHub
from switchboard.engines.knowledge_search import StoredKnowledge
from switchboard.flows.app import App
from switchboard.flows.intake import receive_events
from switchboard.ports.channel import Parsed
from switchboard.ports.store import Work
from switchboard.stores import open_sqlite
from switchboard.stores.sqlite import SqliteStore
from tests.kit import MASTER, MemoryBlobs, RecordingChannel, ScriptedUnderstanding, WordEmbedder, said

WITHIN_S = 0.3
FEWEST, MOST = 2, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message: when it was handed in, when it was acknowledged, and where it was stored."""

    customer: int
    started: float
    acknowledged: float
    message_id: MessageId
    conversation_id: ConversationId
    customer_id: CustomerId


@dataclass(slots=True)
class Outcome:
    customers: int
    messages: int
    seconds: float
    several_conversations: list[int] = field(default_factory=list)
    several_people: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    out_of_order: list[int] = field(default_factory=list)

    @property
    def right(self) -> bool:
        return not (self.several_conversations or self.several_people or self.gaps or self.out_of_order)


async def burst(folder: Path, customers: int, seed: int = 7) -> Outcome:
    """Every message goes to one of two workers, which share nothing but the database file."""
    chance = random.Random(seed)
    clock = SystemClock()
    stores = [open_sqlite(folder / "burst.db", MASTER, clock) for _ in range(2)]
    workers = [_worker(store, clock) for store in stores]
    try:
        began = time.monotonic()
        told = await asyncio.gather(
            *(
                _write(chance.choice(workers), customer, number, chance.uniform(0, WITHIN_S))
                for customer in range(customers)
                for number in range(chance.randint(FEWEST, MOST))
            )
        )
        seconds = time.monotonic() - began
        order = await stores[0].read(lambda work: _sequences(work, told))
    finally:
        for store in stores:
            await store.close()
    return _judged(customers, told, order, seconds)


def _worker(store: SqliteStore, clock: SystemClock) -> App:
    embedder = WordEmbedder()
    return App(
        store=store,
        clock=clock,
        hub=LocalHub(),
        blobs=MemoryBlobs(),
        understanding=ScriptedUnderstanding(),
        embedder=embedder,
        knowledge=StoredKnowledge(store, embedder),
        channels={kind: RecordingChannel(kind) for kind in ChannelType},
    )


async def _write(worker: App, customer: int, number: int, after: float) -> Sent:
    event = said(
        f"Message {number} of customer {customer}", address=f"+49151{customer:08d}", external_id=f"{customer}-{number}"
    )
    await asyncio.sleep(after)
    started = time.monotonic()
    taken = await receive_events(worker, event.channel, Parsed(events=(event,)), b"")
    (one,) = taken.accepted
    if one.message_id is None or one.conversation_id is None or one.customer_id is None:
        raise AssertionError(f"a message was not stored: {one.reason}")
    return Sent(
        customer=customer,
        started=started,
        acknowledged=time.monotonic(),
        message_id=one.message_id,
        conversation_id=one.conversation_id,
        customer_id=one.customer_id,
    )


def _sequences(work: Work, told: list[Sent]) -> dict[str, int]:
    found = (work.messages.get(sent.message_id) for sent in told)
    return {message.message_id: message.sequence for message in found if message is not None}


def _judged(customers: int, told: list[Sent], order: dict[str, int], seconds: float) -> Outcome:
    outcome = Outcome(customers=customers, messages=len(told), seconds=seconds)
    by_customer: defaultdict[int, list[Sent]] = defaultdict(list)
    for sent in told:
        by_customer[sent.customer].append(sent)
    for customer, theirs in by_customer.items():
        if len({sent.conversation_id for sent in theirs}) != 1:
            outcome.several_conversations.append(customer)
        if len({sent.customer_id for sent in theirs}) != 1:
            outcome.several_people.append(customer)
        if sorted(order[sent.message_id] for sent in theirs) != list(range(1, len(theirs) + 1)):
            outcome.gaps.append(customer)
        if any(
            first.acknowledged < later.started and order[first.message_id] > order[later.message_id]
            for first in theirs
            for later in theirs
        ):
            outcome.out_of_order.append(customer)
    return outcome


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=1000)
    wanted = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(burst(Path(folder), wanted.customers))
    print(f"{found.messages} messages of {found.customers} customers in {found.seconds:.1f} s")
    for name in ("several_conversations", "several_people", "gaps", "out_of_order"):
        print(f"{name.replace('_', ' ')}: {len(getattr(found, name))}")
    raise SystemExit(0 if found.right else 1)


if __name__ == "__main__":
    main()
