"""The files of imported messages: fetched a few at a time, sealed, and where one cannot be had, the message says why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from switchboard.domain.ids import MessageId, new_id
from switchboard.domain.message import FILES, Attachment, ConversationMessage, FileState
from switchboard.errors import ChannelNeedsAttention, Erased, Rejected, SwitchboardError
from switchboard.flows.app import App
from switchboard.flows.aside import put_aside, throw_away
from switchboard.ports.channel import FetchedFile
from switchboard.ports.records import LockedFile
from switchboard.ports.store import Work
from switchboard.trust.files import judge_file

TRIES = 3
AT_ONCE = 6
"""Messages whose files are fetched side by side."""


class Files(Protocol):
    """Gives out files of another system. Raises ``NotFound``, ``TooLarge``, ``InvalidInput``,
    ``ChannelNeedsAttention`` (the token is refused) and ``Unavailable``."""

    async def get(self, attachment: Attachment, most: int) -> FetchedFile: ...


@dataclass(slots=True)
class FilesBrought:
    """``stored`` now, ``there`` from an earlier run; ``missing`` names each that was not to be had, with the reason."""

    stored: int = 0
    there: int = 0
    size: int = 0
    missing: list[str] = field(default_factory=list)
    stopped: str = ""
    """Why the rest was not tried: the desk refuses the token."""


async def bring_files(
    app: App, message_ids: Sequence[MessageId], files: Files, step: Callable[[int], None]
) -> FilesBrought:
    """Fetches what these messages still lack; ``step`` hears how many messages are done. Each file is kept at once, so
    an interrupted run goes on where it was."""
    brought = FilesBrought()
    done = 0
    while done < len(message_ids) and not brought.stopped:
        some = message_ids[done : done + (AT_ONCE if done else 1)]  # the first alone: is the token accepted?
        await asyncio.gather(*(_bring_those_of(app, message_id, files, brought) for message_id in some))
        done += len(some)
        step(done)
    return brought


async def _bring_those_of(app: App, message_id: MessageId, files: Files, brought: FilesBrought) -> None:
    message = await app.store.read(lambda work: work.messages.get(message_id))
    for place, attachment in enumerate(message.content.attachments if message is not None else ()):
        if message is not None and not brought.stopped:
            await _bring_one(app, message, place, attachment, files, brought)


async def _bring_one(
    app: App, message: ConversationMessage, place: int, attachment: Attachment, files: Files, brought: FilesBrought
) -> None:
    if attachment.blob_id is not None:
        brought.there += 1
        return
    if attachment.kind not in FILES:
        return
    try:
        found, data = await _fetched(app, attachment, files)
    except ChannelNeedsAttention as error:
        brought.stopped = error.detail
        return
    try:
        kept = await _keep(app, message, place, found, data)
    except Erased:
        return
    if kept and found.blob_id is not None:
        brought.stored += 1
        brought.size += len(data)
    elif found.blob_id is None:
        brought.missing.append(f"{message.external_id}: {attachment.name or 'a file'}: {found.reason}")


async def _fetched(app: App, attachment: Attachment, files: Files) -> tuple[Attachment, bytes]:
    """The attachment as it will be, and its bytes. Raises ``ChannelNeedsAttention``."""
    try:
        file = await _get(app, attachment, files)
    except Rejected as refused:
        return replace(attachment, state=FileState.REFUSED, reason=_plain(refused)), b""
    except ChannelNeedsAttention:
        raise
    except SwitchboardError as error:
        return replace(attachment, state=FileState.FAILED, reason=error.detail), b""
    refusal = judge_file(file.data, attachment.name or file.name, file.content_type)
    if refusal is not None:
        return replace(attachment, state=FileState.REFUSED, reason=refusal), b""
    kept = replace(
        attachment,
        content_type=attachment.content_type or file.content_type,
        size=len(file.data),
        blob_id=new_id("blb"),
        state=FileState.STORED,
        reason=None,
    )
    return kept, file.data


async def _get(app: App, attachment: Attachment, files: Files) -> FetchedFile:
    """A desk that asks us to wait is asked again; for longer than a minute we do not wait."""
    for tried in range(1, TRIES + 1):
        try:
            return await files.get(attachment, app.tempo.largest_file)
        except SwitchboardError as error:
            wait = getattr(error, "retry_after", None)
            if tried == TRIES or not error.retryable:
                raise
            await asyncio.sleep(min(float(wait or tried), 60.0))
    raise AssertionError("every try returns or raises")


async def _keep(app: App, message: ConversationMessage, place: int, found: Attachment, data: bytes) -> bool:
    """Sealed and on disk before the message says so. Raises ``Erased``."""
    file = await put_aside(app, found.blob_id, data) if found.blob_id is not None else None
    kept = await app.store.write(lambda work: _set(work, message.message_id, place, found, file))
    if not kept and file is not None:
        await throw_away(app, (file.blob_id,))
    return kept


def _set(work: Work, message_id: MessageId, place: int, found: Attachment, file: LockedFile | None) -> bool:
    message = work.messages.get(message_id)
    attachments = list(message.content.attachments) if message is not None else []
    if message is None or place >= len(attachments) or attachments[place].blob_id is not None:
        return False
    attachments[place] = found
    work.messages.set_attachments(message_id, attachments)
    if file is not None:
        work.files.lock(file, message.customer_id)
    return True


def _plain(refused: Rejected) -> str:
    return f"{refused.detail} (limit: {refused.limit})" if refused.limit else refused.detail
