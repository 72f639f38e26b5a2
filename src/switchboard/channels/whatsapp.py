"""WhatsApp Business: messages to the business's WhatsApp numbers, through Meta's Cloud API."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx2

from switchboard.channels import http, meta, meta_webhooks, whatsapp_templates
from switchboard.channels.fields import ident, objects, text
from switchboard.channels.files import OutgoingFile, load_file
from switchboard.channels.whatsapp_faults import FAULTS, WINDOW_ADVICE
from switchboard.channels.whatsapp_outgoing import (
    BODY_LIMIT,
    BUTTON_TITLE,
    BUTTONS,
    MESSAGE_ID,
    ROW_DESCRIPTION,
    ROW_TITLE,
    ROWS,
    bodies_of,
    envelope_of,
)
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import Attachment, ChannelType
from switchboard.errors import (
    ChannelNeedsAttention,
    DeliveryUnknown,
    InvalidInput,
    NotFound,
    Unavailable,
    Undeliverable,
)
from switchboard.ports.channel import (
    Capabilities,
    FetchedFile,
    LoadFile,
    MediaRule,
    MessageTemplate,
    Outgoing,
    Parsed,
    RawRequest,
    RawResponse,
    Receipt,
)
from switchboard.ports.fetcher import Fetcher

WINDOW = timedelta(hours=24)
_MB = 1024 * 1024

CAPABILITIES = Capabilities(
    text_limit=4096,
    reply_window=WINDOW,
    max_buttons=BUTTONS,
    max_rows=ROWS,
    button_title=BUTTON_TITLE,
    row_title=ROW_TITLE,
    row_description=ROW_DESCRIPTION,
    choice_text=BODY_LIMIT,
    rate_per_second=80.0,
    templates=True,
    fetches_media=True,
    signals=True,
    media=(
        MediaRule(kind="image", max_bytes=5 * _MB, content_types=("image/jpeg", "image/png")),
        MediaRule(kind="video", max_bytes=16 * _MB, content_types=("video/mp4", "video/3gpp")),
        MediaRule(
            kind="audio",
            max_bytes=16 * _MB,
            content_types=("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
        ),
        MediaRule(kind="sticker", max_bytes=500 * 1024, content_types=("image/webp",)),
        MediaRule(kind="document", max_bytes=100 * _MB),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsApp:
    """One WhatsApp Business number: ``phone_number_id`` speaks where a message names no account.

    ``business_account_id`` owns the approved templates. ``load`` opens stored files of ours, ``fetcher`` gets those of
    customers; ``read_marks``: customers see that their messages are read and that an answer is being written.
    """

    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    access_token: str = field(repr=False)
    phone_number_id: str
    client: httpx2.AsyncClient
    now: Callable[[], datetime]
    business_account_id: str = ""
    read_marks: bool = True
    load: LoadFile | None = None
    fetcher: Fetcher | None = None
    base_url: str = "https://graph.facebook.com/v23.0"
    timeout: float = 10.0

    @property
    def type(self) -> ChannelType:
        return ChannelType.WHATSAPP

    @property
    def capabilities(self) -> Capabilities:
        return replace(
            CAPABILITIES,
            signals=self.read_marks,
            fetches_media=self.fetcher is not None,
            templates=bool(self.business_account_id),
        )

    def verify(self, request: RawRequest) -> None:
        meta.verify(request, self.app_secret)

    def challenge(self, request: RawRequest) -> RawResponse | None:
        return meta.challenge(request, self.verify_token)

    def parse(self, request: RawRequest) -> Parsed:
        return meta_webhooks.read_webhook(request.body, ChannelType.WHATSAPP)

    def acknowledge(self, request: RawRequest, events: Sequence[InboundEvent]) -> RawResponse:
        return RawResponse()

    async def send(self, message: Outgoing) -> Receipt:
        """WhatsApp has no idempotency key: our key goes along and comes back with every status."""
        now = self.now()
        if message.template is None:
            http.require_window(message, WINDOW, now, WINDOW_ADVICE)
        bodies = bodies_of(message, await self._uploaded(message, now))
        http.require_something(bodies)
        path = f"{self._speaker(message.account)}/messages"

        async def send_one(body: Mapping[str, object]) -> str:
            answer = await self._graph().post(path, {**envelope_of(message), **body}, now=now)
            taken = [found for item in objects(answer, "messages") if (found := ident(item, "id"))]
            if not taken:
                raise DeliveryUnknown("WhatsApp answered without a message id")
            return taken[0]

        return await http.deliver(bodies, send_one)

    async def _uploaded(self, message: Outgoing, now: datetime) -> list[tuple[OutgoingFile, str]]:
        """Every stored file, handed to WhatsApp under an id, before the first word goes out."""
        taken: list[tuple[OutgoingFile, str]] = []
        for attachment in message.attachments:
            if attachment.blob_id is None and attachment.url is not None:
                continue
            file = await load_file(message, attachment, CAPABILITIES, self.load)
            fields = {"messaging_product": "whatsapp", "type": file.content_type}
            path = f"{self._speaker(message.account)}/media"
            media_id = ident(await self._graph().upload(path, fields, {"file": file.part}, now=now), "id")
            if media_id is None:
                raise Unavailable("WhatsApp took a file but gave no id for it")
            taken.append((file, media_id))
        return taken

    async def fetch(self, account: str, attachment: Attachment, most: int) -> FetchedFile:
        """By media id: WhatsApp gives a link that lasts five minutes. What it sends must be what it announced."""
        if self.fetcher is None:
            raise InvalidInput("this channel is not set up to fetch files")
        link, details = attachment.url, dict(attachment.details)
        if attachment.provider_id is not None:
            try:
                found = await self._graph().get(quote(attachment.provider_id, safe=""), {}, now=self.now())
            except Undeliverable as gone:
                if isinstance(gone, ChannelNeedsAttention):
                    raise
                raise NotFound("WhatsApp no longer has this file") from gone
            link = ident(found, "url") or link
            details["sha256_hex"] = text(found, "sha256") or ""
        if link is None:
            raise NotFound("WhatsApp gave neither a link nor an id for this file")
        file = await self.fetcher.get(
            link, lambda url: self._graph().authorization(), hosts=meta.FILE_HOSTS, base_url=self.base_url, most=most
        )
        if not _is_whole(file.data, details):
            raise Unavailable("the file arrived damaged")
        return replace(
            file, name=attachment.name or file.name, content_type=attachment.content_type or file.content_type
        )

    async def signal(self, account: str, to: str, external_id: str | None, *, typing: bool) -> None:
        """WhatsApp shows typing together with the read mark of a message, for 25 seconds at most."""
        if external_id is None or not external_id.startswith(MESSAGE_ID):
            return
        body: dict[str, object] = {"messaging_product": "whatsapp", "status": "read", "message_id": external_id}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        await self._graph().post(f"{self._speaker(account)}/messages", body, now=self.now())

    async def list_templates(self) -> tuple[MessageTemplate, ...]:
        return await whatsapp_templates.fetch_templates(self._graph(), self.business_account_id, now=self.now())

    def _speaker(self, account: str) -> str:
        return account or self.phone_number_id

    def _graph(self) -> meta.Graph:
        return meta.Graph(
            client=self.client,
            base_url=self.base_url,
            access_token=self.access_token,
            faults=FAULTS,
            subcodes={},
            timeout=self.timeout,
        )


def _is_whole(data: bytes, details: Mapping[str, str]) -> bool:
    """Webhooks give the SHA-256 in base64, the Graph API in hex; a value that is neither says nothing."""
    digest = hashlib.sha256(data)
    announced = details.get("sha256_hex") or ""
    if len(announced) == 64:
        return announced.lower() == digest.hexdigest()
    try:
        expected = b64decode(details.get("sha256", ""), validate=True)
    except (NotBase64, ValueError):
        return True
    return len(expected) != 32 or expected == digest.digest()
