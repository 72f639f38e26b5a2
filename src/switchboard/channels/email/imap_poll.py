"""Fetches new mails from a mailbox over IMAP and remembers how far it came, so that none is missed or lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from switchboard.channels.email.imap_session import ImapMailbox as ImapMailbox
from switchboard.channels.email.imap_session import LoginRefused, Session
from switchboard.errors import TooLarge

Store = Callable[[bytes, str], Awaitable[None]]
"""Makes one raw mail of the named mailbox durable."""

TooBig = Callable[[bytes, int], Awaitable[None]]
"""Notes a mail that is over the limit: its head and its size in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a folder was read. UIDs below ``last_uid`` (included) are done, as long as ``uid_validity`` stays."""

    uid_validity: int
    last_uid: int


class CursorStore(Protocol):
    """Remembers the cursor of each folder over restarts. ``key`` names mailbox and folder."""

    async def load(self, key: str) -> Cursor | None: ...

    async def save(self, key: str, cursor: Cursor) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round did. ``too_large`` mails stay in the mailbox and are counted for the operator. ``more``: the round
    was full, and others wait."""

    stored: int = 0
    too_large: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMailbox:
    """A connection with its folder opened."""

    session: Session
    validity: int


class ImapPoller:
    """Reads one folder. A mail counts as read only after ``store`` returned; after a change of UIDVALIDITY the folder
    is read anew, and duplicates are recognised by their Message-ID."""

    def __init__(self, mailbox: ImapMailbox, cursors: CursorStore, store: Store, too_big: TooBig | None = None) -> None:
        self.mailbox = mailbox
        self._cursors = cursors
        self._store = store
        self._too_big = too_big

    async def poll(self) -> Round:
        """One round on a connection of its own. Raises ``Unavailable`` (try later) or ``ChannelNeedsAttention``."""
        async with opened(self.mailbox) as box:
            return await self.round(box)

    async def round(self, box: OpenMailbox) -> Round:
        """Takes in what is new, at most ``per_round`` mails. Raises what ``poll`` raises."""
        cursor = await self._cursor(box)
        waiting = await asyncio.to_thread(box.session.sizes_after, cursor.last_uid)
        stored = too_large = 0
        for uid, size in waiting[: self.mailbox.per_round]:
            if await self._take(box.session, uid, size):
                stored += 1
            else:
                too_large += 1
            await self._cursors.save(self.mailbox.key, Cursor(uid_validity=box.validity, last_uid=uid))
        return Round(stored=stored, too_large=too_large, more=len(waiting) > self.mailbox.per_round)

    async def _cursor(self, box: OpenMailbox) -> Cursor:
        cursor = await self._cursors.load(self.mailbox.key)
        if cursor is not None and cursor.uid_validity == box.validity:
            return cursor
        since = self.mailbox.since
        first = await asyncio.to_thread(box.session.uid_before, since) if since is not None else 0
        cursor = Cursor(uid_validity=box.validity, last_uid=first)
        await self._cursors.save(self.mailbox.key, cursor)  # where it begins is decided once
        return cursor

    async def _take(self, session: Session, uid: int, size: int) -> bool:
        """Whether the mail was stored (or is gone); False for one that is too large."""
        if size > self.mailbox.max_size:
            head = await asyncio.to_thread(session.fetch, uid, head=True)
            if self._too_big is not None and head is not None:
                await self._too_big(head, size)
            return False
        raw = await asyncio.to_thread(session.fetch, uid)
        if raw is None:
            return True
        kept = True
        try:
            await self._store(raw, self.mailbox.address)
        except TooLarge:
            kept = False
        if not self.mailbox.read_only:
            await asyncio.to_thread(session.finish, uid)
        return kept


@asynccontextmanager
async def opened(mailbox: ImapMailbox) -> AsyncIterator[OpenMailbox]:
    """A connection, logged in and closed again. A token that the server refuses is renewed once."""
    session, validity = await _logged_in(mailbox)
    try:
        yield OpenMailbox(session=session, validity=validity)
    finally:
        session.end_wait()
        await asyncio.shield(asyncio.to_thread(session.close))


async def _logged_in(mailbox: ImapMailbox) -> tuple[Session, int]:
    token = await mailbox.access.token() if mailbox.access is not None else None
    try:
        return await _open(mailbox, token)
    except LoginRefused:
        if mailbox.access is None or token is None:
            raise
        return await _open(mailbox, await mailbox.access.token(token))


async def _open(mailbox: ImapMailbox, token: str | None) -> tuple[Session, int]:
    session = Session(mailbox, token)
    try:
        return session, await asyncio.to_thread(session.open)
    except BaseException:
        await asyncio.to_thread(session.close)
        raise


def _untouched(mailbox: ImapMailbox) -> ImapMailbox:
    return replace(mailbox, mark_seen=False, flag=False, move_to="")


async def look_into(mailbox: ImapMailbox) -> int:
    """Logs in, opens the folder read-only and tells its UIDVALIDITY. Raises what ``ImapPoller.poll`` raises."""
    async with opened(_untouched(mailbox)) as box:
        return box.validity


async def ids_of_days(mailbox: ImapMailbox, start: date, end: date) -> list[bytes]:
    """The Message-ID header of each mail in the folder that arrived on these days (``end`` is not among them)."""
    async with opened(_untouched(mailbox)) as box:
        return await asyncio.to_thread(box.session.ids_between, start, end)
