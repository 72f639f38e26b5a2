"""Our own export comes back into an installation: the same people, conversations, words and files, each once.

Silent like every import: nothing is sent, no event is written. Events and the audit trail of the old installation stay in
the export: they tell what happened there.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.call import Call
from switchboard.domain.conversation import Conversation, ConversationStatus, Handler
from switchboard.domain.customer import CustomerProfile, Identity, Purchase
from switchboard.domain.knowledge import KnowledgeDocument
from switchboard.domain.message import Attachment, ConversationMessage, DeliveryState, FileState
from switchboard.errors import InvalidInput, SwitchboardError
from switchboard.flows.app import App
from switchboard.flows.business import DOCUMENTS
from switchboard.flows.configure import configure
from switchboard.flows.files import loader
from switchboard.flows.knowledge import add_documents
from switchboard.flows.reconcile import Reconciliation
from switchboard.ports.records import DecisionRecord, DraftRecord, QueueEntry
from switchboard.ports.store import Work

AT_ONCE = 100
T = TypeVar("T")
NOT_SENT = "it was not sent before the move"


class Export(Protocol):
    """An export as it lies there (``importing.own.OwnExport``)."""

    def records(self, kind: str) -> Iterator[tuple[str, Mapping[str, object]]]: ...

    def file(self, name: str) -> bytes | None: ...


@dataclass(slots=True)
class Restored:
    """What came back. ``stored`` and ``known`` (there already) count records by kind; ``refused`` names those that could
    not be stored; ``read`` holds a fingerprint of each customer and message for the proof."""

    stored: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    customers: dict[str, bytes] = field(default_factory=dict)
    messages: dict[str, bytes] = field(default_factory=dict)


async def restore(app: App, export: Export, step: Callable[[int], None], actor: str) -> Restored:
    """Stores everything that is not there yet, some at a time: an interrupted run goes on where it was."""
    restored = Restored()
    await _settings(app, export, restored, actor)
    await _knowledge(app, export, restored)
    belongings = _Belongings(export)
    # In this order: what comes later needs what came before.
    keepers: Mapping[str, Callable[[Work, Mapping[str, object]], bool]] = {
        "agents": _agent,
        "customers": lambda work, row: _customer(work, row, belongings, restored),
        "conversations": _conversation,
        "messages": lambda work, row: _message(work, app, row, belongings, restored),
        "notes": lambda work, row: _message(work, app, row, belongings, restored),
        "decisions": _decision,
        "drafts": _draft,
        "calls": _call,
    }
    done = 0
    for kind, keep in keepers.items():
        for batch in _batches(export.records(kind)):
            await _store(app, kind, batch, keep, restored)
            done += len(batch)
            step(done)
    return restored


Row = tuple[str, Mapping[str, object]]


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


async def _store(
    app: App,
    kind: str,
    rows: Sequence[Row],
    keep: Callable[[Work, Mapping[str, object]], bool],
    restored: Restored,
) -> None:
    """In one transaction; where that fails one by one, so that a bad record holds none of the others back."""
    try:
        stored = await app.store.write(lambda work: [keep(work, row) for _, row in rows])
    except (SwitchboardError, ValidationError) as error:
        if len(rows) == 1:
            restored.refused.append(f"{rows[0][0]}: {_plain(error)}")
            return
        for row in rows:
            await _store(app, kind, (row,), keep, restored)
        return
    restored.stored[kind] += sum(stored)
    restored.known[kind] += len(stored) - sum(stored)


def _plain(error: Exception) -> str:
    """What is wrong and with which field, without the words of anybody."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return error.detail if isinstance(error, SwitchboardError) else type(error).__name__


_ADAPTERS: dict[object, TypeAdapter[object]] = {}


def _as(kind: type[T], row: Mapping[str, object]) -> T:
    """Raises ``ValidationError`` naming the field."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    value = _ADAPTERS[kind].validate_json(orjson.dumps(row))
    assert isinstance(value, kind)
    return value


class _Belongings:
    """What lies in other lists: addresses and purchases of customers, files of messages."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.identities = _grouped(export, "identities", "customer_id")
        self.purchases = _grouped(export, "purchases", "customer_id")
        self.files = _grouped(export, "attachments", "message_id")


def _grouped(export: Export, kind: str, key: str) -> Mapping[str, list[Mapping[str, object]]]:
    found: dict[str, list[Mapping[str, object]]] = defaultdict(list)
    for _, row in export.records(kind):
        found[str(row.get(key))].append(row)
    return found


