"""Mails over the wire: what the listener accepts, what the relay is given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default

import aiosmtplib
import pytest

from switchboard.channels.email.channel import EmailChannel, raw_request_of
from switchboard.channels.email.message import MailRules
from switchboard.channels.email.outgoing import Letterhead, Relay, build_mail, message_id_for
from switchboard.channels.email.samples import TRUSTED_SERVER, plain_mail
from switchboard.channels.email.smtp_listener import ListenerOptions, MailEnvelope, MailListener
from switchboard.channels.email.threading import make_thread_token
from switchboard.domain.customer import Evidence
from switchboard.domain.ids import new_conversation_id
from switchboard.domain.message import Attachment, ChannelType
from switchboard.errors import ChannelNeedsAttention, DeliveryUnknown, TooLarge, Unavailable, Undeliverable
from switchboard.ports.channel import Outgoing
from tests.channels.email.fakes import NOON, FixedClock

HELP = "help@shop.example"
SECRET = b"a secret of at least 32 bytes....."
RULES = MailRules(
    own_addresses=(HELP,),
    own_domains=("shop.example",),
    trusted_authserv_ids=(TRUSTED_SERVER,),
    thread_secret=SECRET,
)


class Inbox:
    """Keeps what was delivered; ``trouble`` is raised instead if set."""

    def __init__(self) -> None:
        self.mails: list[tuple[bytes, MailEnvelope]] = []
        self.trouble: Exception | None = None

    async def __call__(self, raw: bytes, envelope: MailEnvelope) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.mails.append((raw, envelope))


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def listener(inbox: Inbox) -> AsyncIterator[MailListener]:
    listener = MailListener(ListenerOptions(port=0, recipients=(HELP,), max_size=200_000), inbox)
    await listener.start()
    yield listener
    await listener.stop()


async def submit(listener: MailListener, raw: bytes, to: str = HELP, sender: str = "anna@example.com") -> None:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=listener.port, start_tls=False)
    async with client:
        await client.sendmail(sender, [to], raw)


def answer(**changes: object) -> Outgoing:
    fields: dict[str, object] = {
        "key": "out-1",
        "channel": ChannelType.EMAIL,
        "account": HELP,
        "to": "anna@example.com",
        "text": "Hello Anna,\n\nyour <parcel> left today.",
        "subject": "Re: Parcel",
    }
    return Outgoing(**(fields | changes))  # type: ignore[arg-type]  # tests name fields freely


class TestListener:
    async def test_a_mail_is_accepted_after_it_is_stored(self, listener: MailListener, inbox: Inbox) -> None:
        raw = plain_mail("Anna <anna@example.com>", HELP, "Parcel", "Where is it?", message_id="m1@example.com")

        await submit(listener, raw)

        stored, envelope = inbox.mails[0]
        assert b"Where is it?" in stored
        assert stored.startswith(b"Return-Path: <anna@example.com>\r\n")
        assert envelope == MailEnvelope(sender="anna@example.com", recipients=(HELP,))

    async def test_a_plus_address_is_ours_and_others_are_refused(self, listener: MailListener, inbox: Inbox) -> None:
        raw = plain_mail("anna@example.com", HELP, "x", "y", message_id="m2@example.com")

        await submit(listener, raw, to="help+abc@shop.example")
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
            await submit(listener, raw, to="somebody@elsewhere.example")

        assert len(inbox.mails) == 1

    @pytest.mark.parametrize(
        ("trouble", "code"), [(Unavailable("store down"), 451), (RuntimeError("bug"), 451), (TooLarge("big"), 552)]
    )
    async def test_what_could_not_be_stored_stays_with_the_sender(
        self, listener: MailListener, inbox: Inbox, trouble: Exception, code: int
    ) -> None:
        inbox.trouble = trouble

        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await submit(listener, plain_mail("a@example.com", HELP, "x", "y", message_id="m@example.com"))

        assert refused.value.code == code

    async def test_a_mail_over_the_size_limit_is_refused(self, listener: MailListener, inbox: Inbox) -> None:
        with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
            await submit(listener, plain_mail("a@example.com", HELP, "x", "y " * 200_000, message_id="m@example.com"))

        assert refused.value.code == 552
        assert inbox.mails == []

    async def test_lmtp_answers_for_every_recipient(self, inbox: Inbox) -> None:
        listener = MailListener(ListenerOptions(port=0, lmtp=True, domains=("shop.example",)), inbox)
        await listener.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        await reader.readline()
        lines = [
            "LHLO relay",
            "MAIL FROM:<a@example.com>",
            "RCPT TO:<x@shop.example>",
            "RCPT TO:<y@shop.example>",
            "DATA",
        ]
        for line in lines:
            writer.write(line.encode() + b"\r\n")
            while (await reader.readline())[3:4] == b"-":
                pass
        writer.write(b"Subject: hi\r\n\r\nhello\r\n.\r\n")

        answers = [await reader.readline(), await reader.readline()]
        writer.close()
        await writer.wait_closed()
        await listener.stop()

        assert [line[:3] for line in answers] == [b"250", b"250"]
        assert len(inbox.mails) == 1


class TestConversationOverMail:
    @pytest.mark.parametrize("signed", [True, False])
    async def test_the_answer_to_our_answer_finds_its_conversation(
        self, listener: MailListener, inbox: Inbox, signed: bool
    ) -> None:
        conversation = new_conversation_id()
        token = make_thread_token(SECRET, conversation) if signed else conversation
        relay = Relay(host="127.0.0.1", port=listener.port, security="none")
        channel = EmailChannel(RULES, FixedClock(), relay=relay)

        receipt = await channel.send(answer(to=HELP, thread_token=token, in_reply_to="<m1@example.com>"))

        ours = message_from_bytes(inbox.mails[0][0], policy=default)
        assert receipt.external_ids == (ours["Message-ID"],)
        back = plain_mail("anna@example.com", ours["Reply-To"], "Re: Parcel", "Thanks!", message_id="m2@example.com")
        event = channel.parse(raw_request_of(back, [ours["Reply-To"]], NOON)).events[0]
        assert event.thread_keys[0] == f"conversation:{conversation}"
        assert event.metadata["thread_token_conversation"] == conversation
        assert event.account == HELP
        by_id = plain_mail(
            "anna@example.com",
            HELP,
            "Re: Parcel",
            "Thanks!",
            message_id="m3@example.com",
            in_reply_to=ours["Message-ID"],
        )
        event = channel.parse(raw_request_of(by_id, [HELP], NOON)).events[0]
        assert event.thread_keys == (f"conversation:{conversation}", ours["Message-ID"])

    def test_a_foreign_token_is_not_believed(self) -> None:
        token = make_thread_token(b"somebody else's secret", new_conversation_id())
        raw = plain_mail("eve@example.com", f"help+{token}@shop.example", "x", "y", message_id="m@example.com")

        event = EmailChannel(RULES, FixedClock()).parse(raw_request_of(raw, [], NOON)).events[0]

        assert event.thread_keys == ()

    def test_a_checked_sender_is_verified_and_others_only_claim(self) -> None:
        channel = EmailChannel(RULES, FixedClock())
        checked = plain_mail("anna@example.com", HELP, "x", "y", message_id="m@example.com", authenticated=True)
        claimed = plain_mail("anna@example.com", HELP, "x", "y", message_id="m@example.com")

        first, second = (
            channel.parse(raw_request_of(raw, [HELP], NOON)).events[0].senders[0] for raw in (checked, claimed)
        )

        assert (first.verified, first.evidence) == (True, Evidence.SENDER_CHECKED)
        assert (second.verified, second.evidence) == (False, Evidence.CLAIMED)


class TestBuildingMails:
    def test_has_both_forms_and_a_stable_id(self) -> None:
        first, second = build_mail(answer(), NOON), build_mail(answer(), NOON)

        assert first["Message-ID"] == second["Message-ID"] == message_id_for("out-1", HELP)
        plain, rich = (part.get_content() for part in first.iter_parts())
        assert plain.strip() == "Hello Anna,\n\nyour <parcel> left today."
        assert "&lt;parcel&gt;" in rich

    @pytest.mark.parametrize("breaker", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b"])
    def test_no_value_can_start_a_header_of_its_own(self, breaker: str) -> None:
        evil = f"Hi{breaker}Bcc: everybody@example.com"
        mail = build_mail(
            answer(
                subject=evil,
                in_reply_to=f"<a@b>{breaker}Bcc: x@y.z",
                references=(f"<c@d>{breaker}Bcc: q@r.s",),
                key=evil,
            ),
            NOON,
            Letterhead(display_name=evil),
        )

        read = message_from_bytes(mail.as_bytes(), policy=default)

        assert read["Bcc"] is None
        assert read["In-Reply-To"] == "<a@b>"

    @pytest.mark.parametrize("to", ["a@b.c, d@e.f", "a@b.c\r\nBcc: x@y.z", "nobody", "<a@b.c>", ""])
    def test_only_one_plain_address_is_written_to(self, to: str) -> None:
        with pytest.raises(Undeliverable):
            build_mail(answer(to=to), NOON)

    def test_a_machines_mail_says_so(self) -> None:
        mail = build_mail(answer(automatic=True, in_reply_to="<m@example.com>"), NOON)

        assert mail["Auto-Submitted"] == "auto-replied"
        assert mail["X-Auto-Response-Suppress"] == "All"
        assert mail["Precedence"] == "auto_reply"
        assert build_mail(answer(), NOON)["Auto-Submitted"] is None

    def test_our_own_automatic_mail_coming_back_is_a_loop(self) -> None:
        mail = build_mail(answer(automatic=True), NOON)

        event = EmailChannel(RULES, FixedClock()).parse(raw_request_of(mail.as_bytes(), [HELP], NOON)).events[0]

        assert event.automatic

    def test_a_long_chain_keeps_its_beginning_and_end(self) -> None:
        chain = tuple(f"<{number}@example.com>" for number in range(100))

        mail = build_mail(answer(references=chain, in_reply_to="<99@example.com>"), NOON)

        kept = str(mail["References"]).split()
        assert (len(kept), kept[0], kept[-1]) == (40, "<0@example.com>", "<99@example.com>")
        assert max(len(line) for line in mail.as_bytes().split(b"\r\n")) <= 998

    def test_files_travel_along(self) -> None:
        file = Attachment(kind="document", name="Rechnung März.pdf", content_type="application/pdf", blob_id="b1")

        mail = build_mail(answer(attachments=(file,)), NOON, files={"b1": b"%PDF"})

        attached = next(mail.iter_attachments())
        assert (attached.get_filename(), attached.get_content()) == ("Rechnung März.pdf", b"%PDF")


@asynccontextmanager
async def relay_that_says(at: str, line: str | None) -> AsyncIterator[Relay]:
    """A mail relay that answers ``line`` (None: hangs up) to the command ``at``; "." stands for the end of the mail."""
    finished: list[asyncio.Event] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        finished.append(done := asyncio.Event())
        try:
            await serve(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()
            done.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        in_data = False
        while raw := await reader.readline():
            word = raw.decode().strip()
            if in_data and word != ".":
                continue
            command = "." if in_data else word[:4].upper()
            in_data = False
            if command == at:
                if line is None:
                    return
                writer.write(line.encode() + b"\r\n")
                continue
            in_data = command == "DATA"
            writer.write(b"354 go on\r\n" if in_data else b"250 fine\r\n")
            if command == "QUIT":
                return

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield Relay(host="127.0.0.1", port=port, security="none", timeout=5)
    finally:
        for done in finished:
            await asyncio.wait_for(done.wait(), 5)
        server.close()
        await server.wait_closed()


class TestTroubleWithTheRelay:
    @pytest.mark.parametrize(
        ("at", "line", "error"),
        [
            ("RCPT", "550 no such user", Undeliverable),
            ("RCPT", "450 mailbox busy", Unavailable),
            ("MAIL", "451 later", Unavailable),
            ("MAIL", "550 sender not allowed", ChannelNeedsAttention),
            ("DATA", None, DeliveryUnknown),
            (".", "554 spam", Undeliverable),
            (".", "452 disk full", Unavailable),
            (".", None, DeliveryUnknown),
        ],
    )
    async def test_each_refusal_says_whether_trying_again_helps(
        self, at: str, line: str | None, error: type[Exception]
    ) -> None:
        async with relay_that_says(at, line) as relay:
            channel = EmailChannel(RULES, FixedClock(), relay=relay)

            with pytest.raises(error):
                await channel.send(answer())

    async def test_a_relay_that_is_away_is_tried_later(self) -> None:
        channel = EmailChannel(RULES, FixedClock(), relay=Relay(host="127.0.0.1", port=1, security="none", timeout=2))

        with pytest.raises(Unavailable):
            await channel.send(answer())

    async def test_without_a_relay_an_operator_must_act(self) -> None:
        with pytest.raises(ChannelNeedsAttention):
            await EmailChannel(RULES, FixedClock()).send(answer())
