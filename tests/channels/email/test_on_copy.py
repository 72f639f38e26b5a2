"""People on copy: who keeps getting the answers, whose mails come into the conversation, and what stays whose."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from email.message import EmailMessage

import pytest

from switchboard.channels.email.channel import EmailChannel, raw_request_of
from switchboard.channels.email.message import MailRules
from switchboard.channels.email.outgoing import build_mail
from switchboard.channels.email.samples import TRUSTED_SERVER, plain_mail
from switchboard.domain.inbound import Fate, InboundEvent, InboundKind
from switchboard.domain.message import Author, ChannelType, ConversationMessage, DeliveryState
from switchboard.errors import InvalidInput
from switchboard.flows.agent_actions import reply, undo_reply
from switchboard.flows.customers import erase_customer
from switchboard.flows.export import export_customer
from switchboard.flows.extras import Extras
from switchboard.flows.intake import receive_events
from switchboard.flows.outgoing import Speech, say
from switchboard.ports.channel import Outgoing, Receipt
from switchboard.views.line import LineMessage, timeline_page
from tests.channels.email.fakes import NOON
from tests.kit import ASKS_DELIVERY, World, open_world, said

HELP, ORDERS = "help@shop.example", "orders@shop.example"
ANN, BOB, CAROL = "ann@a.example", "bob@b.example", "carol@c.example"
RULES = MailRules(
    own_addresses=(HELP, ORDERS),
    own_domains=("shop.example",),
    trusted_authserv_ids=(TRUSTED_SERVER,),
    thread_secret=b"a secret of at least 32 bytes.....",
)


class Post(EmailChannel):
    """The real channel, whose relay keeps the mails. ``missed``: whom the relay refuses."""

    def __init__(self, world: World) -> None:
        super().__init__(RULES, world.clock)
        self.mails: list[EmailMessage] = []
        self.missed: dict[str, str] = {}

    async def send(self, message: Outgoing) -> Receipt:
        mail = build_mail(replace(message, thread_token=self._signed(message.thread_token)), NOON)
        self.mails.append(mail)
        missed = {one: why for one, why in self.missed.items() if one in message.cc}
        return Receipt(external_ids=(str(mail["Message-ID"]),), missed=missed)


class Office:
    """A team with two mailboxes, and the people who write to it."""

    def __init__(self, world: World) -> None:
        self.world, self.post = world, Post(world)
        world.app.channels = {**world.channels, ChannelType.EMAIL: self.post}
        self.number = 0

    async def mail(
        self, from_: str, words: str = "Where is it?", to: str = HELP, **more: object
    ) -> ConversationMessage:
        """A mail comes in, proven unless it says otherwise; returns the message it became."""
        self.number += 1
        fields: dict[str, object] = {"message_id": f"m{self.number}@mail.example", "authenticated": True} | more
        raw = plain_mail(from_, to, "Parcel", words, **fields)  # type: ignore[arg-type]  # tests name fields freely
        taken = await receive_events(
            self.world.app, ChannelType.EMAIL, self.post.parse(raw_request_of(raw, (), NOON)), raw, "message/rfc822"
        )
        await self.world.drain()
        message_id = taken.accepted[0].message_id
        assert message_id is not None
        return await self.world.message(message_id)

    async def answer(self, asked: ConversationMessage, cc: tuple[str, ...] | None = None) -> EmailMessage:
        """An agent replies; returns the mail as the relay gets it."""
        await self.replied(asked, cc)
        return self.post.mails[-1]

    async def replied(self, asked: ConversationMessage, cc: tuple[str, ...] | None = None) -> ConversationMessage:
        sent = await reply(
            self.world.app, asked.conversation_id, "On its way.", agent_id=None, actor="maya", extras=Extras(cc=cc)
        )
        self.world.clock.move(minutes=1)
        await self.world.drain()
        return await self.world.message(sent.message_id)

    async def answered_by(
        self, who: str, mail: EmailMessage, words: str = "Thanks", **more: object
    ) -> ConversationMessage:
        """Somebody answers a mail of ours to all, as mail programs do."""
        to = str(mail["Reply-To"] or mail["From"])
        return await self.mail(who, words, to, in_reply_to=str(mail["Message-ID"]), **more)

    async def names(self, message: ConversationMessage) -> list[str]:
        """Whose words the conversation shows."""
        shown = await self.world.read(lambda work: timeline_page(work, message.conversation_id))
        return [item.author_name for item in shown.items if isinstance(item, LineMessage)]


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_world() as world:
        yield Office(world)


def on(mail: EmailMessage) -> tuple[str, str]:
    return str(mail["To"]), str(mail["Cc"] or "")


class TestAnAnswer:
    async def test_goes_to_the_writer_and_keeps_the_others_of_the_mail_on_copy(self, office: Office) -> None:
        asked = await office.mail(f"Ann <{ANN}>", to=f"{HELP}, Bob <{BOB}>", cc=f"{CAROL}, {ANN}, {ORDERS}")

        assert on(await office.answer(asked)) == (ANN, f"{BOB}, {CAROL}")

    async def test_goes_where_the_writer_wants_answers(self, office: Office) -> None:
        asked = await office.mail(ANN, reply_to="ann@work.example, team@a.example", cc=f"{ANN}, {BOB}")

        assert on(await office.answer(asked)) == ("ann@work.example", f"team@a.example, {BOB}")

    async def test_never_keeps_our_own_mailboxes_or_machines(self, office: Office) -> None:
        asked = await office.mail(ANN, cc=f"help+abc@shop.example, no-reply@a.example, MAILER-DAEMON@a.example, {BOB}")

        assert on(await office.answer(asked)) == (ANN, BOB)

    async def test_keeps_no_more_than_fifty(self, office: Office) -> None:
        asked = await office.mail(ANN, cc=", ".join(f"p{number}@a.example" for number in range(70)))

        assert len(on(await office.answer(asked))[1].split(", ")) == 50

    async def test_a_notice_of_absence_puts_nobody_off_the_copy(self, office: Office) -> None:
        asked = await office.mail(ANN, cc=BOB)
        raw = plain_mail(
            ANN, HELP, "Automatic reply: Parcel", "I am away", message_id="away@a.example", authenticated=True
        )
        raw = b"Auto-Submitted: auto-replied\r\n" + raw
        parsed = office.post.parse(raw_request_of(raw, (), NOON))
        await receive_events(office.world.app, ChannelType.EMAIL, parsed, raw, "message/rfc822")

        assert on(await office.answer(asked)) == (ANN, BOB)

    async def test_an_agent_takes_people_off_and_adds_others(self, office: Office) -> None:
        asked = await office.mail(ANN, cc=BOB)

        assert on(await office.answer(asked, ("Carol@C.example", CAROL, ANN))) == (ANN, CAROL)
        assert on(await office.answer(asked, ())) == (ANN, "")

    @pytest.mark.parametrize(
        ("cc", "words"),
        [
            ((BOB, "bob@"), "address 2 on copy is no e-mail address"),
            (("bob@b",), "address 1 on copy is no e-mail address"),
            (("a b@c.example",), "address 1 on copy is no e-mail address"),
            ((f"Bob <{BOB}>",), "address 1 on copy is no e-mail address"),
            (("x@y.example\r\nBcc: z@y.example",), "address 1 on copy is no e-mail address"),
            (("help+x@shop.example",), "address 1 on copy is a mailbox of ours"),
            (("noreply@b.example",), "address 1 on copy belongs to a machine"),
            (tuple(f"p{number}@a.example" for number in range(51)), "too many people on copy"),
        ],
    )
    async def test_what_cannot_be_on_copy_is_named_with_limit_and_fix(
        self, office: Office, cc: tuple[str, ...], words: str
    ) -> None:
        asked = await office.mail(ANN)
        before = len(office.post.mails)

        with pytest.raises(InvalidInput, match=words) as refused:
            await office.answer(asked, cc)

        assert (refused.value.field, bool(refused.value.limit)) == ("cc", True)
        assert len(office.post.mails) == before

    async def test_on_another_channel_has_no_copies(self, office: Office) -> None:
        asked = await office.world.say("Hello", ChannelType.WHATSAPP)

        with pytest.raises(InvalidInput, match="this channel has no copies"):
            await reply(
                office.world.app, asked.conversation_id, "Hi", agent_id=None, actor="maya", extras=Extras(cc=(BOB,))
            )

    async def test_of_a_machine_goes_to_the_sender_alone(self, office: Office) -> None:
        await office.world.allow_automation()

        await office.mail(ANN, ASKS_DELIVERY, cc=BOB)

        assert [on(mail) for mail in office.post.mails] == [(ANN, "")]
        assert office.post.mails[0]["Auto-Submitted"] == "auto-replied"


class TestSomebodyOnCopyAnswers:
    async def test_in_the_customers_conversation_and_stays_somebody_else(self, office: Office) -> None:
        asked = await office.mail(f"Ann Lee <{ANN}>", cc=BOB)
        mail = await office.answer(asked)

        theirs = await office.answered_by(f"Bob Ray <{BOB}>", mail, "Please ring twice", cc=ANN)

        assert theirs.conversation_id == asked.conversation_id
        assert (await office.names(theirs))[-2:] == ["An agent", f"Bob Ray ({BOB})"]
        customer = await office.world.customer(asked.customer_id)
        assert [identity.address for identity in customer.identities] == [ANN]

    async def test_and_the_next_answer_goes_to_them_with_the_customer_on_copy(self, office: Office) -> None:
        mail = await office.answer(await office.mail(ANN, cc=BOB))

        theirs = await office.answered_by(BOB, mail)  # to us alone

        assert on(await office.answer(theirs)) == (BOB, ANN)

    async def test_what_was_meant_for_the_customer_does_not_go_to_who_writes_meanwhile(self, office: Office) -> None:
        asked = await office.mail(ANN, cc=BOB)
        mail = await office.answer(asked)
        sent = await reply(office.world.app, asked.conversation_id, "For Ann", agent_id=None, actor="maya")
        await office.answered_by(BOB, mail)
        office.world.clock.move(minutes=1)
        await office.world.drain()

        assert (await office.world.message(sent.message_id)).delivery is DeliveryState.SENT
        assert on(office.post.mails[-1]) == (ANN, BOB)

    async def test_no_machine_answers_them(self, office: Office) -> None:
        mail = await office.answer(await office.mail(ANN, cc=BOB))
        await office.world.allow_automation()
        before = len(office.post.mails)

        await office.answered_by(BOB, mail, ASKS_DELIVERY)

        assert len(office.post.mails) == before

    async def test_no_notice_goes_to_them_either(self, office: Office) -> None:
        mail = await office.answer(await office.mail(ANN, cc=BOB))
        theirs = await office.answered_by(BOB, mail)
        conversation = await office.world.conversation(theirs.conversation_id)
        notice = Speech(text="You are next.", author=Author.AUTOMATION, answers=False)

        await office.world.write(lambda work: say(work, conversation, notice, office.world.clock.now()))
        await office.world.drain()

        assert on(office.post.mails[-1]) == (ANN, "")

    async def test_however_long_ago_they_were_put_on_copy(self, office: Office) -> None:
        asked = await office.mail(ANN, cc=BOB)
        mail = await office.answer(asked)
        for _ in range(101):
            await office.mail(ANN)

        assert (await office.answered_by(BOB, mail)).conversation_id == asked.conversation_id

    async def test_by_the_ids_of_the_thread_only_from_a_proven_address(self, office: Office) -> None:
        asked = await office.mail(ANN, cc=BOB)
        await office.answer(asked)
        first = asked.external_id

        proven = await office.mail(BOB, in_reply_to=first)
        claimed = await office.mail(BOB, in_reply_to=first, authenticated=False)

        assert proven.conversation_id == asked.conversation_id
        assert claimed.conversation_id != asked.conversation_id

    async def test_who_was_never_on_copy_is_a_customer_of_their_own(self, office: Office) -> None:
        asked = await office.mail(ANN, cc=BOB)
        mail = await office.answer(asked, ())

        taken_off = await office.answered_by(BOB, mail)
        forwarded_to = await office.answered_by(CAROL, mail)

        assert asked.conversation_id not in (taken_off.conversation_id, forwarded_to.conversation_id)
        assert len({asked.customer_id, taken_off.customer_id, forwarded_to.customer_id}) == 3

    async def test_a_copy_that_was_taken_back_lets_nobody_in(self, office: Office) -> None:
        asked = await office.mail(ANN, cc=BOB)
        sent = await reply(office.world.app, asked.conversation_id, "Oh", agent_id=None, actor="maya")
        assert await undo_reply(office.world.app, sent.message_id)

        theirs = await office.mail(BOB, in_reply_to=asked.external_id)

        assert theirs.conversation_id != asked.conversation_id

    async def test_a_customer_with_a_matter_of_their_own_keeps_it_apart(self, office: Office) -> None:
        own = await office.mail(BOB, "My own order")
        mail = await office.answer(await office.mail(ANN, cc=BOB))

        theirs = await office.answered_by(BOB, mail)
        later = await office.mail(BOB, "Again my own order")

        assert theirs.customer_id != own.customer_id
        assert later.conversation_id == own.conversation_id

    async def test_nobody_on_copy_can_write_in_the_customers_name(self, office: Office) -> None:
        asked = await office.mail(ANN, cc=BOB)
        mail = await office.answer(asked)

        forged = await office.answered_by(ANN, mail, "Send it to my new address", authenticated=False)

        assert forged.customer_id != asked.customer_id


class TestACopyThatDoesNotArrive:
    async def test_is_told_at_the_message_which_reached_the_customer(self, office: Office) -> None:
        office.post.missed = {BOB: "there is no such address"}

        sent = await office.replied(await office.mail(ANN, cc=BOB))

        assert sent.delivery is DeliveryState.SENT
        assert sent.delivery_error == f"not everybody on copy got it: {BOB} (there is no such address)"

    async def test_and_one_that_comes_back_does_not_fail_it(self, office: Office) -> None:
        sent = await office.replied(await office.mail(ANN, cc=f"{BOB}, {CAROL}"))
        for recipient in (BOB, CAROL):
            assert (await office.world.hear(report(sent, recipient))).accepted[0].fate is Fate.APPLIED

        now = await office.world.message(sent.message_id)
        assert now.delivery is DeliveryState.SENT
        assert now.delivery_error == f"not everybody on copy got it: {BOB} (gone); {CAROL} (gone)"

    async def test_a_read_receipt_of_theirs_is_none_of_the_customer(self, office: Office) -> None:
        sent = await office.replied(await office.mail(ANN, cc=BOB))

        for who, state in ((BOB, DeliveryState.SENT), (ANN, DeliveryState.READ)):
            receipt = said(
                "", ChannelType.EMAIL, address=who, kind=InboundKind.STATUS, account=HELP, delivery=DeliveryState.READ,
                metadata={"key": sent.message_id},
            )  # fmt: skip
            await office.world.hear(receipt)
            assert (await office.world.message(sent.message_id)).delivery is state

    async def test_while_the_customers_own_does(self, office: Office) -> None:
        sent = await office.replied(await office.mail(ANN, cc=BOB))

        await office.world.hear(report(sent, ANN))

        assert (await office.world.message(sent.message_id)).delivery is DeliveryState.FAILED


def report(sent: ConversationMessage, recipient: str) -> InboundEvent:
    return said(
        "", ChannelType.EMAIL, kind=InboundKind.STATUS, account=HELP, delivery=DeliveryState.FAILED,
        delivery_error="gone", senders=(), metadata={"failed_recipient": recipient, "key": sent.message_id},
    )  # fmt: skip


class Taken:
    """Keeps the lines of an export."""

    def __init__(self) -> None:
        self.rows: list[Mapping[str, object]] = []

    def line(self, kind: str, record: Mapping[str, object]) -> None:
        self.rows.append(record)

    def file(self, name: str, data: bytes) -> None:
        raise AssertionError("there are no files")

    def finish(self, about: Mapping[str, object]) -> None: ...


class TestPrivacy:
    async def test_who_was_on_copy_lies_sealed_and_goes_with_the_customer(self, office: Office) -> None:
        asked = await office.mail(ANN, cc=BOB)
        await office.replied(asked)
        await office.answered_by(BOB, office.post.mails[-1])
        assert BOB.encode() not in office.world.image()
        taken = Taken()
        await export_customer(office.world.app, asked.customer_id, taken, "maya")
        assert {row.get("metadata", {}).get("cc") for row in taken.rows if row.get("direction") == "outbound"} >= {BOB}  # type: ignore[attr-defined]  # metadata is a mapping
        assert BOB in {row.get("metadata", {}).get("participant") for row in taken.rows}  # type: ignore[attr-defined]  # as above

        await erase_customer(office.world.app, asked.customer_id, "maya")

        left = await office.world.timeline(asked.conversation_id)
        assert not any(BOB in str(message) for message in left)