async def _settings(app: App, export: Export, restored: Restored, actor: str) -> None:
    """Settings that were not made here yet."""
    for place, row in export.records("settings"):
        name, value = row.get("name"), row.get("value")
        if not isinstance(name, str) or name not in DOCUMENTS or not isinstance(value, dict):
            restored.refused.append(f"{place}: there is no such setting")
        elif await app.store.read(lambda work, name=name: work.config.get(name)) is not None:  # type: ignore[misc]  # bound now
            restored.known["settings"] += 1
        else:
            try:
                await configure(app, name, value, actor)
                restored.stored["settings"] += 1
            except SwitchboardError as error:
                restored.refused.append(f"{place}: {error.detail}")


async def _knowledge(app: App, export: Export, restored: Restored) -> None:
    for place, row in export.records("knowledge"):
        try:
            document = _as(KnowledgeDocument, row)
        except ValidationError as error:
            restored.refused.append(f"{place}: {_plain(error)}")
            continue
        known = await app.store.read(lambda work, d=document: work.knowledge.get(d.document_id))  # type: ignore[misc]  # bound now
        if known is None:
            await add_documents(app, [document], "import")
        (restored.stored if known is None else restored.known)["knowledge"] += 1


def _agent(work: Work, row: Mapping[str, object]) -> bool:
    """Colleagues come without their accounts: they are invited anew."""
    agent = _as(Agent, row)
    if work.agents.get(agent.agent_id) is not None:
        return False
    work.agents.save(replace(agent, status=AgentStatus.OFFLINE, current_workload=0, user_id=None))
    return True


def _customer(work: Work, row: Mapping[str, object], belongings: _Belongings, restored: Restored) -> bool:
    bare = _as(CustomerProfile, row)
    key = str(bare.customer_id)
    profile = replace(
        bare,
        identities=tuple(_as(Identity, one) for one in belongings.identities.get(key, ())),
        purchase_history=tuple(_as(Purchase, one) for one in belongings.purchases.get(key, ())),
    )
    restored.customers[key] = _of_customer(profile)
    if work.customers.standing(bare.customer_id) is not None:
        return False
    work.customers.add(profile)
    return True


def _conversation(work: Work, row: Mapping[str, object]) -> bool:
    """Whoever waits for us waits in the queue; nobody is assigned, nobody is told."""
    conversation = _as(Conversation, row)
    if work.conversations.get(conversation.conversation_id) is not None:
        return False
    ours = conversation.state.status is ConversationStatus.ACTIVE
    state = replace(conversation.state, handler=Handler.QUEUE if ours else Handler.NOBODY, assigned_agent_id=None)
    queued_at = conversation.queued_at or conversation.needs_reply_since or conversation.last_activity_at
    work.conversations.add(replace(conversation, state=state, queued_at=queued_at if ours else None))
    if ours:
        work.queue.put(
            QueueEntry(
                conversation_id=conversation.conversation_id,
                customer_id=conversation.customer_id,
                priority=state.priority,
                urgency_score=state.urgency_score,
                queued_at=queued_at,
                required_skills=frozenset(conversation.required_skills),
                language=conversation.language or "en",
                topic=conversation.topic,
            )
        )
    return True


def _message(work: Work, app: App, row: Mapping[str, object], belongings: _Belongings, restored: Restored) -> bool:
    message = _as(ConversationMessage, row)
    key = str(message.message_id)
    files = {str(one.get("place")): one for one in belongings.files.get(key, ())}
    found = [
        _with_file(attachment, files.get(str(place), {}), belongings.export)
        for place, attachment in enumerate(message.content.attachments)
    ]
    attachments = tuple(attachment for attachment, _ in found)
    message = replace(message, content=replace(message.content, attachments=attachments))
    if message.delivery is DeliveryState.PENDING:
        message = replace(message, delivery=DeliveryState.CANCELLED, delivery_error=NOT_SENT)
    shas = [hashlib.sha256(data).hexdigest() if data is not None else None for _, data in found]
    restored.messages[key] = _of_message(message, shas)
    if work.messages.get(message.message_id) is not None:
        return False
    for attachment, data in found:
        if attachment.blob_id is not None and data is not None:
            app.blobs.put(attachment.blob_id, work.seal_blob(message.customer_id, attachment.blob_id, data))
    work.messages.add(message)
    return True


