"""One conversation on each channel with what people send there besides words: the desk must show all of it well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from switchboard.domain.customer import CustomerProfile, Evidence, Identity
from switchboard.domain.ids import CustomerId, MessageId
from switchboard.domain.message import (
    Attachment,
    Author,
    ChannelType,
    Choice,
    ConversationMessage,
    DeliveryState,
    FileState,
    MessageContent,
    MessageKind,
)
from switchboard.ports.records import JobKind, NewJob
from switchboard.ports.store import Work
from tests.desk.sample_records import MAYA
from tests.desk.samples import NOW, Line, conversation, message

C = ChannelType
HELP = "help@larkfield.example"
NAMES = {
    C.WHATSAPP: "Aisha Bello",
    C.EMAIL: "Karl Meier",
    C.WEB_CHAT: "Rosa Lind",
    C.VOICE: "Peter Hall",
    C.FACEBOOK: "Lena Novak",
    C.TWITTER: "Sam Ortiz",
    C.INSTAGRAM: "Mia Conte",
}
Say = tuple[Line, Mapping[str, object]]


def key_of(channel: ChannelType) -> str:
    return f"rich_{channel.value}"


def said(text: str, minutes: int, channel: ChannelType, **more: object) -> Say:
    return Line(text=text, at=NOW - timedelta(minutes=minutes), channel=channel), more


def sent(
    text: str, minutes: int, channel: ChannelType, state: DeliveryState, error: str | None = None, **more: object
) -> Say:
    line = Line(
        text=text,
        at=NOW - timedelta(minutes=minutes),
        channel=channel,
        author=Author.AGENT,
        agent_id=MAYA,
        delivery=state,
        error=error,
    )
    return line, more


def file(kind: str, name: str | None, content_type: str, size: int, blob: str | None, **more: str) -> Attachment:
    return Attachment(
        kind=kind, name=name, content_type=content_type, size=size, blob_id=blob,
        state=FileState.STORED if blob else None, details=more,
    )  # fmt: skip


def scenes() -> dict[ChannelType, list[Say]]:
    day = 60 * 26
    place = {
        "latitude": "53.8008",
        "longitude": "-1.5491",
        "name": "Larkfield Coffee",
        "address": "12 Mill Lane, Leeds",
    }
    order = {"items": "2", "item_1": "product_retailer_id=LT-2, quantity=1, item_price=24, currency=GBP",
             "item_2": "product_retailer_id=OTTO-2, quantity=1, item_price=649, currency=GBP"}  # fmt: skip
    return {
        C.WHATSAPP: [
            said("Morning! The tank leaks, look", day + 40, C.WHATSAPP, attachments=(
                file("image", None, "image/png", 48_220, "blb_picture"),), metadata={"reaction:customer": "👍"}),
            said("", day + 38, C.WHATSAPP, attachments=(
                file("audio", None, "audio/ogg", 31_000, "blb_sound", voice="true"),)),
            said("", day + 36, C.WHATSAPP, attachments=(Attachment(kind="location", name=place["name"], details=place),)),
            said("", day + 35, C.WHATSAPP, attachments=(Attachment(
                kind="contact", name="Femi Bello", details={
                    "phones": "+44 7700 900111, +44 7700 900112", "emails": "femi@bello.example", "org": "Bello Ltd",
                    "birthday": "1990-05-01"}),)),
            said("Large", day + 34, C.WHATSAPP, payload="l", metadata={"choice_detail": "500 ml, 14 GBP", "forwarded": "true",
                 "product": '{"catalog_id":"1","product_retailer_id":"CUP-7"}'}),
            said("", day + 34, C.WHATSAPP, attachments=(Attachment(kind="order", details=order),)),
            said("", day + 33, C.WHATSAPP, payload='{"x":1}', metadata={
                "form": '{"delivery_rating":"4","comment_text":"Fast!","flow_token":"secret","seats":2}'}),
            said("", day + 32, C.WHATSAPP, payload="call_permission:accept"),
            sent("Which tank do you have?", day + 20, C.WHATSAPP, DeliveryState.READ,
                 choices=(Choice(id="a", title="LT-1"), Choice(id="b", title="LT-2"), Choice(id="c", title="I don’t know")),
                 metadata={"reaction:customer": "🙏"}),
            said("LT-2", day + 10, C.WHATSAPP, payload="b", metadata={"edited_at": (NOW - timedelta(minutes=day)).isoformat()}),
            said("[withdrawn by the customer]", day + 5, C.WHATSAPP, withdrawn=True),
            sent("A new LT-2 is on its way.", 30, C.WHATSAPP, DeliveryState.FAILED,
                 "The customer last wrote more than 24 hours ago. WhatsApp then takes only approved templates: choose one, "
                 "wait for the customer or use another channel"),
        ],
        C.EMAIL: [
            said("Hello,\n\nplease find the invoice and two pictures of the cracked lid attached.\n\nKind regards\nKarl Meier",
                 50, C.EMAIL, subject="Invoice 2026-118 and a cracked lid", account=HELP, metadata={
                     "from": "rich_email@example", "reply_address": "karl@meier.example", "warning": "dmarc_failed",
                     "protection": "signed with S/MIME",
                     "to": f"{HELP}, anna@meier.example", "cc": "store@meier.example"}, attachments=(
                    file("document", "Invoice 2026-118.pdf", "application/pdf", 184_000, "blb_pdf"),
                    file("image", "lid-1.png", "image/png", 48_220, "blb_picture"),
                    Attachment(kind="file", name="setup.exe", content_type="application/x-msdownload", size=2_000_000,
                               state=FileState.REFUSED, reason="programs are not taken"),
                 )),
            sent("Dear Karl, thank you. The new lid leaves today.", 40, C.EMAIL, DeliveryState.SENT,
                 subject="Re: Invoice 2026-118 and a cracked lid", metadata={"cc": "store@meier.example"},
                 delivery_error="not everybody on copy got it: store@meier.example (the mailbox is full)"),
            sent("And here is the credit note.", 20, C.EMAIL, DeliveryState.UNKNOWN, "the answer of the mail server was lost"),
        ],
        C.WEB_CHAT: [
            said("Which descaler is safe for the Otto 2?", 12, C.WEB_CHAT, metadata={
                "page": "https://larkfield.example/machines/otto-2?from=search", "told:email": "rosa@mail.example"},
                verified=False),
            sent("Any citric acid descaler. The guide is attached.", 11, C.WEB_CHAT, DeliveryState.READ,
                 attachments=(file("file", "Descaling Otto 2.pdf", "application/pdf", 90_000, "blb_pdf"),)),
            said("Talk to a person", 4, C.WEB_CHAT, payload="talk_to_a_person"),
        ],
        C.VOICE: [
            said("Hello, this is Peter Hall. My grinder has not arrived and the courier says it was delivered.", 25, C.VOICE,
                 metadata={"call": "CA1"}),
            sent("I am sorry about that, Mr Hall. I look it up at once.", 25, C.VOICE, DeliveryState.DELIVERED),
            said("It is order L C 4 8 2 1 3.", 24, C.VOICE, metadata={"unclear": "true"}),
            said("Voice message: please call me back after five.", 8, C.VOICE, attachments=(
                file("audio", None, "audio/wav", 310_000, "blb_sound", duration_seconds="41"),)),
        ],
        C.FACEBOOK: [
            said("Is the blue Otto back in stock?", day, C.FACEBOOK, metadata={
                "referral": '{"source":"ADS","ads_context_data":{"ad_title":"Otto is back in blue"}}'}),
            said("", day - 1, C.FACEBOOK, attachments=(Attachment(
                kind="share", name="Otto 2 in blue", url="https://www.facebook.com/larkfield/posts/1"),)),
            said("", day - 2, C.FACEBOOK, attachments=(
                Attachment(kind="sticker", url="https://scontent.example/like.png", state=FileState.FAILED,
                           reason="the link has expired"),)),
            sent("From Monday. Shall I keep one for you?", 60, C.FACEBOOK, DeliveryState.PENDING),
        ],
        C.TWITTER: [
            said("@larkfield second week without an answer. Anybody there?", 90, C.TWITTER, metadata={
                "kind": "public_mention", "public_id": "188", "links": "https://example.org/photo"}),
            said("[an end-to-end encrypted message: read it in the app]", 50, C.TWITTER, kind=MessageKind.PLACEHOLDER,
                 metadata={"kind": "encrypted", "reason": "end-to-end encrypted: answer in the X app"}),
            sent("We are here. Please send us your order number in private.", 40, C.TWITTER, DeliveryState.SENT,
                 reply_to="msg_rich_twitter_1"),
            said("@larkfield again?", 30, C.TWITTER, metadata={"kind": "public_mention", "public_id": "189"}),
        ],
        C.INSTAGRAM: [
            said("Love this! Where can I get it?", 70, C.INSTAGRAM, metadata={
                "story_id": "17", "story_url": "https://lookaside.example/story/17"}),
            said("", 65, C.INSTAGRAM, attachments=(Attachment(
                kind="share", name="story_mention", url="https://lookaside.example/story/18"),)),
            said("[Instagram message that cannot be shown here]", 60, C.INSTAGRAM, kind=MessageKind.PLACEHOLDER,
                 metadata={"kind": "unsupported", "reason": "unsupported by the API"}),
            sent("In our shop at 12 Mill Lane, or online.", 50, C.INSTAGRAM, DeliveryState.READ),
            said("❤️", 45, C.INSTAGRAM, attachments=(file("video", None, "video/mp4", 2_400_000, "blb_film"),)),
        ],
    }  # fmt: skip


def seed_rich(work: Work) -> None:
    """Writes the seven conversations, all with Maya, and a message that waits for its next try."""
    for channel, lines in scenes().items():
        _one(work, channel, lines)


def _one(work: Work, channel: ChannelType, lines: Sequence[Say]) -> None:
    key, last = key_of(channel), lines[-1][0].at
    talk = conversation(
        key, urgency=5, last=last, channels=(channel,), snippet=lines[-1][0].text or "A file", topic="general",
        agent=MAYA, due=last,
    )  # fmt: skip
    talk = replace(talk, last_sequence=len(lines), subject=lines[0][1].get("subject"))  # type: ignore[arg-type]  # a subject is a text
    identities = [Identity(channel=channel, address=f"{key}@example", verified=True, evidence=Evidence.PROVIDER)]
    if channel is C.WHATSAPP:
        mail = Identity(channel=C.EMAIL, address="aisha@mail.example", verified=True, evidence=Evidence.LINKED_BY_AGENT)
        identities.append(mail)
    work.customers.add(
        CustomerProfile(
            customer_id=CustomerId(f"cus_{key}"), name=NAMES[channel], created_at=NOW, identities=tuple(identities)
        )
    )
    work.conversations.add(talk)
    for place, (line, more) in enumerate(lines, 1):
        made = _made(message(talk, line, place), more)
        work.messages.add(made)
        if made.delivery is DeliveryState.PENDING:
            _put_off(work, made, NOW)


CONTENT = ("attachments", "choices", "subject", "payload")


def _made(plain: ConversationMessage, more: Mapping[str, object]) -> ConversationMessage:
    content = {name: value for name, value in more.items() if name in CONTENT}
    rest = {name: value for name, value in more.items() if name not in CONTENT}
    changed: MessageContent = replace(plain.content, **content)  # type: ignore[arg-type]  # each name has its own type
    return replace(plain, content=changed, **rest)  # type: ignore[arg-type]  # as above


def _put_off(work: Work, waiting: ConversationMessage, now: datetime) -> None:
    """Meta said "too fast": the message waits."""
    work.jobs.add(
        NewJob(kind=JobKind.SEND, lane=waiting.conversation_id, priority=5.0, due_at=now,
               conversation_id=waiting.conversation_id, message_id=MessageId(waiting.message_id))
    )  # fmt: skip
    (job,) = [
        j for j in work.jobs.claim([JobKind.SEND], 50, timedelta(seconds=60), now) if j.message_id == waiting.message_id
    ]
    work.jobs.retry(job, now + timedelta(minutes=10), "Meta limits the rate")
