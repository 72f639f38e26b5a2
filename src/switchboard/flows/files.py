"""Files of ours: handed in for a reply, opened again for sending and for people who look."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from switchboard.domain.ids import ConversationId, MessageId, new_id
from switchboard.domain.message import Attachment, FileState
from switchboard.errors import Erased, InvalidInput, NotFound, TooLarge
from switchboard.flows.app import App
from switchboard.flows.aside import put_aside, throw_away
from switchboard.flows.sweep import clear_files
from switchboard.ports.blobs import Blobs
from switchboard.ports.channel import LoadFile
from switchboard.ports.records import UploadRecord
from switchboard.ports.store import Store, Work
from switchboard.trust.files import judge_file

MOST_FILES = 10
KEEP_UNSENT = timedelta(hours=24)
AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFile:
    """A stored file of a message, opened."""

    attachment: Attachment
    data: bytes = field(repr=False)


def loader(store: Store, blobs: Blobs) -> LoadFile:
    """Opens stored files for the channels that send them."""

    async def load(customer_id: str, blob_id: str) -> bytes:
        sealed = await asyncio.to_thread(blobs.get, blob_id)
        return await store.read(lambda work: work.open_blob(customer_id, blob_id, sealed))  # type: ignore[arg-type]  # ids travel as plain text in Outgoing

    return load


async def hand_in(
    app: App, conversation_id: ConversationId, data: bytes, name: str | None, content_type: str | None
) -> Attachment:
    """Keeps a file for a reply of this conversation; ``blob_id`` names it there. Unsent it is gone after a day.

    Raises ``NotFound``, ``TooLarge`` and ``InvalidInput`` (a program, or nothing)."""
    if len(data) > app.tempo.largest_file:
        most = app.tempo.largest_file
        raise TooLarge("the file is too large", field="file", limit=f"{most // 1024} KB", fix="make it smaller")
    refusal = judge_file(data, name, content_type)
    if refusal is not None:
        raise InvalidInput(refusal, field="file", fix="choose another file")
    attachment = Attachment(
        kind=kind_of(content_type),
        name=(name or "")[-200:] or None,
        content_type=content_type,
        size=len(data),
        blob_id=new_id("blb"),
        state=FileState.STORED,
    )

    if await app.store.read(lambda work: work.conversations.get(conversation_id)) is None:
        raise NotFound("there is no such conversation")
    file = await put_aside(app, attachment.blob_id or "", data)

    def keep(work: Work) -> None:
        conversation = work.conversations.get(conversation_id)
        if conversation is None:
            raise NotFound("there is no such conversation")
        record = UploadRecord(
            upload_id=file.blob_id,
            conversation_id=conversation_id,
            customer_id=conversation.customer_id,
            at=app.clock.now(),
            attachment=attachment,
        )
        work.uploads.add(record)
        work.files.lock(file, conversation.customer_id)

    try:
        await app.store.write(keep)
    except (NotFound, Erased):
        await throw_away(app, (file.blob_id,))
        raise
    return attachment


def kind_of(content_type: str | None) -> str:
    family = (content_type or "").partition("/")[0]
    return family if family in ("image", "video", "audio") else "file"


def taken_up(work: Work, conversation_id: ConversationId, upload_ids: Sequence[str]) -> tuple[Attachment, ...]:
    """The files that a reply names, each once. Raises ``InvalidInput`` for one that is gone, sent or of elsewhere."""
    if len(upload_ids) > MOST_FILES:
        raise InvalidInput("too many files", field="attachments", limit=f"at most {MOST_FILES}", fix="send two replies")
    found = [work.uploads.take(upload_id, conversation_id) for upload_id in dict.fromkeys(upload_ids)]
    if None in found:
        raise InvalidInput("a file is no longer there", field="attachments", fix="attach it again")
    return tuple(record.attachment for record in found if record is not None)


async def open_file(app: App, message_id: MessageId, place: int) -> OpenFile:
    """The bytes behind one attachment of a message. Raises ``NotFound``, ``Erased`` or ``Tampered``."""
    message = await app.store.read(lambda work: work.messages.get(message_id))
    attachments = message.content.attachments if message is not None else ()
    if message is None or not 0 <= place < len(attachments) or attachments[place].blob_id is None:
        raise NotFound("there is no such file")
    attachment = attachments[place]
    data = await loader(app.store, app.blobs)(message.customer_id, attachment.blob_id or "")
    return OpenFile(attachment=attachment, data=data)


async def clear_unsent(app: App) -> int:
    """Files that were handed in and never sent; returns how many."""
    before = app.clock.now() - KEEP_UNSENT
    gone = await app.store.write(lambda work: work.uploads.purge(before, AT_ONCE))
    await clear_files(app)
    return len(gone)
