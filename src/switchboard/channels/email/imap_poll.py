"""Fetches new mails from a mailbox over IMAP and remembers how far it came, so that none is missed or lost."""

from __future__ import annotations

import asyncio
import imaplib
import re
import ssl
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from switchboard.errors import ChannelNeedsAttention, TooLarge, Unavailable

Store = Callable[[bytes, str], Awaitable[None]]
"""Makes one raw mail of the named mailbox durable."""


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
class ImapMailbox:
    """A mailbox to read. ``password`` or, for Gmail and Outlook, ``access_token`` (XOAUTH2). ``security``: "tls",
    "starttls" or "none". ``per_round`` mails are fetched at most per poll, ``max_size`` bytes each."""

    host: str
    user: str
    address: str
    port: int = 993
    security: str = "tls"
    password: str | None = field(default=None, repr=False)
    access_token: Callable[[], str] | None = field(default=None, repr=False)
    folder: str = "INBOX"
    timeout: float = 30.0
    per_round: int = 50
    max_size: int = 25 * 1024 * 1024
    mark_seen: bool = True

    @property
    def key(self) -> str:
        return f"{self.user}@{self.host}/{self.folder}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one poll did. ``too_large`` mails stay in the mailbox and are counted for the operator."""

    stored: int = 0
    too_large: int = 0


class ImapPoller:
    """Polls one mailbox. A mail counts as read only after ``store`` returned; after a change of UIDVALIDITY the folder
    is read from the beginning, and duplicates are recognised by their Message-ID."""

    def __init__(self, mailbox: ImapMailbox, cursors: CursorStore, store: Store) -> None:
        self._mailbox = mailbox
        self._cursors = cursors
        self._store = store

    async def poll(self) -> Round:
        """One round. Raises ``Unavailable`` (try later) or ``ChannelNeedsAttention`` (login, folder)."""
        session = _Session(self._mailbox)
        try:
            return await self._round(session)
        finally:
            await asyncio.to_thread(session.close)

    async def _round(self, session: _Session) -> Round:
        validity = await asyncio.to_thread(session.open)
        cursor = await self._cursors.load(self._mailbox.key)
        if cursor is None or cursor.uid_validity != validity:
            cursor = Cursor(uid_validity=validity, last_uid=0)
        stored = too_large = 0
        for uid, size in (await asyncio.to_thread(session.sizes_after, cursor.last_uid))[: self._mailbox.per_round]:
            if size > self._mailbox.max_size:
                too_large += 1
            elif (raw := await asyncio.to_thread(session.fetch, uid)) is not None:
                try:
                    await self._store(raw, self._mailbox.address)
                    stored += 1
                except TooLarge:
                    too_large += 1
                if self._mailbox.mark_seen:
                    await asyncio.to_thread(session.mark_seen, uid)
            cursor = Cursor(uid_validity=validity, last_uid=uid)
            await self._cursors.save(self._mailbox.key, cursor)
        return Round(stored=stored, too_large=too_large)


_UID = re.compile(rb"UID (\d{1,10})")
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")


class _Session:
    """One IMAP connection; every method blocks and runs in a thread."""

    def __init__(self, mailbox: ImapMailbox) -> None:
        self._mailbox = mailbox
        self._imap: imaplib.IMAP4 | None = None

    def open(self) -> int:
        """Logs in, selects the folder and returns its UIDVALIDITY."""
        mailbox = self._mailbox
        try:
            self._imap = self._connected()
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unavailable("The mailbox server cannot be reached.", retry_after=60) from error
        try:
            self._log_in(self._imap)
        except imaplib.IMAP4.abort as error:
            raise Unavailable("The mailbox server closed the connection.", retry_after=60) from error
        except imaplib.IMAP4.error as error:
            raise ChannelNeedsAttention("The mailbox refuses our login.") from error
        answer, _ = self._guarded("select", _quoted(mailbox.folder), readonly=not mailbox.mark_seen)
        if answer != "OK":
            raise ChannelNeedsAttention("The mailbox folder does not exist.")
        _, validity = self._imap.response("UIDVALIDITY")
        return int(validity[0]) if validity and isinstance(validity[0], bytes) else 0

    def _connected(self) -> imaplib.IMAP4:
        mailbox = self._mailbox
        if mailbox.security == "tls":
            context = ssl.create_default_context()
            return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=mailbox.timeout)
        imap = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=mailbox.timeout)
        if mailbox.security == "starttls":
            imap.starttls(ssl.create_default_context())
        return imap

    def _log_in(self, imap: imaplib.IMAP4) -> None:
        mailbox = self._mailbox
        if mailbox.access_token is not None:
            proof = f"user={mailbox.user}\x01auth=Bearer {mailbox.access_token()}\x01\x01".encode()
            imap.authenticate("XOAUTH2", lambda _challenge: proof)
        else:
            imap.login(mailbox.user, mailbox.password or "")

    def _guarded(self, command: str, *arguments: str, **options: bool) -> tuple[str, list[object]]:
        if self._imap is None:
            raise Unavailable("The mailbox is not open.")
        try:
            answer, data = getattr(self._imap, command)(*arguments, **options)
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unavailable("The mailbox server broke off.", retry_after=60) from error
        return str(answer), list(data)

    def sizes_after(self, last_uid: int) -> list[tuple[int, int]]:
        """(UID, bytes) of the mails behind ``last_uid``, oldest first. Servers answer ``n:*`` with the last mail even
        if its UID is below n, so that is filtered here."""
        answer, data = self._guarded("uid", "FETCH", f"{last_uid + 1}:*", "(UID RFC822.SIZE)")
        if answer != "OK":
            raise Unavailable("The mailbox server did not list the mails.")
        found = {uid: size for uid, size in _uid_sizes(data) if uid > last_uid}
        return sorted(found.items())

    def fetch(self, uid: int) -> bytes | None:
        """The raw mail, its flags untouched; None if it is gone meanwhile."""
        answer, data = self._guarded("uid", "FETCH", str(uid), "(BODY.PEEK[])")
        if answer != "OK":
            raise Unavailable("The mailbox server did not hand out a mail.")
        return next((item[1] for item in data if isinstance(item, tuple) and isinstance(item[1], bytes)), None)

    def mark_seen(self, uid: int) -> None:
        self._guarded("uid", "STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")

    def close(self) -> None:
        if self._imap is not None:
            try:
                self._imap.logout()
            except (OSError, imaplib.IMAP4.error):
                self._imap.shutdown()
            self._imap = None


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _uid_sizes(data: list[object]) -> Iterator[tuple[int, int]]:
    for item in data:
        line = item[0] if isinstance(item, tuple) else item
        if isinstance(line, bytes) and (uid := _UID.search(line)) and (size := _SIZE.search(line)):
            yield int(uid[1]), int(size[1])
