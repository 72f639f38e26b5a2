"""Tokens for mailboxes, mails that our side writes elsewhere, loops, and what our own mails carry."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import aiosmtplib
import httpx2
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from switchboard.assembly.mailboxes import Accesses, looked_into, own_domains, watched
from switchboard.channels.email.channel import SENT_FOLDER, EmailChannel, raw_request_of
from switchboard.channels.email.loops import AutomaticLimits, AutomaticMails
from switchboard.channels.email.message import MailRules
from switchboard.channels.email.oauth import MailAccess, OAuthClient, google, microsoft
from switchboard.channels.email.outgoing import Letterhead, Relay, build_mail, send_mail
from switchboard.channels.email.refusals import refusal
from switchboard.channels.email.samples import plain_mail
from switchboard.domain.inbound import InboundKind
from switchboard.domain.message import Attachment, ChannelType
from switchboard.errors import ChannelNeedsAttention, Unavailable, Undeliverable
from switchboard.ports.channel import Outgoing
from switchboard.ports.store import Store
from switchboard.ports.tokens import TokenPair
from switchboard.settings import Email, Mailbox
from switchboard.stores import open_sqlite
from tests.channels.email.fakes import NOON, FixedClock
from tests.stores.opening import MASTER, SetClock, open_kind

HELP = "help@shop.example"
RULES = MailRules(own_addresses=(HELP,), own_domains=("shop.example",), thread_secret=b"secret")


class Provider:
    """A token end point. Knows one refresh token; gives a new one with each answer if ``rotates``."""

    def __init__(self, *, rotates: bool = False) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.refresh = "first"
        self.rotates = rotates
        self.status = 200

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        form = parse_qs(request.content.decode())
        self.asked.append(form)
        if self.status != 200:
            return httpx2.Response(self.status)
        if form["grant_type"] == ["refresh_token"] and form["refresh_token"] != [self.refresh]:
            return httpx2.Response(400, json={"error": "invalid_grant"})
        answer: dict[str, object] = {"access_token": f"token-{len(self.asked)}", "expires_in": 3600}
        if self.rotates:
            self.refresh = f"next-{len(self.asked)}"
            answer["refresh_token"] = self.refresh
        return httpx2.Response(200, json=answer)


class Keeper:
    def __init__(self) -> None:
        self.kept: TokenPair | None = None

    async def load(self) -> TokenPair | None:
        return self.kept

    async def save(self, pair: TokenPair) -> None:
        self.kept = pair


class Time:
    now_ = NOON

    def now(self) -> datetime:
        return self.now_


def access(provider: Provider, app: OAuthClient, time: Time | None = None, keeper: Keeper | None = None) -> MailAccess:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(provider))
    return MailAccess(app=app, client=client, now=(time or Time()).now, keeper=keeper)


class TestTokens:
    async def test_a_token_serves_until_shortly_before_its_end(self) -> None:
        provider, time = Provider(), Time()
        way = access(provider, google("id", "s3cret", "first"), time)

        first, again = await way.token(), await way.token()
        time.now_ = NOON + timedelta(minutes=59)
        later = await way.token()

        assert (first, again, later) == ("token-1", "token-1", "token-2")
        assert provider.asked[0]["grant_type"] == ["refresh_token"]

    async def test_a_refused_token_is_replaced(self) -> None:
        way = access(Provider(), google("id", "s3cret", "first"))

        assert await way.token(await way.token()) == "token-2"

    async def test_a_new_refresh_token_is_kept_over_restarts(self) -> None:
        provider, keeper, app = Provider(rotates=True), Keeper(), microsoft("", "id", "s3cret", "first")
        await access(provider, app, keeper=keeper).token()

        assert await access(provider, app, keeper=keeper).token() == "token-2"

    async def test_the_settings_lead_back_in_when_the_kept_one_is_dead(self) -> None:
        keeper = Keeper()
        keeper.kept = TokenPair(access="", refresh="dead")

        assert await access(Provider(), google("id", "s", "first"), keeper=keeper).token() == "token-2"

    async def test_an_app_may_speak_for_itself(self) -> None:
        provider = Provider()

        await access(provider, microsoft("contoso", "id", "s3cret")).token()

        assert provider.asked[0]["grant_type"] == ["client_credentials"]
        assert provider.asked[0]["scope"] == ["https://outlook.office365.com/.default"]

    async def test_what_fails_is_named_without_secrets(self) -> None:
        provider = Provider()
        with pytest.raises(ChannelNeedsAttention) as refused:
            await access(provider, google("id", "s3cret", "taken-back")).token()
        provider.status = 503
        with pytest.raises(Unavailable):
            await access(provider, google("id", "s3cret", "first")).token()

        way = access(provider, google("id", "s3cret", "first"))
        assert "s3cret" not in refused.value.detail + repr(way)


def accesses() -> Accesses:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(Provider()))
    return Accesses(client=client, clock=FixedClock(), keeper=lambda _name: Keeper())


class TestSettings:
    def test_every_mailbox_and_sent_folder_is_watched(self) -> None:
        mail = Email(
            address=HELP, imap_host="imap.example", imap_sent_folder="Sent", imap_after="move", imap_days_back=2,
            mailboxes={"orders@shop.example": Mailbox(imap_password=SecretStr("p"))},
        )  # fmt: skip

        found = list(watched(mail, accesses(), NOON.date()))

        assert [(one.mailbox.address, one.mailbox.folder, one.sent) for one in found] == [
            (HELP, "INBOX", False), (HELP, "Sent", True), ("orders@shop.example", "INBOX", False)
        ]  # fmt: skip
        assert [one.mailbox.move_to for one in found] == ["Switchboard", "", "Switchboard"]
        assert [one.mailbox.user for one in found][2] == "orders@shop.example"
        assert found[0].mailbox.since == NOON.date() - timedelta(days=2)
        assert [one.mailbox.since for one in looked_into(mail, accesses()) if not one.sent] == [None, None]

    def test_tokens_open_the_mailbox_where_a_provider_is_named(self) -> None:
        mail = Email(
            address=HELP, imap_host="imap.gmail.com", oauth_provider="google", oauth_refresh_token=SecretStr("r")
        )

        assert next(watched(mail, accesses(), NOON.date())).mailbox.access is not None

    def test_a_domain_of_everybody_is_not_ours(self) -> None:
        assert own_domains(Email(address="shop@gmail.com")) == ()
        assert own_domains(Email(address=HELP)) == ("shop.example",)


class TestTheSentFolder:
    def test_what_our_side_wrote_is_an_echo_for_the_customer(self) -> None:
        raw = plain_mail(
            HELP, "Ann <ann@example.com>", "Re: x", "Sent today.", message_id="s@x", in_reply_to="a@example.com"
        )

        event = EmailChannel(RULES, FixedClock()).parse(raw_request_of(raw, (), NOON, SENT_FOLDER)).events[0]

        assert (event.kind, event.account, event.automatic) == (InboundKind.ECHO, HELP, False)
        assert event.senders[0].address == "ann@example.com"
        assert event.thread_keys == ("<a@example.com>",)

    def test_our_own_mail_is_known_by_its_key(self) -> None:
        raw = build_mail(answer(key="msg_0123456789"), NOON).as_bytes()

        event = EmailChannel(RULES, FixedClock()).parse(raw_request_of(raw, (), NOON, SENT_FOLDER)).events[0]

        assert event.metadata["key"] == "msg_0123456789"

    def test_a_mail_among_colleagues_is_nobodys_business(self) -> None:
        raw = plain_mail(HELP, "bob@shop.example", "Lunch", "At noon?", message_id="s@x")

        event = EmailChannel(RULES, FixedClock()).parse(raw_request_of(raw, (), NOON, SENT_FOLDER)).events[0]

        assert event.kind is InboundKind.IGNORED

    def test_nobody_can_pretend_over_the_usual_ways(self) -> None:
        raw = plain_mail(HELP, "ann@example.com", "Re: x", "Sent today.", message_id="s@x")

        event = EmailChannel(RULES, FixedClock()).parse(raw_request_of(raw, (HELP,), NOON)).events[0]

        assert event.kind is InboundKind.MESSAGE


class TestLoops:
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        opened = open_kind("memory", tmp_path, SetClock())
        yield opened
        await opened.close()

    async def test_two_machines_are_stopped_in_one_conversation(self, store: Store) -> None:
        mails = AutomaticMails(store, AutomaticLimits(per_thread=2, per_hour=10))
        await mails.count("a@x.y", "c1", "k1", NOON)
        await mails.count("A@x.y", "c1", "k1", NOON)
        await mails.count("a@x.y", "c1", "k2", NOON)

        with pytest.raises(Undeliverable):
            await mails.count("a@x.y", "c1", "k3", NOON + timedelta(hours=23))
        await mails.count("a@x.y", "c2", "k4", NOON)
        await mails.count("a@x.y", "c1", "k5", NOON + timedelta(hours=25))

    async def test_and_over_many_conversations_within_an_hour(self, store: Store) -> None:
        mails = AutomaticMails(store, AutomaticLimits(per_thread=2, per_hour=3))
        for number in range(3):
            await mails.count("a@x.y", f"c{number}", f"k{number}", NOON)

        with pytest.raises(Undeliverable):
            await mails.count("a@x.y", "c9", "k9", NOON)
        await mails.count("b@x.y", "c9", "k9", NOON)
        await mails.count("a@x.y", "c9", "k9", NOON + timedelta(hours=2))

    async def test_neither_a_restart_nor_another_worker_begins_anew(self, tmp_path: Path) -> None:
        limits = AutomaticLimits(per_thread=2, per_hour=10)
        for key in ("k1", "k2"):
            store = open_kind("sqlite", tmp_path, SetClock()) if key == "k1" else reopened(tmp_path)
            await AutomaticMails(store, limits).count("a@x.y", "c1", key, NOON)
            await store.close()

        store = reopened(tmp_path)
        with pytest.raises(Undeliverable):
            await AutomaticMails(store, limits).count("a@x.y", "c1", "k3", NOON)
        await store.close()

    async def test_a_refused_mail_is_never_handed_to_the_relay(self, store: Store) -> None:
        mails = AutomaticMails(store, AutomaticLimits(per_thread=0))
        nobody = Relay(host="127.0.0.1", port=1, security="none", timeout=2)
        channel = EmailChannel(RULES, FixedClock(), relay=nobody, automatic=mails)

        with pytest.raises(Undeliverable):
            await channel.send(answer(automatic=True))


def reopened(folder: Path) -> Store:
    return open_sqlite(folder / "data" / "switchboard.db", MASTER, SetClock())


def answer(**changes: object) -> Outgoing:
    fields: dict[str, object] = {
        "key": "msg_0123456789", "channel": ChannelType.EMAIL, "account": HELP, "to": "anna@example.com",
        "text": "Hello", "subject": "Re: AW: Parcel",
    }  # fmt: skip
    return Outgoing(**(fields | changes))  # type: ignore[arg-type]  # tests name fields freely


class TestOurMails:
    def test_outlook_files_them_by_topic(self) -> None:
        mail = build_mail(answer(), NOON)

        assert (mail["Subject"], mail["Thread-Topic"]) == ("Re: AW: Parcel", "Parcel")
        assert mail["Thread-Index"] is None

    def test_pictures_stand_in_the_mail_itself(self) -> None:
        picture = Attachment(kind="image", name="a.png", content_type="image/png", blob_id="b", content_id="pic@x")

        mail = build_mail(answer(attachments=(picture,)), NOON, files={"b": b"PNG"})

        related = [part for part in mail.walk() if part.get("Content-ID") == "<pic@x>"]
        assert [part.get_content_disposition() for part in related] == ["inline"]
        page = mail.get_body(("html",))
        assert page is not None
        assert 'src="cid:pic@x"' in page.get_content()

    def test_only_notices_that_answer_nothing_name_a_way_out(self) -> None:
        head = Letterhead(unsubscribe="https://shop.example/out")

        notice = build_mail(answer(automatic=True), NOON, head)
        reply = build_mail(answer(automatic=True, in_reply_to="<a@b>"), NOON, head)
        person = build_mail(answer(), NOON, head)

        assert notice["List-Unsubscribe"] == "<https://shop.example/out>"
        assert notice["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert reply["List-Unsubscribe"] is person["List-Unsubscribe"] is None

    def test_too_much_to_carry_is_said_with_the_limit(self) -> None:
        file = Attachment(kind="file", name="a.zip", content_type="application/zip", blob_id="b")

        with pytest.raises(Undeliverable, match=r"26\.0 MB together; a mail carries 25 MB"):
            build_mail(answer(attachments=(file,)), NOON, files={"b": bytes(26 * 2**20)})

    @pytest.mark.parametrize(
        ("code", "said", "error", "words"),
        [
            (550, "5.1.1 user unknown", Undeliverable, "no such address"),
            (552, "5.2.2 over quota", Undeliverable, "mailbox is full"),
            (552, "too large", Undeliverable, "too big"),
            (554, "5.7.1 Relay access denied", ChannelNeedsAttention, "login"),
            (550, "5.7.1 spam", Undeliverable, "does not want it"),
            (451, "4.7.1 Greylisting in action", Unavailable, "later"),
            (421, "4.3.2 busy", Unavailable, "later"),
        ],
    )
    def test_a_refusal_tells_the_agent_why(self, code: int, said: str, error: type[Exception], words: str) -> None:
        found = refusal(aiosmtplib.SMTPResponseException(code, said), sender=False)

        assert type(found) is error
        assert words in found.detail


class Relays:
    """Notes the options of each command. Offers delivery reports and takes 2 kB."""

    def __init__(self) -> None:
        self.options: list[str] = []

    async def handle_EHLO(  # the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-DSN", responses[-1]]

    async def handle_MAIL(  # the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        envelope.mail_from = address
        self.options += mail_options
        return "250 fine"


class TestTheRelay:
    async def test_a_mail_over_the_relays_limit_is_not_tried(self) -> None:
        loop, relays = asyncio.get_running_loop(), Relays()
        open_ones: list[SMTP] = []

        def protocol() -> SMTP:
            open_ones.append(SMTP(relays, data_size_limit=2_000, hostname="relay", loop=loop))
            return open_ones[-1]

        server = await loop.create_server(protocol, "127.0.0.1", 0)
        relay = Relay(host="127.0.0.1", port=server.sockets[0].getsockname()[1], security="none", timeout=20)

        try:
            with pytest.raises(Undeliverable, match="the relay carries"):
                await send_mail(answer(text="x" * 5_000), relay, datetime.now(UTC))
        finally:
            for one in open_ones:
                if one.transport is not None:
                    one.transport.close()
            server.close()
            await server.wait_closed()

        assert relays.options == []
