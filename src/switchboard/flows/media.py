"""Files that customers sent: fetched from the provider, looked at, and kept under the customer's key."""

from __future__ import annotations

from dataclasses import replace

from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import MessageId, new_id
from switchboard.domain.message import Attachment, ConversationMessage, FileState
from switchboard.errors import Conflict, Erased, Rejected, SwitchboardError, Unavailable
from switchboard.flows.app import App
from switchboard.flows.aside import put_aside, throw_away
from switchboard.ports.channel import Discards, FetchedFile, FetchesMedia
from switchboard.ports.records import Job, LockedFile
from switchboard.ports.store import Work
from switchboard.trust.files import judge_file

WANTED = (FileState.WAITING, FileState.FAILED)
COULD_NOT = "the provider did not give it out; ask the customer to send it again, or replay the dead letter"


async def fetch_media(app: App, job: Job) -> None:
    """Fetches every file of a message that is still wanted. What is refused for good says why; what may come later
    raises ``Unavailable`` or ``ChannelNeedsAttention``, so that the job is tried again and at last lies in the dead
    letters."""
    message = await app.store.read(lambda work: work.messages.get(MessageId(job.message_id or "")))
    trouble: SwitchboardError | None = None
    for place, attachment in enumerate(message.content.attachments if message is not None else ()):
        if message is None or attachment.state not in WANTED:
            continue
        try:
            kept = await _fetched(app, message, attachment)
        except Rejected as refused:
            kept = replace(attachment, state=FileState.REFUSED, reason=_plain(refused)), b""
        except SwitchboardError as error:
            trouble = error
            continue
        await _keep(app, message, place, *kept)
    trouble = trouble or await _let_go(app, job)
    if trouble is not None:
        raise trouble

    def finish(work: Work) -> None:
        if not work.jobs.finish(job):
            raise Conflict("another worker fetched these files")

    await app.store.write(finish)


async def _let_go(app: App, job: Job) -> SwitchboardError | None:
    """The provider's copies of what is safely stored are deleted where that is wanted; again and again until it works."""
    message = await app.store.read(lambda work: work.messages.get(MessageId(job.message_id or "")))
    if message is None:
        return None
    channel: object = app.channels.get(message.channel)
    if not isinstance(channel, Discards):
        return None
    try:
        for attachment in message.content.attachments:
            if attachment.state is FileState.STORED:
                await channel.discard(message.account, attachment)
    except SwitchboardError as error:
        return error
    return None


async def _fetched(app: App, message: ConversationMessage, attachment: Attachment) -> tuple[Attachment, bytes]:
    """The attachment as it will be, and its bytes."""
    channel = app.channels.get(message.channel)
    if channel is None or not isinstance(channel, FetchesMedia):
        raise Unavailable("the channel of this file is not set up")
    file = await channel.fetch(message.account, attachment, app.tempo.largest_file)
    refusal = judge_file(file.data, attachment.name or file.name, file.content_type)
    if refusal is not None:
        return replace(attachment, size=len(file.data), state=FileState.REFUSED, reason=refusal), b""
    return _described(attachment, file), file.data


def _described(attachment: Attachment, file: FetchedFile) -> Attachment:
    return replace(
        attachment,
        name=attachment.name or file.name,
        content_type=attachment.content_type or file.content_type,
        size=len(file.data),
        blob_id=new_id("blb"),
        state=FileState.STORED,
        reason=None,
    )


async def _keep(app: App, message: ConversationMessage, place: int, found: Attachment, data: bytes) -> None:
    """Sealed and on disk before the message says that it is stored. Who was erased meanwhile keeps nothing."""
    file = await put_aside(app, found.blob_id, data) if found.blob_id is not None else None
    try:
        wanted = await app.store.write(lambda work: _set(work, app, message.message_id, place, found, file))
    except Erased:
        wanted = False
    if not wanted and file is not None:
        await throw_away(app, (file.blob_id,))
    app.hub.publish("events")


def _set(work: Work, app: App, message_id: MessageId, place: int, found: Attachment, file: LockedFile | None) -> bool:
    """Changes one attachment of a message; False if nobody wants it any more (withdrawn, fetched by a rival)."""
    message = work.messages.get(message_id)
    attachments = list(message.content.attachments) if message is not None else []
    if message is None or place >= len(attachments) or attachments[place].state not in WANTED:
        return False
    attachments[place] = found
    work.messages.set_attachments(message_id, attachments)
    if file is not None:
        work.files.lock(file, message.customer_id)
    work.events.append(_changed(message, app))
    return True


def give_up(work: Work, app: App, message_id: MessageId) -> None:
    """After the last try: the agent reads that the files could not be had."""
    message = work.messages.get(message_id)
    if message is None:
        return
    failed = [
        replace(a, state=FileState.FAILED, reason=COULD_NOT) if a.state is FileState.WAITING else a
        for a in message.content.attachments
    ]
    work.messages.set_attachments(message_id, failed)
    work.events.append(_changed(message, app))


def _changed(message: ConversationMessage, app: App) -> Event:
    return Event(
        type=EventType.DELIVERY_UPDATED,
        at=app.clock.now(),
        conversation_id=message.conversation_id,
        customer_id=message.customer_id,
        message_id=message.message_id,
        dimensions={"channel": message.channel.value, "change": "file"},
    )


def _plain(refused: Rejected) -> str:
    return f"{refused.detail} (limit: {refused.limit})" if refused.limit else refused.detail
