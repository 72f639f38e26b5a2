"""The e-mail channel: checks where a mail comes from, reads it, and sends the answer through the relay."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from switchboard.channels.email.echoes import sent_elsewhere
from switchboard.channels.email.loops import AutomaticMails
from switchboard.channels.email.message import Delivery, MailRules, ParsedMail, parse_mail
from switchboard.channels.email.outgoing import MAX_ATTACHED, Letterhead, LoadBlob, Relay, send_mail
from switchboard.channels.email.threading import make_thread_token, read_thread_token
from switchboard.channels.email.webhooks import MailWebhook, PostedMail
from switchboard.conversations.copies import CopyRule
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import ChannelType
from switchboard.errors import BadSignature, ChannelNeedsAttention, InvalidInput
from switchboard.ports.channel import Capabilities, MediaRule, Outgoing, Parsed, RawRequest, RawResponse, Receipt
from switchboard.ports.clock import Clock

ReadMail = Callable[[bytes, MailRules, Delivery], ParsedMail]
"""Reads one raw mail: in this process, or in a worker that can be stopped (``MailReaderPool.read``)."""

RAW_MAIL = "message/rfc822"
ENVELOPE_TO = "x-envelope-to"


def raw_request_of(raw: bytes, recipients: Sequence[str], received_at: datetime, way: str = "smtp") -> RawRequest:
    """A mail from the listener, a mailbox or a file in the form in which payloads are kept. ``way`` is for people."""
    return RawRequest(
        method="MAIL",
        url=f"{way}:",
        headers={"content-type": RAW_MAIL, ENVELOPE_TO: ", ".join(recipients)},
        query={},
        body=raw,
        received_at=received_at,
    )


SENT_FOLDER = "imap-sent"
"""The way by which mails come that our side wrote in another program."""


def _is_of_sent_folder(request: RawRequest) -> bool:
    return request.method == "MAIL" and request.url == f"{SENT_FOLDER}:"


def _read_here(raw: bytes, rules: MailRules, delivery: Delivery) -> ParsedMail:
    return parse_mail(raw, rules=rules, delivery=delivery)


class EmailChannel:
    """Fulfils ``ports.channel.Channel``. Without ``relay`` nothing can be sent; without ``webhook`` posts are refused;
    without ``automatic`` nobody counts what a machine sends."""

    def __init__(
        self, rules: MailRules, clock: Clock, *, webhook: MailWebhook | None = None, relay: Relay | None = None,
        letterhead: Letterhead | None = None, load_blob: LoadBlob | None = None, read: ReadMail = _read_here,
        automatic: AutomaticMails | None = None,
    ) -> None:  # fmt: skip
        self._rules = rules
        self._clock = clock
        self._webhook = webhook
        self._relay = relay
        self._letterhead = letterhead
        self._load_blob = load_blob
        self._read = read
        self._automatic = automatic

    @property
    def type(self) -> ChannelType:
        return ChannelType.EMAIL

    @property
    def capabilities(self) -> Capabilities:
        """A repeated send carries the same Message-ID, by which mail servers and programs show one mail: idempotent."""
        return Capabilities(
            subject=True,
            idempotent=True,
            media=(MediaRule(kind="file", max_bytes=MAX_ATTACHED),),
            copies=CopyRule(own=self._rules.own_addresses),
        )

    def verify(self, request: RawRequest) -> None:
        """Only providers' posts carry a proof; mails of the listener and of mailboxes never come through here."""
        if self._webhook is None:
            raise BadSignature("No mail provider is configured for webhooks.")
        self._webhook.verify(request)

    def challenge(self, request: RawRequest) -> RawResponse | None:
        return None

    def parse(self, request: RawRequest) -> Parsed:
        return self.unpack(request)[0]

    def read(self, request: RawRequest) -> ParsedMail:
        """The whole reading of a payload: the event and the files beside it. Same errors as ``parse``."""
        posted = self._posted(request)
        return self._read(posted.raw, self._rules, posted.delivery)

    def unpack(self, request: RawRequest) -> tuple[Parsed, Mapping[str, bytes]]:
        """``parse`` together with the bytes of the attached files, by ``Attachment.provider_id``."""
        posted = self._posted(request)
        mail = self._read(posted.raw, self._rules, posted.delivery)
        files = {file.attachment.provider_id or "": file.content for file in mail.files}
        event = sent_elsewhere(mail, self._rules) if _is_of_sent_folder(request) else mail.event
        return Parsed(events=(event,), control=posted.control), files

    def _posted(self, request: RawRequest) -> PostedMail:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == RAW_MAIL:
            named = request.headers.get(ENVELOPE_TO, "")
            recipients = tuple(part.strip() for part in named.split(",") if part.strip())
            return PostedMail(raw=request.body, delivery=Delivery(recipients=recipients))
        if self._webhook is None:
            raise InvalidInput("This is no mail.", field="content-type", fix=f"Hand in {RAW_MAIL}.")
        return self._webhook.mail(request)

    def acknowledge(self, request: RawRequest, events: Sequence[InboundEvent]) -> RawResponse:
        return RawResponse()

    async def send(self, message: Outgoing) -> Receipt:
        if self._relay is None:
            raise ChannelNeedsAttention("No mail relay is configured.")
        if message.automatic and self._automatic is not None:
            await self._automatic.count(message.to, message.thread_token or "", message.key, self._clock.now())
        message = replace(message, thread_token=self._signed(message.thread_token))
        return await send_mail(message, self._relay, self._clock.now(), self._letterhead, self._load_blob)

    def _signed(self, token: str | None) -> str | None:
        """A thread token as it may leave the house: a bare conversation id is signed, and never shown unsigned."""
        secret = self._rules.thread_secret
        if not token or not secret:
            return None
        return token if read_thread_token(secret, token) is not None else make_thread_token(secret, token)
