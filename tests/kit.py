"""A whole Switchboard in memory for story tests: real flows and store, fake channels, a clock that tests move."""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from hypothesis import Phase, settings

from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import CustomerProfile, Evidence
from switchboard.domain.event import Event
from switchboard.domain.ids import AgentId, ConversationId, CustomerId, MessageId
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import ChannelType, ConversationMessage, MessageContent
from switchboard.domain.reading import (
    Intent,
    IntentCategory,
    IntentResult,
    Language,
    Reading,
    ReadingSource,
    SentimentResult,
    sentiment_label,
)
from switchboard.engines.hub import LocalHub
from switchboard.engines.knowledge_search import StoredKnowledge
from switchboard.errors import BadSignature, NotFound
from switchboard.flows.answer import answer
from switchboard.flows.app import App, Tempo
from switchboard.flows.business import Business
from switchboard.flows.configure import configure
from switchboard.flows.deliver import deliver
from switchboard.flows.intake import Taken, receive_events
from switchboard.flows.knowledge import NewDocument, add_document
from switchboard.flows.media import fetch_media
from switchboard.flows.tell_webhooks import fan_out, tell
from switchboard.flows.understand import understand_one
from switchboard.ports.channel import Capabilities, Outgoing, Parsed, RawRequest, RawResponse, Receipt
from switchboard.ports.engines import EMBEDDING_WIDTH, Completion, Prompt, TextToRead
from switchboard.ports.records import Job, JobKind
from switchboard.ports.store import Work
from switchboard.stores import SqliteStore, open_sqlite
from switchboard.stores.sqlite import _Task
from switchboard.worker.pool import attempt

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MASTER = bytes(range(32))
ADDRESSES = {
    ChannelType.VOICE: "+49301234567",
    ChannelType.WHATSAPP: "+49301234567",
    ChannelType.EMAIL: "ana@customers.example",
    ChannelType.WEB_CHAT: "visitor-1",
    ChannelType.FACEBOOK: "fb-1",
    ChannelType.TWITTER: "tw-1",
    ChannelType.INSTAGRAM: "ig-1",
}
STORY = settings(max_examples=100, deadline=None, phases=(Phase.explicit, Phase.generate))
"""A whole story for each example: failing ones are told as they are, since making them smaller takes minutes."""
_numbers = itertools.count(1)
T = TypeVar("T")


class SetClock:
    """A clock that only moves when a test moves it."""

    def __init__(self, start: datetime = MONDAY) -> None:
        self.time = start

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def move(self, **by: float) -> datetime:
        self.time += timedelta(**by)
        return self.time


class MemoryBlobs:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, blob_id: str, data: bytes) -> None:
        self.kept[blob_id] = data

    def put_pieces(self, blob_id: str, pieces: Iterable[bytes]) -> None:
        self.kept[blob_id] = b"".join(pieces)

    def get(self, blob_id: str) -> bytes:
        if blob_id not in self.kept:
            raise NotFound("there is no such file")
        return self.kept[blob_id]

    def delete(self, blob_id: str) -> None:
        self.kept.pop(blob_id, None)


