"""Fetching mails from a mailbox, against a small IMAP server of our own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from switchboard.channels.email.imap_poll import Cursor, ImapMailbox, ImapPoller
from switchboard.channels.email.samples import plain_mail
from switchboard.errors import ChannelNeedsAttention, Unavailable
from tests.channels.email.fakes import MemoryCursors


class ImapServer:
    """One folder with numbered mails. Speaks just enough IMAP to be polled."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.validity = 7
        self.seen: set[int] = set()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._sessions: list[asyncio.Event] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        for ended in self._sessions:
            await asyncio.wait_for(ended.wait(), 5)
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._sessions.append(ended := asyncio.Event())
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, command = line.decode().strip().split(" ", 1)
            writer.write(self._answer(command) + f"{tag} {self._verdict(command)}\r\n".encode())
            if command == "LOGOUT":
                break
        writer.close()
        ended.set()

    def _verdict(self, command: str) -> str:
        if command.startswith("LOGIN") and "right" not in command:
            return "NO [AUTHENTICATIONFAILED] no"
        return "NO no such folder" if command.startswith("SELECT") and "INBOX" not in command else "OK done"

    def _answer(self, command: str) -> bytes:
        if command == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n"
        if command.startswith("SELECT"):
            return f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] fine\r\n".encode()
        if listing := re.match(r"UID FETCH (\d+):\* ", command):
            return b"".join(self._size(uid) for uid in self._from(int(listing[1])))
        if fetched := re.match(r"UID FETCH (\d+) \(BODY.PEEK", command):
            raw = self.mails[int(fetched[1])]
            return f"* 1 FETCH (UID {fetched[1]} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"
        if marked := re.match(r"UID STORE (\d+) ", command):
            self.seen.add(int(marked[1]))
        return b"* BYE\r\n" if command == "LOGOUT" else b""

    def _from(self, first: int) -> list[int]:
        """The last mail is listed even if its UID is below ``first``, as real servers do."""
        return [uid for uid in self.mails if uid >= first] or list(self.mails)[-1:]

    def _size(self, uid: int) -> bytes:
        return f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(self.mails[uid])})\r\n".encode()


@pytest.fixture
async def server() -> AsyncIterator[ImapServer]:
    server = ImapServer()
    await server.start()
    yield server
    await server.stop()


class Desk:
    """A poller with what it stored; ``trouble`` makes storing fail."""

    def __init__(self, server: ImapServer, **changes: object) -> None:
        settings: dict[str, object] = {
            "host": "127.0.0.1", "port": server.port, "security": "none", "user": "help", "password": "right",
            "address": "help@shop.example",
        }  # fmt: skip
        self.mailbox = ImapMailbox(**(settings | changes))  # type: ignore[arg-type]  # tests name fields freely
        self.cursors = MemoryCursors()
        self.stored: list[bytes] = []
        self.trouble: Exception | None = None
        self.poller = ImapPoller(self.mailbox, self.cursors, self._store)

    async def _store(self, raw: bytes, address: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.stored.append(raw)


def mail(number: int, words: str = "hello") -> bytes:
    return plain_mail(
        "ann@example.com", "help@shop.example", f"Mail {number}", words, message_id=f"{number}@example.com"
    )


class TestPolling:
    async def test_each_mail_is_fetched_once(self, server: ImapServer) -> None:
        server.mails = {3: mail(3), 9: mail(9)}
        desk = Desk(server)

        first = await desk.poller.poll()
        again = await desk.poller.poll()
        server.mails[10] = mail(10)
        later = await desk.poller.poll()

        assert (first.stored, again.stored, later.stored) == (2, 0, 1)
        assert desk.stored == [mail(3), mail(9), mail(10)]
        assert server.seen == {3, 9, 10}

    async def test_a_mail_that_could_not_be_stored_comes_again(self, server: ImapServer) -> None:
        server.mails = {1: mail(1), 2: mail(2)}
        desk = Desk(server)
        desk.trouble = Unavailable("store down")

        with pytest.raises(Unavailable):
            await desk.poller.poll()
        desk.trouble = None
        done = await desk.poller.poll()

        assert done.stored == 2
        assert server.seen == {1, 2}

    async def test_new_numbering_starts_over(self, server: ImapServer) -> None:
        server.mails = {1: mail(1)}
        desk = Desk(server)
        desk.cursors.kept[desk.mailbox.key] = Cursor(uid_validity=1, last_uid=500)

        done = await desk.poller.poll()

        assert done.stored == 1
        assert desk.cursors.kept[desk.mailbox.key] == Cursor(uid_validity=7, last_uid=1)

    async def test_a_round_has_a_limit_and_big_mails_stay_behind(self, server: ImapServer) -> None:
        server.mails = {1: mail(1, "x" * 5_000), 2: mail(2), 3: mail(3)}
        desk = Desk(server, per_round=2, max_size=2_000)

        first, second = await desk.poller.poll(), await desk.poller.poll()

        assert (first.too_large, first.stored, second.stored) == (1, 1, 1)
        assert 1 not in server.seen

    async def test_trouble_is_named(self, server: ImapServer) -> None:
        with pytest.raises(ChannelNeedsAttention):
            await Desk(server, password="wrong").poller.poll()
        with pytest.raises(ChannelNeedsAttention):
            await Desk(server, folder="Elsewhere").poller.poll()
        with pytest.raises(Unavailable):
            await Desk(server, port=1).poller.poll()
