"""Our mails through a real Exim: taken with TLS and login, refused, put off, returned; read again over a real Dovecot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr

from switchboard.assembly.mail import mailbox_poll
from switchboard.assembly.system import System, assemble
from switchboard.channels.email.outgoing import Relay, greet, send_mail
from switchboard.channels.email.samples import plain_mail
from switchboard.domain.message import Attachment, Author, ChannelType, ConversationMessage, DeliveryState
from switchboard.errors import ChannelNeedsAttention, Unavailable, Undeliverable
from switchboard.flows.agent_actions import reply
from switchboard.flows.deliver import deliver
from switchboard.ports.channel import Outgoing
from switchboard.ports.records import JobKind
from switchboard.settings import Email, Settings
from tests.channels.email.dovecot import PASSWORD as MAILBOX_PASSWORD
from tests.channels.email.dovecot import Dovecot, dovecot_program, running_dovecot
from tests.channels.email.exim import GONE, LATER, NOBODY, PASSWORD, USER, Exim, exim_program, running_exim
from tests.channels.email.servers import needed

HELP = "help@shop.example"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot(needed(dovecot_program(), "dovecot-imapd")) as server:
        yield server


@pytest.fixture(scope="module")
def exim(dovecot: Dovecot) -> Iterator[Exim]:
    with running_exim(needed(exim_program(), "exim4-daemon-light"), dovecot.base / "homes") as server:
        yield server


@pytest.fixture(autouse=True)
async def known_certificate(exim: Exim, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(exim.certificate))
    yield
    await asyncio.sleep(0.1)  # the server's part of ending a TLS connection


def relay(exim: Exim, **changes: object) -> Relay:
    settings: dict[str, object] = {"host": "127.0.0.1", "port": exim.port, "user": USER, "password": PASSWORD}
    return Relay(**(settings | changes))  # type: ignore[arg-type]  # tests name fields freely


def outgoing(to: str, **changes: object) -> Outgoing:
    fields: dict[str, object] = {
        "key": f"msg_to_{to}", "channel": ChannelType.EMAIL, "account": HELP, "to": f"{to}@example.com",
        "text": "Grüße, it is on its way.", "subject": "Re: Parcel",
    }  # fmt: skip
    return Outgoing(**(fields | changes))  # type: ignore[arg-type]  # tests name fields freely


async def arrived(dovecot: Dovecot, user: str, words: str) -> EmailMessage:
    """The mail with these words in somebody's mailbox, at most a minute from now."""

    def newest() -> list[EmailMessage]:
        client = dovecot.log_in(user)
        client.select("INBOX", readonly=True)
        numbers = client.search(None, "ALL")[1][0].split()
        raws = [client.fetch(number.decode(), "(BODY.PEEK[])")[1][0] for number in numbers]
        client.logout()
        return [message_from_bytes(raw[1], policy=policy.default) for raw in raws if isinstance(raw, tuple)]

    for _ in range(300):
        for mail in await asyncio.to_thread(newest):
            body = mail.get_body(("plain",))
            if body is not None and words in body.get_content():
                return mail
        await asyncio.sleep(0.2)
    raise AssertionError(f"no mail with {words!r} came")


