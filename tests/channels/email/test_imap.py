"""Fetching mails from a mailbox, against a small IMAP server of our own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import date

import pytest

from switchboard.channels.email.imap_poll import Cursor, ImapPoller
from switchboard.channels.email.imap_session import ImapMailbox, quoted
from switchboard.channels.email.imap_watch import MailboxWatch, Pace
from switchboard.channels.email.samples import plain_mail
from switchboard.errors import ChannelNeedsAttention, SwitchboardError, Unavailable
from tests.channels.email.fakes import MemoryCursors
from tests.channels.email.imap_server import ImapServer


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
        self.refused: list[tuple[bytes, int]] = []
        self.poller = ImapPoller(self.mailbox, self.cursors, self._store, self._too_big)

    async def _too_big(self, head: bytes, size: int) -> None:
        self.refused.append((head, size))

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
        assert (first.more, second.more) == (True, False)
        assert 1 not in server.seen
        assert b"Subject: Mail 1" in desk.refused[0][0]

    async def test_trouble_is_named(self, server: ImapServer) -> None:
        with pytest.raises(ChannelNeedsAttention):
            await Desk(server, password="wrong").poller.poll()
        with pytest.raises(ChannelNeedsAttention):
            await Desk(server, folder="Elsewhere").poller.poll()
        with pytest.raises(Unavailable):
            await Desk(server, port=1).poller.poll()


class Access:
    """Tokens in turn; the next one is given when one was refused."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)

    async def token(self, refused: str = "") -> str:
        if refused == self.tokens[0]:
            self.tokens.pop(0)
        return self.tokens[0]


class TestAfterReading:
    async def test_a_mail_may_be_flagged_and_moved(self, server: ImapServer) -> None:
        server.mails = {1: mail(1)}

        await Desk(server, flag=True, move_to="Done").poller.poll()

        assert (server.seen, server.flagged, server.moved) == ({1}, {1}, {"Done": [1]})

    async def test_a_server_that_cannot_move_copies(self, server: ImapServer) -> None:
        server.mails, server.abilities = {1: mail(1)}, "IMAP4rev1"

        await Desk(server, move_to="Done").poller.poll()

        assert server.moved == {"Done": [1]}

    async def test_a_mailbox_may_be_left_as_it_is(self, server: ImapServer) -> None:
        server.mails = {1: mail(1)}

        done = await Desk(server, mark_seen=False).poller.poll()

        assert (done.stored, server.seen) == (1, set())

    async def test_a_mail_that_was_not_stored_is_not_moved(self, server: ImapServer) -> None:
        server.mails = {1: mail(1)}
        desk = Desk(server, move_to="Done")
        desk.trouble = Unavailable("store down")

        with pytest.raises(Unavailable):
            await desk.poller.poll()

        assert (server.seen, server.moved) == (set(), {})

    def test_folders_in_other_letters_are_named_as_imap_wants(self) -> None:
        assert quoted("Entwürfe & mehr") == '"Entw&APw-rfe &- mehr"'


class TestTheFirstTime:
    async def test_old_mails_of_a_new_mailbox_are_left_alone(self, server: ImapServer) -> None:
        server.mails, server.recent = {3: mail(3), 8: mail(8), 9: mail(9)}, {8, 9}

        done = await Desk(server, since=date(2026, 3, 1)).poller.poll()

        assert done.stored == 2

    async def test_a_mailbox_with_only_old_mails_brings_what_comes_next(self, server: ImapServer) -> None:
        server.mails, server.recent = {3: mail(3)}, set()
        desk = Desk(server, since=date(2026, 3, 1))

        first = await desk.poller.poll()
        server.mails[4] = mail(4)
        second = await desk.poller.poll()

        assert (first.stored, second.stored) == (0, 1)

    async def test_a_mail_that_arrives_while_the_beginning_is_looked_for_is_not_taken_for_an_old_one(
        self, server: ImapServer
    ) -> None:
        server.mails, server.recent = {3: mail(3)}, set()
        server.between_searches = {4: mail(4)}

        done = await Desk(server, since=date(2026, 3, 1)).poller.poll()

        assert done.stored == 1


class TestTokens:
    async def test_a_token_opens_the_mailbox(self, server: ImapServer) -> None:
        server.mails = {1: mail(1)}

        assert (await Desk(server, access=Access("good-token")).poller.poll()).stored == 1

    async def test_a_refused_token_is_renewed_once(self, server: ImapServer) -> None:
        await Desk(server, access=Access("old-token", "good-token")).poller.poll()

        assert server.logins == 2

    async def test_access_that_was_taken_away_is_told(self, server: ImapServer) -> None:
        with pytest.raises(ChannelNeedsAttention):
            await Desk(server, access=Access("old-token", "older-token")).poller.poll()


class Watching:
    """A watched mailbox: what it told of trouble, and its pauses."""

    def __init__(self, desk: Desk, **pace: object) -> None:
        self.heard: list[SwitchboardError | None] = []
        self.pauses: list[float] = []
        settings: dict[str, object] = {"poll_s": 0.05, "idle_s": 20.0, "first_s": 2.0}
        watch = MailboxWatch(desk.poller, Pace(**(settings | pace)), self._hear, self._sleep)  # type: ignore[arg-type]  # tests name fields freely
        self.task = asyncio.create_task(watch.run())

    async def _hear(self, error: SwitchboardError | None) -> None:
        self.heard.append(error)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0.01)

    async def end(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


async def until(true: object) -> None:
    assert callable(true)
    for _ in range(2_000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen in 20 seconds")


class TestWatching:
    async def test_a_mail_comes_as_soon_as_the_server_tells(self, server: ImapServer) -> None:
        desk = Desk(server)
        watching = Watching(desk)
        await until(lambda: server.waiting)

        server.put(1, mail(1))
        await until(lambda: desk.stored)
        await watching.end()

        assert watching.pauses == []
        assert watching.heard == [None]

    async def test_a_server_that_cannot_tell_is_asked_again(self, server: ImapServer) -> None:
        server.abilities = "IMAP4rev1"
        desk = Desk(server)
        watching = Watching(desk)
        await until(lambda: watching.pauses)

        server.put(1, mail(1))
        await until(lambda: desk.stored)
        await watching.end()

        assert set(watching.pauses) == {0.05}

    async def test_a_lost_connection_is_made_again_and_nothing_comes_twice(self, server: ImapServer) -> None:
        server.mails = {1: mail(1)}
        desk = Desk(server)
        watching = Watching(desk)
        await until(lambda: server.waiting)

        server.hang_up()
        await until(lambda: len(watching.heard) >= 3)
        server.put(2, mail(2))
        await until(lambda: len(desk.stored) == 2)
        await watching.end()

        assert desk.stored == [mail(1), mail(2)]
        assert isinstance(watching.heard[1], Unavailable)
        assert watching.heard[2] is None

    async def test_a_server_that_stays_away_is_called_ever_more_slowly(self, server: ImapServer) -> None:
        watching = Watching(Desk(server, port=1))

        await until(lambda: len(watching.pauses) >= 9)
        await watching.end()

        assert watching.pauses[:9] == [2, 4, 8, 16, 32, 64, 128, 256, 300]