class InlineStore:
    """The store in memory, on the thread of the test: the same transactions without the hops between threads."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store

    async def write(self, story: Callable[[Work], T], *, later: bool = False) -> T:
        return await self._run(story, reads=False)

    async def read(self, story: Callable[[Work], T]) -> T:
        return await self._run(story, reads=True)

    async def close(self) -> None:
        await self.store.close()

    async def _run(self, story: Callable[[Work], T], *, reads: bool) -> T:
        await asyncio.sleep(0)  # others get their turn, as they would with a real store
        future: Future[T] = Future()
        self.store._commit([_Task(story, future, reads)])
        return future.result()


class RecordingChannel:
    """Takes what is sent and remembers it. ``trouble``: raised by the next sends, before (``late`` False) or after the
    message was recorded, as when the provider accepted and its answer was lost."""

    def __init__(self, kind: ChannelType, *, idempotent: bool = False) -> None:
        self.type = kind
        self.capabilities = Capabilities(idempotent=idempotent)
        self.sent: list[Outgoing] = []
        self.trouble: list[BaseException] = []
        self.late = False

    def verify(self, request: RawRequest) -> None:
        if request.headers.get("x-signature") != "good":
            raise BadSignature("the signature does not match")

    def challenge(self, request: RawRequest) -> RawResponse | None:
        return None

    def parse(self, request: RawRequest) -> Parsed:
        text = request.body.decode("utf-8", "replace")
        return Parsed(events=(said(text, self.type, external_id=f"raw-{zlib.crc32(request.body)}"),))

    def acknowledge(self, request: RawRequest, events: Sequence[InboundEvent]) -> RawResponse:
        return RawResponse()

    async def send(self, message: Outgoing) -> Receipt:
        if self.trouble and not self.late:
            raise self.trouble.pop(0)
        self.sent.append(message)
        if self.trouble:
            raise self.trouble.pop(0)
        return Receipt(external_ids=(f"out-{self.type.value}-{len(self.sent)}",))


def read_as(
    category: IntentCategory = IntentCategory.INQUIRY,
    topic: str = "delivery_fulfilment",
    *,
    confidence: float = 0.95,
    score: float = 0.1,
    wants_human: bool = False,
    source: ReadingSource = ReadingSource.MODEL,
    others: tuple[Intent, ...] = (),
    language: str = "en",
) -> Reading:
    """A reading as the model would give it."""
    return Reading(
        intent=IntentResult(
            primary_intent=Intent(category=category, confidence=confidence, subcategory=topic), secondary_intents=others
        ),
        sentiment=SentimentResult(score=score, label=sentiment_label(score), confidence=0.9),
        language=Language(code=language, confidence=0.95),
        wants_human=wants_human,
        source=source,
        model_version="fake",
    )


class ScriptedUnderstanding:
    """Reads each text as the test says; everything else as a calm question about a delivery. ``trouble`` is raised first."""

    def __init__(self) -> None:
        self.readings: dict[str, Reading] = {}
        self.usual = read_as()
        self.trouble: list[Exception] = []
        self.order: list[str] = []

    async def read(self, texts: Sequence[TextToRead]) -> list[Reading]:
        if self.trouble:
            raise self.trouble.pop(0)
        self.order.extend(text.text for text in texts)
        return [self.readings.get(text.text, self.usual) for text in texts]


class WordEmbedder:
    """Bags of words as unit vectors: enough for like to find like."""

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        return [_vector(text) for text in texts]


def _vector(text: str) -> Sequence[float]:
    vector = [0.0] * EMBEDDING_WIDTH
    for word in text.casefold().split():
        vector[zlib.crc32(word.strip("?.,!").encode()) % EMBEDDING_WIDTH] += 1.0
    length = math.sqrt(sum(x * x for x in vector)) or 1.0
    return [x / length for x in vector]


class SureWriter:
    """A language model that knows one sentence of the knowledge base by heart."""

    name = "sure"

    async def complete(self, prompt: Prompt) -> Completion:
        return Completion(
            statements=(("Standard delivery takes 2 to 4 working days.", 1),), confidence=0.95, model="sure"
        )


@dataclass(slots=True)
class RecordingPoster:
    """Webhook subscribers: ``statuses`` are answered in turn, then 200."""

    statuses: list[int | Exception] = field(default_factory=list)
    posted: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.posted.append((url, headers, body))
        status = self.statuses.pop(0) if self.statuses else 200
        if isinstance(status, Exception):
            raise status
        if status == 200:
            self.taken.append(body)
        return status

    def check(self, url: str) -> None:
        return None


def sender(
    channel: ChannelType, address: str | None = None, *, verified: bool = True, account: str = ""
) -> SenderAddress:
    return SenderAddress(
        channel=channel,
        address=address or ADDRESSES[channel],
        account=account,
        verified=verified,
        evidence=Evidence.PROVIDER if verified else Evidence.CLAIMED,
    )


def said(
    text: str,
    channel: ChannelType = ChannelType.WHATSAPP,
    *,
    address: str | None = None,
    external_id: str | None = None,
    kind: InboundKind = InboundKind.MESSAGE,
    verified: bool = True,
    name: str | None = None,
    **more: object,
) -> InboundEvent:
    """What a channel says a customer wrote."""
    event = InboundEvent(
        kind=kind,
        channel=channel,
        account=str(more.pop("account", "")),
        external_id=external_id or f"ext-{next(_numbers)}",
        senders=(sender(channel, address, verified=verified),),
        sender_name=name,
        content=MessageContent(text=text),
    )
    return replace(event, **more)  # type: ignore[arg-type]  # the fields that a test names


@dataclass(slots=True)
class World:
    """The system under test with its levers."""

    app: App
    clock: SetClock
    channels: dict[ChannelType, RecordingChannel]
    understanding: ScriptedUnderstanding
    poster: RecordingPoster

    async def write(self, story: Callable[[Work], T]) -> T:
        return await self.app.store.write(story)

    async def read(self, story: Callable[[Work], T]) -> T:
        return await self.app.store.read(story)

    async def hear(self, *events: InboundEvent) -> Taken:
        """One payload with these events arrives."""
        kind = events[0].channel
        return await receive_events(self.app, kind, Parsed(events=events), b"{}", "application/json")

    async def say(self, text: str, channel: ChannelType = ChannelType.WHATSAPP, **more: object) -> ConversationMessage:
        """A customer writes; returns the message as stored."""
        taken = await self.hear(said(text, channel, **more))  # type: ignore[arg-type]  # handed through
        message_id = taken.accepted[0].message_id
        assert message_id is not None
        return await self.message(message_id)

    async def message(self, message_id: MessageId) -> ConversationMessage:
        message = await self.read(lambda work: work.messages.get(message_id))
        assert message is not None
        return message

    async def conversation(self, conversation_id: ConversationId) -> Conversation:
        conversation = await self.read(lambda work: work.conversations.get(conversation_id))
        assert conversation is not None
        return conversation

    async def timeline(self, conversation_id: ConversationId) -> tuple[ConversationMessage, ...]:
        return await self.read(lambda work: work.messages.of_conversation(conversation_id, limit=500))

    async def customer(self, customer_id: CustomerId) -> CustomerProfile:
        profile = await self.read(lambda work: work.customers.get(work.customers.current(customer_id)))
        assert profile is not None
        return profile

    async def events(self) -> tuple[Event, ...]:
        return await self.read(lambda work: work.events.after(0, 10_000))

    async def hire(self, name: str = "Maya", **more: object) -> AgentId:
        """Somebody available starts work."""
        agent = Agent(agent_id=AgentId(f"agt_{name.casefold()}"), name=name)
        agent = replace(agent, **more)  # type: ignore[arg-type]  # the fields that a test names

        def story(work: Work) -> None:
            work.agents.save(agent)
            work.agents.set_status(agent.agent_id, AgentStatus.AVAILABLE, self.clock.now())

        await self.write(story)
        return agent.agent_id

    async def business(self) -> Business:
        return await self.app.business()

    async def configure(self, name: str, value: Mapping[str, object]) -> None:
        await configure(self.app, name, value, "test")

    async def allow_automation(self) -> None:
        """Automation may answer everything, from a small knowledge base."""
        self.app.language_model = SureWriter()
        await self.configure("automation", {"patterns": [{"name": "everything", "languages": []}]})
        await self.configure("brand", {"business_name": "Larkfield Coffee", "link_hosts": ["help.larkfield.example"]})
        await add_document(self.app, DELIVERY, "test")

    async def claim(self, *kinds: JobKind, limit: int = 32) -> tuple[Job, ...]:
        now, lease = self.clock.now(), self.app.tempo.lease
        return await self.write(lambda work: work.jobs.claim(kinds, limit, lease, now))

    async def do(self, job: Job) -> None:
        """One try, exactly as a worker does it."""
        await attempt(self.app, job, self.handlers[job.kind])

    @property
    def handlers(self) -> dict[JobKind, Callable[[App, Job], Awaitable[None]]]:
        async def tell_it(app: App, job: Job) -> None:
            await tell(app, self.poster, job)

        return {
            JobKind.UNDERSTAND: understand_one,
            JobKind.ANSWER: answer,
            JobKind.SEND: deliver,
            JobKind.MEDIA: fetch_media,
            JobKind.WEBHOOK: tell_it,
        }

    def image(self) -> bytes:
        """The database as it would lie on the disk."""
        store = self.app.store
        assert isinstance(store, InlineStore)
        return store.store._raw.serialize()

    async def drain(self) -> int:
        """Does everything that is due now, until nothing is; returns how many tries it took."""
        done = 0
        while True:
            await fan_out(self.app)
            jobs = await self.claim(*self.handlers)
            if not jobs:
                return done
            for job in jobs:
                await self.do(job)
                done += 1

    @property
    def sent(self) -> list[Outgoing]:
        return [message for channel in self.channels.values() for message in channel.sent]


DELIVERY = NewDocument(
    title="Delivery times",
    content=(
        "## How long does delivery take?\n\nStandard delivery takes 2 to 4 working days. Express delivery arrives on the "
        "next working day.\n\n## Can I change the delivery address?\n\nYou cannot change the delivery address after the "
        "parcel is dispatched.\n"
    ),
    url="https://help.larkfield.example/delivery",
)
ASKS_DELIVERY = "How long does delivery take?"


@asynccontextmanager
async def open_world(**tempo: object) -> AsyncIterator[World]:
    """A fresh world; gone afterwards."""
    clock = SetClock()
    store = InlineStore(open_sqlite(None, MASTER, clock))
    embedder, understanding = WordEmbedder(), ScriptedUnderstanding()
    channels = {kind: RecordingChannel(kind) for kind in ChannelType}
    app = App(
        store=store,
        clock=clock,
        hub=LocalHub(),
        blobs=MemoryBlobs(),
        understanding=understanding,
        embedder=embedder,
        knowledge=StoredKnowledge(store, embedder),
        channels=channels,
        tempo=Tempo(**tempo),  # type: ignore[arg-type]  # the fields that a test names
    )
    try:
        yield World(app=app, clock=clock, channels=channels, understanding=understanding, poster=RecordingPoster())
    finally:
        await store.close()


def play(story: Callable[[World], Awaitable[T]], **tempo: object) -> T:
    """Runs a story in a world of its own; for property tests."""

    async def whole() -> T:
        async with open_world(**tempo) as world:
            return await story(world)

    logging.getLogger("switchboard.worker.pool").setLevel(logging.WARNING)
    return asyncio.run(whole())
