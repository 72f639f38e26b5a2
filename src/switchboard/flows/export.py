"""Everything that is stored about one customer, or about all: read piece by piece and handed to whoever writes it down."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import PurePath
from typing import Protocol

from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.domain.message import Author, ConversationMessage, MessageKind
from switchboard.errors import SwitchboardError
from switchboard.flows.app import App
from switchboard.flows.business import DOCUMENTS
from switchboard.flows.customers import customer_named
from switchboard.flows.files import loader
from switchboard.ports.records import AuditEntry, Page
from switchboard.ports.store import Work

AT_ONCE = 100
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}")
Lines = list[tuple[str, Mapping[str, object]]]


class Sink(Protocol):
    """Takes an export. ``kind`` names the list that a record belongs to; ``about`` is for the manifest."""

    def line(self, kind: str, record: Mapping[str, object]) -> None: ...

    def file(self, name: str, data: bytes) -> None: ...

    def finish(self, about: Mapping[str, object]) -> None: ...


async def export_customer(app: App, customer_id: CustomerId, sink: Sink, actor: str) -> None:
    """All of one customer. Raises ``NotFound``. It is recorded who took it."""
    profile = await app.store.read(lambda work: customer_named(work, customer_id))
    await _note(app, actor, profile.customer_id)
    await _customer(app, profile.customer_id, sink, with_events=True)
    sink.finish(_about(app, profile.customer_id))


async def export_all(app: App, sink: Sink, actor: str, step: Callable[[int], None]) -> int:
    """All customers, then colleagues, knowledge, settings, events and the audit trail; returns how many customers.
    ``step`` hears how many are done."""
    await _note(app, actor, None)
    done, cursor = 0, None
    while True:
        page = Page(limit=AT_ONCE, cursor=cursor)
        rows = await app.store.read(lambda work, page=page: work.customers.page(page))  # type: ignore[misc]  # bound now
        for profile in rows.items:
            await _customer(app, profile.customer_id, sink, with_events=False)
            done += 1
            step(done)
        cursor = rows.next_cursor
        if cursor is None:
            break
    _hand_over(sink, await app.store.read(_office_lines))
    await _events(app, sink)
    await _audit(app, sink)
    sink.finish(_about(app, None))
    return done


def _about(app: App, customer_id: CustomerId | None) -> Mapping[str, object]:
    return {"made_at": app.clock.now(), "business": app.brand_name(), "customer_id": customer_id or "all"}


async def _note(app: App, actor: str, customer_id: CustomerId | None) -> None:
    entry = AuditEntry(
        at=app.clock.now(),
        actor=actor,
        action="customer_exported" if customer_id else "everything_exported",
        target=customer_id or "all",
    )
    await app.store.write(lambda work: work.audit.append(entry))


async def _customer(app: App, customer_id: CustomerId, sink: Sink, *, with_events: bool) -> None:
    lines, conversations = await app.store.read(lambda work: _profile_lines(work, customer_id))
    _hand_over(sink, lines)
    for conversation_id in conversations:
        about = await app.store.read(lambda work, key=conversation_id: _conversation_lines(work, key, with_events))  # type: ignore[misc]  # bound now
        _hand_over(sink, about)
        await _messages(app, conversation_id, sink)


def _profile_lines(work: Work, customer_id: CustomerId) -> tuple[Lines, Sequence[ConversationId]]:
    profile = work.customers.get(customer_id)
    if profile is None:
        return [], ()
    lines: Lines = [("customers", _fields(replace(profile, identities=(), purchase_history=())))]
    owner = {"customer_id": customer_id}
    lines += [("identities", {**owner, **_fields(one)}) for one in profile.identities]
    lines += [("purchases", {**owner, **_fields(one)}) for one in profile.purchase_history]
    lines += [("merges", _fields(one)) for one in work.customers.merges(customer_id)]
    conversations = work.conversations.of_customer(customer_id)
    lines += [("conversations", _fields(one)) for one in conversations]
    return lines, [one.conversation_id for one in conversations]


def _conversation_lines(work: Work, conversation_id: ConversationId, with_events: bool) -> Lines:
    lines: Lines = [("decisions", _fields(one)) for one in work.decisions.of_conversation(conversation_id)]
    lines += [("calls", _fields(one)) for one in work.calls.of_conversation(conversation_id)]
    for offer in work.advice.offered(conversation_id):
        told = {"conversation_id": conversation_id, **_fields(offer), "outcome": work.advice.outcome(offer.action_id)}
        lines.append(("recommendations", told))
    if with_events:
        lines += [("events", _fields(one)) for one in work.events.of_conversation(conversation_id)]
    return lines


async def _messages(app: App, conversation_id: ConversationId, sink: Sink) -> None:
    after = 0
    while True:
        lines, messages = await app.store.read(lambda work, after=after: _message_lines(work, conversation_id, after))  # type: ignore[misc]  # bound now
        _hand_over(sink, lines)
        for message in messages:
            await _attachments(app, message, sink)
        if len(messages) < AT_ONCE:
            return
        after = messages[-1].sequence


def _message_lines(
    work: Work, conversation_id: ConversationId, after: int
) -> tuple[Lines, Sequence[ConversationMessage]]:
    messages = work.messages.of_conversation(conversation_id, after=after, limit=AT_ONCE)
    lines: Lines = []
    for message in messages:
        lines.append(("notes" if message.kind is MessageKind.NOTE else "messages", _fields(_without_numbers(message))))
        for until, content in work.messages.versions(message.message_id):
            lines.append(("versions", {"message_id": message.message_id, "until": until, "content": content}))
        if message.author is Author.AUTOMATION and (draft := work.drafts.sent_as(message.message_id)) is not None:
            lines.append(("drafts", _fields(draft)))
    return lines, messages


def _without_numbers(message: ConversationMessage) -> ConversationMessage:
    """The model's 384 numbers of a text say nothing to anybody else."""
    return message if message.reading is None else replace(message, reading=replace(message.reading, embedding=()))