class TestTheRelay:
    async def test_takes_a_mail_over_tls_with_login_and_it_arrives_whole(self, exim: Exim, dovecot: Dovecot) -> None:
        receipt = await send_mail(outgoing("ann"), relay(exim), datetime.now(UTC))

        mail = await arrived(dovecot, "ann", "Grüße, it is on its way.")
        assert mail["Message-ID"] == receipt.external_ids[0]
        assert (mail["From"], mail["Subject"], mail["Return-Path"]) == (HELP, "Re: Parcel", f"<{HELP}>")
        assert "TLS1." in exim.log()

    async def test_refuses_a_wrong_password(self, exim: Exim) -> None:
        with pytest.raises(ChannelNeedsAttention):
            await greet(relay(exim, password="wrong"))

    async def test_wants_us_to_log_in(self, exim: Exim) -> None:
        with pytest.raises(ChannelNeedsAttention):
            await send_mail(outgoing("ann"), relay(exim, user=None, password=None), datetime.now(UTC))

    async def test_that_nobody_vouches_for_gets_no_mail(self, exim: Exim, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")

        with pytest.raises(Unavailable):
            await greet(relay(exim))

    async def test_refuses_an_unknown_recipient_with_the_reason(self, exim: Exim) -> None:
        with pytest.raises(Undeliverable, match="there is no such address"):
            await send_mail(outgoing(NOBODY), relay(exim), datetime.now(UTC))

    async def test_puts_a_recipient_off(self, exim: Exim) -> None:
        with pytest.raises(Unavailable, match="try later"):
            await send_mail(outgoing(LATER), relay(exim), datetime.now(UTC))

    async def test_refuses_what_it_read(self, exim: Exim) -> None:
        with pytest.raises(Undeliverable, match="does not want it"):
            await send_mail(outgoing("ann", subject="SPAM"), relay(exim), datetime.now(UTC))

    async def test_says_beforehand_how_big_a_mail_may_be(self, exim: Exim) -> None:
        film = Attachment(kind="video", name="film.mp4", content_type="video/mp4", blob_id="b1")

        async def load(customer_id: str, blob_id: str) -> bytes:
            return b"x" * 3_000_000

        with pytest.raises(Undeliverable, match="the relay carries 2"):
            await send_mail(outgoing("ann", attachments=(film,)), relay(exim), datetime.now(UTC), load_blob=load)


@asynccontextmanager
async def desk(dovecot: Dovecot, exim: Exim, folder: Path) -> AsyncIterator[System]:
    """The whole product: mails come out of Dovecot and leave through Exim."""
    email = Email(
        address=HELP, imap_host="127.0.0.1", imap_port=dovecot.port, imap_tls="none", imap_user="help",
        imap_password=SecretStr(MAILBOX_PASSWORD), smtp_host="127.0.0.1", smtp_port=exim.port, smtp_user=USER,
        smtp_password=SecretStr(PASSWORD),
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


async def asked(system: System, dovecot: Dovecot, name: str, cc: str = "") -> ConversationMessage:
    """A customer's question, come in through the mailbox."""
    number = f"{name}-{id(system)}@example.com"
    raw = plain_mail(f"{name}@example.com", HELP, "Parcel", f"Where is it? {name}", message_id=number, cc=cc)
    await asyncio.to_thread(dovecot.put, "help", raw)
    for _ in range(600):
        found = await system.app.store.read(
            lambda work: work.messages.find_external(ChannelType.EMAIL, HELP, f"<{number}>")
        )
        if found is not None:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("the question did not come")


async def answered(system: System, question: ConversationMessage, text: str) -> ConversationMessage:
    """An agent's reply, handed to the relay."""
    sent = await reply(system.app, question.conversation_id, text, agent_id=None, actor="maya")
    system.app.hub.publish("outbox")
    now = datetime.now(UTC) + system.app.tempo.undo
    jobs = await system.app.store.write(lambda work: work.jobs.claim((JobKind.SEND,), 9, system.app.tempo.lease, now))
    for job in jobs:
        await deliver(system.app, job)
    return await now_of(system, sent)


async def now_of(system: System, message: ConversationMessage) -> ConversationMessage:
    found = await system.app.store.read(lambda work: work.messages.get(message.message_id))
    assert found is not None
    return found


class TestTheDesk:
    async def test_an_answer_arrives_and_the_customers_next_mail_finds_back(
        self, exim: Exim, dovecot: Dovecot, tmp_path: Path
    ) -> None:
        async with desk(dovecot, exim, tmp_path) as system:
            question = await asked(system, dovecot, "bob")
            sent = await answered(system, question, "It left on Monday.")
            mail = await arrived(dovecot, "bob", "It left on Monday.")
            thanks = plain_mail(
                "bob@example.com", HELP, "Re: Parcel", "Thanks a lot", message_id=f"t{id(system)}@example.com",
                in_reply_to=str(mail["Message-ID"]),
            )  # fmt: skip
            await asyncio.to_thread(dovecot.put, "help", thanks)
            await said_in(system, question, "Thanks a lot")

        assert sent.delivery is DeliveryState.SENT
        assert mail["In-Reply-To"] == question.external_id

    async def test_a_refused_recipient_shows_on_the_message(self, exim: Exim, dovecot: Dovecot, tmp_path: Path) -> None:
        async with desk(dovecot, exim, tmp_path) as system:
            sent = await answered(system, await asked(system, dovecot, NOBODY), "To nobody")

        assert sent.delivery is DeliveryState.FAILED
        assert "there is no such address" in (sent.delivery_error or "")

    async def test_a_recipient_who_was_put_off_is_tried_again(
        self, exim: Exim, dovecot: Dovecot, tmp_path: Path
    ) -> None:
        async with desk(dovecot, exim, tmp_path) as system:
            sent = await answered(system, await asked(system, dovecot, LATER), "To later")
            waiting = await system.app.store.read(lambda work: work.jobs.backlog(JobKind.SEND))

        assert sent.delivery is DeliveryState.PENDING
        assert waiting.waiting == 1

    async def test_a_mail_that_comes_back_fails_the_message(self, exim: Exim, dovecot: Dovecot, tmp_path: Path) -> None:
        async with desk(dovecot, exim, tmp_path) as system:
            sent = await answered(system, await asked(system, dovecot, GONE), "To one who left")
            assert sent.delivery is DeliveryState.SENT
            for _ in range(600):
                sent = await now_of(system, sent)
                if sent.delivery is DeliveryState.FAILED:
                    break
                await asyncio.sleep(0.1)

        assert sent.delivery is DeliveryState.FAILED


class TestPeopleOnCopy:
    async def test_get_the_answer_and_their_own_comes_into_the_conversation(
        self, exim: Exim, dovecot: Dovecot, tmp_path: Path
    ) -> None:
        async with desk(dovecot, exim, tmp_path) as system:
            question = await asked(system, dovecot, "ann", cc="bob@example.com")
            sent = await answered(system, question, "It left on Tuesday.")
            ann, bob = [await arrived(dovecot, name, "It left on Tuesday.") for name in ("ann", "bob")]
            thanks = plain_mail(
                "Bob <bob@example.com>", str(bob["Reply-To"]), "Re: Parcel", "Thanks from Bob", cc="ann@example.com",
                message_id=f"b{id(system)}@example.com", in_reply_to=str(bob["Message-ID"]),
            )  # fmt: skip
            await asyncio.to_thread(dovecot.put, "help", thanks)
            theirs = await said_in(system, question, "Thanks from Bob")

        assert (sent.delivery, sent.delivery_error) == (DeliveryState.SENT, None)
        assert (ann["To"], ann["Cc"]) == (bob["To"], bob["Cc"]) == ("ann@example.com", "bob@example.com")
        assert theirs.metadata["participant"] == "bob@example.com"

    async def test_who_cannot_be_reached_is_told_and_the_customer_has_it(
        self, exim: Exim, dovecot: Dovecot, tmp_path: Path
    ) -> None:
        async with desk(dovecot, exim, tmp_path) as system:
            copies = ", ".join(f"{name}@example.com" for name in (NOBODY, LATER, GONE))
            sent = await answered(system, await asked(system, dovecot, "ann", cc=copies), "All but one")
            await arrived(dovecot, "ann", "All but one")
            for _ in range(600):
                sent = await now_of(system, sent)
                if GONE in (sent.delivery_error or ""):
                    break
                await asyncio.sleep(0.1)

        assert sent.delivery is DeliveryState.SENT
        assert f"{NOBODY}@example.com (there is no such address)" in (sent.delivery_error or "")
        assert f"{LATER}@example.com (the relay refuses the address for now" in (sent.delivery_error or "")
        assert f"{GONE}@example.com (" in (sent.delivery_error or "")


async def said_in(system: System, question: ConversationMessage, words: str) -> ConversationMessage:
    """The customer's message with these words in the same conversation, at most a minute from now."""
    for _ in range(600):
        newest = await system.app.store.read(lambda work: work.messages.newest(question.conversation_id, 20))
        for message in newest:
            if message.author is Author.CUSTOMER and words in message.content.text:
                return message
        await asyncio.sleep(0.1)
    raise AssertionError(f"{words!r} did not come into the conversation")
