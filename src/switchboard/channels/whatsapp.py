"""WhatsApp Business: messages to the business's WhatsApp numbers, through Meta's Cloud API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx2

from switchboard.channels import http, meta, whatsapp_events
from switchboard.channels.fields import ident, objects, whole
from switchboard.channels.phones import phone_address
from switchboard.channels.splitting import split_text
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import Attachment, ChannelType
from switchboard.errors import ChannelNeedsAttention, DeliveryUnknown, RateLimited, Unavailable, Undeliverable
from switchboard.ports.channel import Capabilities, Outgoing, Parsed, RawRequest, RawResponse, Receipt

WINDOW = timedelta(hours=24)

CAPABILITIES = Capabilities(text_limit=4096, reply_window=WINDOW, max_buttons=3, rate_per_second=80.0)

MESSAGE_ID = "wamid."
"""WhatsApp's own message ids begin like this."""

WINDOW_ADVICE = "WhatsApp then takes only approved templates: wait for the customer or use another channel"

FAULTS: http.FaultTable = {
    **meta.GRAPH_FAULTS,
    **http.faults(RateLimited, "WhatsApp limits the rate", 80007, 130429, 131056, 133016),
    **http.faults(Unavailable, "WhatsApp has trouble", 131000, 131016, 131057),
    **http.faults(Undeliverable, f"the 24-hour window has closed. {WINDOW_ADVICE}", 131047),
    **http.faults(Undeliverable, "WhatsApp cannot deliver to this person: use another channel", 131026, 130472),
    **http.faults(Undeliverable, "WhatsApp holds this message back: try another channel, not again today", 131049),
    **http.faults(Undeliverable, "the customer stopped marketing messages", 131050),
    **http.faults(Undeliverable, "WhatsApp needs the phone number for this message", 131062),
    **http.faults(Undeliverable, "WhatsApp could not take the file", 131052, 131053),
    **http.faults(
        Undeliverable,
        "WhatsApp finds a wrong value in the message or template",
        *(131030, 131021, 131008, 131009, 131051, 135000),
        range(132000, 132017),
    ),
    **http.faults(
        ChannelNeedsAttention,
        "WhatsApp has blocked or limited this number, or the account is unpaid: look at the business manager",
        *(131048, 368, 131031, 130497, 131042, 131064),
    ),
    **http.faults(ChannelNeedsAttention, "a permission is missing: reconnect the channel", 131005),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsApp:
    """One WhatsApp Business number: ``phone_number_id`` speaks where a message names no account."""

    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    access_token: str = field(repr=False)
    phone_number_id: str
    client: httpx2.AsyncClient
    now: Callable[[], datetime]
    base_url: str = "https://graph.facebook.com/v23.0"
    timeout: float = 10.0

    @property
    def type(self) -> ChannelType:
        return ChannelType.WHATSAPP

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def verify(self, request: RawRequest) -> None:
        meta.verify(request, self.app_secret)

    def challenge(self, request: RawRequest) -> RawResponse | None:
        return meta.challenge(request, self.verify_token)

    def parse(self, request: RawRequest) -> Parsed:
        return whatsapp_events.read_webhook(request.body)

    def acknowledge(self, request: RawRequest, events: Sequence[InboundEvent]) -> RawResponse:
        return RawResponse()

    async def send(self, message: Outgoing) -> Receipt:
        """WhatsApp has no idempotency key: our key goes along and comes back with every status."""
        now = self.now()
        http.require_window(message, WINDOW, now, WINDOW_ADVICE)
        bodies = _bodies(message)
        http.require_something(bodies)
        path = f"{message.account or self.phone_number_id}/messages"

        async def send_one(body: Mapping[str, object]) -> str:
            answer = await self._graph().post(path, {**_envelope(message), **body}, now=now)
            taken = [found for item in objects(answer, "messages") if (found := ident(item, "id"))]
            if not taken:
                raise DeliveryUnknown("WhatsApp answered without a message id")
            return taken[0]

        return await http.deliver(bodies, send_one)

    def _graph(self) -> meta.Graph:
        return meta.Graph(
            client=self.client,
            base_url=self.base_url,
            access_token=self.access_token,
            faults=FAULTS,
            subcodes={},
            timeout=self.timeout,
        )


def _envelope(message: Outgoing) -> dict[str, object]:
    envelope: dict[str, object] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "biz_opaque_callback_data": meta.marker_of(message.key)[:512],
    }
    phone = phone_address(message.to)
    if phone.startswith("+"):
        envelope["to"] = phone.removeprefix("+")
    else:
        envelope["recipient"] = message.to
    return envelope


def _bodies(message: Outgoing) -> list[Mapping[str, object]]:
    texts = split_text(whole(message.text), CAPABILITIES.text_limit)
    bodies: list[Mapping[str, object]] = [
        *({"type": "text", "text": {"body": part, "preview_url": False}} for part in texts),
        *(_linked(attachment) for attachment in message.attachments),
    ]
    quoted = message.in_reply_to
    if bodies and quoted and quoted.startswith(MESSAGE_ID):  # only the first part quotes; made-up ids cannot be quoted
        bodies[0] = {**bodies[0], "context": {"message_id": quoted}}
    return bodies


def _linked(attachment: Attachment) -> Mapping[str, object]:
    kind = attachment.kind if attachment.kind in ("image", "video", "audio", "sticker") else "document"
    if attachment.url is None:
        raise Undeliverable("An attachment has no public link: only files that WhatsApp can fetch can be sent")
    media = {"link": attachment.url}
    if kind == "document" and attachment.name:
        media["filename"] = attachment.name[:240]
    return {"type": kind, kind: media}
