"""The mailbox reader against a real Dovecot: waiting, moving, numbering anew, the Sent folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from switchboard.assembly.mail import mailbox_poll
from switchboard.assembly.system import System, assemble
from switchboard.channels.email.imap_poll import ImapPoller, ids_of_days, look_into, opened
from switchboard.channels.email.imap_session import ImapMailbox
from switchboard.channels.email.imap_watch import MailboxWatch, Pace
from switchboard.channels.email.samples import plain_mail
from switchboard.domain.message import Author, ChannelType, ConversationMessage
from switchboard.errors import ChannelNeedsAttention, SwitchboardError
from switchboard.flows.channel_status import reconcile
from switchboard.ports.channel_check import ListsItems
from switchboard.settings import Email, Mailbox, Settings
from tests.channels.email.dovecot import PASSWORD, Dovecot, dovecot_program, running_dovecot
from tests.channels.email.fakes import MemoryCursors
from tests.channels.email.servers import needed

HELP, SHOP = "help@shop.example", "orders@shop.example"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot(needed(dovecot_program(), "dovecot-imapd")) as server:
        yield server


def mailbox(dovecot: Dovecot, user: str, **changes: object) -> ImapMailbox:
    settings: dict[str, object] = {
        "host": "127.0.0.1", "port": dovecot.port, "security": "none", "user": user, "address": HELP,
        "password": PASSWORD,
    }  # fmt: skip
    return ImapMailbox(**(settings | changes))  # type: ignore[arg-type]  # tests name fields freely


def mail(number: int, to: str = HELP, sender: str = "ann@example.com") -> bytes:
    return plain_mail(sender, to, f"Mail {number}", f"Words {number}", message_id=f"{number}@example.com")


class Shelf:
    def __init__(self, box: ImapMailbox) -> None:
        self.stored: list[bytes] = []
        self.cursors = MemoryCursors()
        self.poller = ImapPoller(box, self.cursors, self._keep)

    async def _keep(self, raw: bytes, address: str) -> None:
        self.stored.append(raw)


async def until(true: object, seconds: float = 60) -> None:
    assert callable(true)
    for _ in range(int(seconds * 20)):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"it did not happen in {seconds} seconds")


async def nothing(_: SwitchboardError | None) -> None:
    return None


class TestReading:
    async def test_each_mail_comes_once_and_whole(self, dovecot: Dovecot) -> None:
        dovecot.put("once", mail(1))
        dovecot.put("once", mail(2))
        shelf = Shelf(mailbox(dovecot, "once"))

        first, again = await shelf.poller.poll(), await shelf.poller.poll()

        assert (first.stored, again.stored) == (2, 0)
        assert shelf.stored == [mail(1), mail(2)]
        assert dovecot.count("once", "INBOX", "UNSEEN") == 0

    async def test_mails_are_moved_when_they_are_safe(self, dovecot: Dovecot) -> None:
        dovecot.put("moving", mail(1))

        await Shelf(mailbox(dovecot, "moving", move_to="Done & gone")).poller.poll()

        assert dovecot.count("moving", '"Done &- gone"') == 1
        assert dovecot.count("moving", "INBOX") == 0

    async def test_after_new_numbering_all_comes_again_and_nothing_is_missed(self, dovecot: Dovecot) -> None:
        dovecot.put("anew", mail(1))
        shelf = Shelf(mailbox(dovecot, "anew"))
        await shelf.poller.poll()
        before = next(iter(shelf.cursors.kept.values()))

        dovecot.begin_anew("anew")
        dovecot.put("anew", mail(2))
        await shelf.poller.poll()

        assert next(iter(shelf.cursors.kept.values())).uid_validity != before.uid_validity
        assert set(shelf.stored) == {mail(1), mail(2)}

    async def test_only_mails_since_a_day_are_taken_from_a_new_mailbox(self, dovecot: Dovecot) -> None:
        dovecot.put("old", mail(1))
        tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
        shelf = Shelf(mailbox(dovecot, "old", since=tomorrow))

        first = await shelf.poller.poll()
        dovecot.put("old", mail(2))
        second = await shelf.poller.poll()

        assert (first.stored, second.stored) == (0, 1)

    async def test_a_wrong_password_and_a_missing_folder_are_named(self, dovecot: Dovecot) -> None:
        with pytest.raises(ChannelNeedsAttention):
            await look_into(mailbox(dovecot, "ann", password="wrong"))
        with pytest.raises(ChannelNeedsAttention):
            await look_into(mailbox(dovecot, "ann", folder="Elsewhere"))

    async def test_the_ids_of_a_day_are_listed(self, dovecot: Dovecot) -> None:
        dovecot.put("listed", mail(7))
        today = datetime.now(UTC).date()

        heads = await ids_of_days(mailbox(dovecot, "listed"), today - timedelta(days=1), today + timedelta(days=2))

        assert b"<7@example.com>" in heads[0]


class TestWaiting:
    async def test_a_mail_is_there_within_seconds_without_asking(self, dovecot: Dovecot) -> None:
        shelf = Shelf(mailbox(dovecot, "waiting"))
        watch = asyncio.create_task(MailboxWatch(shelf.poller, Pace(poll_s=600, idle_s=300), nothing).run())
        await asyncio.sleep(1)

        await asyncio.to_thread(dovecot.put, "waiting", mail(1))
        await until(lambda: shelf.stored)
        await asyncio.to_thread(dovecot.put, "waiting", mail(2))
        await until(lambda: len(shelf.stored) == 2)
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch

        assert shelf.stored == [mail(1), mail(2)]

    async def test_a_mail_that_comes_between_looking_and_waiting_is_not_slept_over(self, dovecot: Dovecot) -> None:
        dovecot.put("between", mail(1))
        async with opened(mailbox(dovecot, "between")) as box:
            await asyncio.to_thread(box.session.sizes_after, 0)
            dovecot.put("between", mail(2))
            silently = await asyncio.to_thread(box.session.wait, 30)
            await asyncio.to_thread(box.session.sizes_after, 0)
            dovecot.put("between", mail(3))
            await asyncio.to_thread(box.session.finish, 1)
            beside_an_answer = await asyncio.to_thread(box.session.wait, 30)
            await asyncio.to_thread(box.session.sizes_after, 0)
            nothing_new = await asyncio.to_thread(box.session.wait, 1)

        assert (silently, beside_an_answer, nothing_new) == (True, True, False)


@asynccontextmanager
async def desk(dovecot: Dovecot, folder: Path) -> AsyncIterator[System]:
    """The whole product with two mailboxes and the Sent folder of one."""
    email = Email(
        address=HELP, imap_host="127.0.0.1", imap_port=dovecot.port, imap_tls="none", imap_user="desk",
        imap_password=SecretStr(PASSWORD), imap_sent_folder="Sent",
        mailboxes={SHOP: Mailbox(imap_user="orders", imap_password=SecretStr(PASSWORD))},
    )  # fmt: skip
    system = await assemble(Settings(data_dir=folder / "data", email=email))
    watch = asyncio.create_task(mailbox_poll(system))
    try:
        yield system
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        await system.app.store.close()
        for close in system.closers:
            close()
        await system.client.aclose()


class TestTheDesk:
    async def test_mails_of_two_mailboxes_and_what_was_sent_elsewhere_come_together(
        self, dovecot: Dovecot, tmp_path: Path
    ) -> None:
        dovecot.create("desk", "Sent")
        async with desk(dovecot, tmp_path) as system:
            await asyncio.sleep(1)
            await asyncio.to_thread(dovecot.put, "desk", mail(1))
            await asyncio.to_thread(dovecot.put, "orders", mail(2, to=SHOP, sender="bob@example.com"))
            asked = await stored(system, HELP, "<1@example.com>")
            await stored(system, SHOP, "<2@example.com>")
            answer = plain_mail(
                HELP, "ann@example.com", "Re: Mail 1", "It is on its way.", message_id="3@example.com",
                in_reply_to="1@example.com",
            )  # fmt: skip
            await asyncio.to_thread(dovecot.put, "desk", answer, "Sent")
            echo = await stored(system, HELP, "<3@example.com>")

        assert (echo.author, echo.conversation_id) == (Author.OTHER_TOOL, asked.conversation_id)

    async def test_every_mailbox_is_looked_into_and_reconciled(self, dovecot: Dovecot, tmp_path: Path) -> None:
        today = datetime.now(UTC)
        async with desk(dovecot, tmp_path) as system:
            await asyncio.to_thread(dovecot.put, "desk", mail(11))
            await asyncio.to_thread(dovecot.put, "orders", mail(12, to=SHOP, sender="bob@example.com"))
            await stored(system, HELP, "<11@example.com>")
            await stored(system, SHOP, "<12@example.com>")
            probe = system.app.accounts.probes[ChannelType.EMAIL]
            assert isinstance(probe, ListsItems)

            found = (await probe.check()).findings
            items = await probe.items(today - timedelta(days=1), today + timedelta(days=2))
            held = await reconcile(system.app, ChannelType.EMAIL, today - timedelta(days=1), today + timedelta(days=2))

        assert {one.what for one in found if one.well} >= {"receiving", f"receiving {SHOP}"}
        assert {(HELP, "<11@example.com>"), (SHOP, "<12@example.com>")} <= {
            (item.account, item.external_id) for item in items
        }
        assert not {"<11@example.com>", "<12@example.com>"} & set(held.missing)


async def stored(system: System, account: str, external_id: str) -> ConversationMessage:
    """The message once it is there, at most a minute from now."""
    for _ in range(600):
        found = await system.app.store.read(
            lambda work: work.messages.find_external(ChannelType.EMAIL, account, external_id)
        )
        if found is not None:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"{external_id} did not come")