def _with_file(attachment: Attachment, told: Mapping[str, object], export: Export) -> tuple[Attachment, bytes | None]:
    """The attachment as it will be, and its bytes. Raises ``InvalidInput`` for bytes that are not what they were."""
    if attachment.blob_id is None:
        return attachment, None
    name = told.get("file")
    data = export.file(name) if isinstance(name, str) else None
    if data is None:
        gone = replace(attachment, blob_id=None, state=FileState.FAILED, reason="it was not in the export")
        return gone, None
    if hashlib.sha256(data).hexdigest() != told.get("sha256"):
        raise InvalidInput("a file is not what it was when it was exported", field="sha256")
    return attachment, data


def _decision(work: Work, row: Mapping[str, object]) -> bool:
    record = _as(DecisionRecord, row)
    if work.decisions.get(record.decision_id) is not None:
        return False
    work.decisions.add(record)
    return True


def _draft(work: Work, row: Mapping[str, object]) -> bool:
    record = _as(DraftRecord, row)
    if record.sent_as is not None and work.drafts.sent_as(record.sent_as) is not None:
        return False
    work.drafts.add(record)
    return True


def _call(work: Work, row: Mapping[str, object]) -> bool:
    call = _as(Call, row)
    if work.calls.get(call.call_id) is not None:
        return False
    work.calls.save(replace(call, version=0))
    return True


async def reconcile_restored(app: App, restored: Restored) -> Reconciliation:
    """Asks the store anew for every customer and message of the export, and opens every file."""
    proof = _Proof()
    for key, print_ in sorted(restored.customers.items()):
        profile = await app.store.read(lambda work, key=key: _try(lambda: work.customers.get(key)))  # type: ignore[misc]  # bound now
        proof.add(key, print_, None if profile is None else _of_customer(profile))
    for key, print_ in sorted(restored.messages.items()):
        message = await app.store.read(lambda work, key=key: _try(lambda: work.messages.get(key)))  # type: ignore[misc]  # bound now
        shas = [] if message is None else await _shas(app, message, proof)
        proof.add(key, print_, None if message is None else _of_message(message, shas))
    return proof.told()


def _try(read: Callable[[], T | None]) -> T | None:
    try:
        return read()
    except SwitchboardError:
        return None


async def _shas(app: App, message: ConversationMessage, proof: _Proof) -> list[str | None]:
    found: list[str | None] = []
    for attachment in message.content.attachments:
        if attachment.blob_id is None:
            found.append(None)
            continue
        proof.files += 1
        try:
            data = await loader(app.store, app.blobs)(message.customer_id, attachment.blob_id)
            found.append(hashlib.sha256(data).hexdigest())
        except SwitchboardError:
            proof.broken.append(f"{message.message_id}: {attachment.name or 'a file'}")
            found.append("damaged")
    return found


class _Proof:
    """Counts and hashes of both sides."""

    def __init__(self) -> None:
        self.sides = hashlib.sha256(), hashlib.sha256()
        self.read = self.held = self.files = 0
        self.missing: list[str] = []
        self.changed: list[str] = []
        self.broken: list[str] = []

    def add(self, key: str, read: bytes, held: bytes | None) -> None:
        self.read += 1
        self.sides[0].update(read)
        if held is None:
            self.missing.append(key)
            return
        self.held += 1
        self.sides[1].update(held)
        if held != read:
            self.changed.append(key)

    def told(self) -> Reconciliation:
        return Reconciliation(
            read=self.read,
            held=self.held,
            read_hash=self.sides[0].hexdigest(),
            held_hash=self.sides[1].hexdigest(),
            missing=tuple(self.missing),
            changed=tuple(self.changed),
            files=self.files,
            broken=tuple(self.broken),
        )


def _of_customer(profile: CustomerProfile) -> bytes:
    identities = sorted((one.channel.value, one.account, one.address) for one in profile.identities)
    purchases = sorted((one.purchase_id, str(one.amount), one.currency) for one in profile.purchase_history)
    return _digest(profile.customer_id, profile.name, profile.email, profile.phone, identities, purchases)


def _of_message(message: ConversationMessage, shas: Sequence[str | None]) -> bytes:
    content = message.content
    files = [(attachment.name, sha) for attachment, sha in zip(content.attachments, shas, strict=True)]
    return _digest(
        message.message_id,
        message.conversation_id,
        message.customer_id,
        message.channel.value,
        message.direction.value,
        message.author.value,
        message.kind.value,
        message.timestamp,
        message.sent_at,
        message.sequence,
        content.text,
        content.subject,
        files,
    )


def _digest(*parts: object) -> bytes:
    return hashlib.sha256(orjson.dumps(parts)).digest()