async def _attachments(app: App, message: ConversationMessage, sink: Sink) -> None:
    for place, attachment in enumerate(message.content.attachments):
        record = {"message_id": message.message_id, "place": place, **_fields(attachment)}
        if attachment.blob_id is not None:
            try:
                data = await loader(app.store, app.blobs)(message.customer_id, attachment.blob_id)
            except SwitchboardError as error:
                record["not_exported"] = error.detail
            else:
                ending = PurePath(attachment.name or "").suffix
                name = f"attachments/{attachment.blob_id}{ending if _ENDING.fullmatch(ending) else ''}"
                await asyncio.to_thread(sink.file, name, data)
                record |= {"file": name, "sha256": hashlib.sha256(data).hexdigest()}
        sink.line("attachments", record)


def _office_lines(work: Work) -> Lines:
    """What belongs to no customer: colleagues (without their accounts), the knowledge base and the business's settings.
    Access data is in no export."""
    lines: Lines = [("agents", _fields(replace(agent, user_id=None))) for agent in work.agents.all()]
    documents = {document.document_id: document for document, _ in work.knowledge.passages()}
    lines += [("knowledge", _fields(document)) for document in documents.values()]
    settings = ((name, work.config.get(name)) for name in sorted(DOCUMENTS))
    lines += [("settings", {"name": name, "value": known[0]}) for name, known in settings if known is not None]
    return lines


async def _events(app: App, sink: Sink) -> None:
    last = 0
    while events := await app.store.read(lambda work, last=last: work.events.after(last)):  # type: ignore[misc]  # bound now
        _hand_over(sink, [("events", _fields(event)) for event in events])
        last = events[-1].sequence


async def _audit(app: App, sink: Sink) -> None:
    cursor = None
    while True:
        page = Page(limit=AT_ONCE, cursor=cursor)
        rows = await app.store.read(lambda work, page=page: work.audit.page(page))  # type: ignore[misc]  # bound now
        _hand_over(sink, [("audit", _fields(entry)) for entry in rows.items])
        cursor = rows.next_cursor
        if cursor is None:
            return


def _hand_over(sink: Sink, lines: Lines) -> None:
    for kind, record in lines:
        sink.line(kind, record)


def _fields(record: object) -> dict[str, object]:
    """The members of one of our records; what they hold stays as it is."""
    return {field.name: getattr(record, field.name) for field in fields(record)}  # type: ignore[arg-type]  # all records are dataclasses
