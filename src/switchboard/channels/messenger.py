"""Messenger and Instagram are one channel in two dresses: this is what they share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar

import httpx2

from switchboard.channels import http, messenger_events, meta, meta_webhooks
from switchboard.channels.fields import ident, whole
from switchboard.channels.files import OutgoingFile, load_file
from switchboard.channels.splitting import split_text
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import Attachment, ChannelType, Choice
from switchboard.errors import (
    ChannelNeedsAttention,
    DeliveryUnknown,
    InvalidInput,
    NotFound,
    RateLimited,
    Unavailable,
    Undeliverable,
)
from switchboard.ports.channel import (
    Capabilities,
    FetchedFile,
    LoadFile,
    Outgoing,
    Parsed,
    RawRequest,
    RawResponse,
    Receipt,
    with_numbered_choices,
)
from switchboard.ports.fetcher import Fetcher

HUMAN_AGENT_WINDOW = timedelta(days=7)

WINDOW_ADVICE = "Meta takes no free text then: reach the customer on another channel"

FAULTS: http.FaultTable = {
    **meta.GRAPH_FAULTS,
    **http.faults(Unavailable, "Meta has trouble", 1200),
    **http.faults(Undeliverable, "the person cannot be reached at the moment (left or blocked us)", 551),
    **http.faults(Undeliverable, "the person is unknown to this account", 9010),
    **http.faults(Undeliverable, "the person has not agreed to share a profile", 230),
}

SUBCODES: http.FaultTable = {
    **http.faults(Undeliverable, f"the reply window has closed. {WINDOW_ADVICE}", 2018278, 2534022),
    **http.faults(Undeliverable, "the person is unknown to this account", 2018001, 2534014),
    **http.faults(Undeliverable, "the person cannot be reached: blocked us or deleted the chat", 1545041),
    **http.faults(RateLimited, "Meta limits the rate", 2018022),
    **http.faults(Undeliverable, "another app holds this conversation: take it over there first", 2018300),
    **http.faults(Undeliverable, "Meta could not take the file", 2018047, 2018008, 2534068),
    **http.faults(ChannelNeedsAttention, "the app may not send: ask Meta for the messaging permission", 2018027),
}
"""Looked up before ``FAULTS``: they tell apart what one code mixes."""

QUICK_REPLIES, QUICK_TITLE, QUICK_PAYLOAD = 13, 20, 1000

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dress:
    """What tells the two apart. ``comments``: the path, below a comment, where a public answer is posted and the member
    that holds its words; ``platform``: how an upload names the product; ``own_speaker``: whether the page's id speaks
    (else the owner of the token)."""

    type: ChannelType
    capabilities: Capabilities
    comments: str
    own_speaker: bool = False
    platform: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessengerChannel:
    """One page or account. ``now`` tells the time; ``app_id`` is our Meta app: its echoes are our own words coming back.

    ``human_agent``: Meta granted the permission to answer for 7 days; ``public``: comments are taken in and answered;
    ``read_marks``: customers see that their messages are read and that an answer is being written. ``load`` opens
    stored files of ours, ``fetcher`` gets those of customers.
    """

    dress: ClassVar[Dress]

    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    access_token: str = field(repr=False)
    client: httpx2.AsyncClient
    now: Callable[[], datetime]
    app_id: str | None = None
    human_agent: bool = False
    public: bool = False
    read_marks: bool = True
    load: LoadFile | None = None
    fetcher: Fetcher | None = None
    base_url: str = "https://graph.facebook.com/v23.0"
    timeout: float = 10.0

    @property
    def type(self) -> ChannelType:
        return self.dress.type

    @property
    def capabilities(self) -> Capabilities:
        return replace(
            self.dress.capabilities,
            fetches_media=self.fetcher is not None,
            signals=self.read_marks,
            public=self.public,
            human_window=HUMAN_AGENT_WINDOW if self.human_agent else None,
        )

    def verify(self, request: RawRequest) -> None:
        meta.verify(request, self.app_secret)

    def challenge(self, request: RawRequest) -> RawResponse | None:
        return meta.challenge(request, self.verify_token)

    def parse(self, request: RawRequest) -> Parsed:
        return meta_webhooks.read_webhook(request.body, self.type, own_app=self.app_id, public=self.public)

    def acknowledge(self, request: RawRequest, events: Sequence[InboundEvent]) -> RawResponse:
        return RawResponse()

    async def send(self, message: Outgoing) -> Receipt:
        """Text, then each file as a message of its own; answers to tap come last, since they vanish with the next message.
        Raises what ``Channel.send`` raises."""
        if message.public_reply_to is not None:
            return await self._comment(message)
        now = self.now()
        envelope = _envelope(message, self.capabilities, now)
        words, files = _texts(message, self.capabilities), await self._files(message, now)
        bodies = [*files, *words] if message.choices else [*words, *files]
        http.require_something(bodies)

        async def send_one(body: Body) -> str:
            marked = {**body, "metadata": meta.marker_of(message.key)}
            path = f"{self._speaker(message.account)}/messages"
            taken = ident(await self._graph().post(path, {**envelope, "message": marked}, now=now), "message_id")
            if taken is None:
                raise DeliveryUnknown("Meta answered without a message id")
            return taken

        return await http.deliver(bodies, send_one)

    async def _files(self, message: Outgoing, now: datetime) -> list[Body]:
        """Stored files are handed over before the first word goes out; linked ones Meta fetches itself."""
        bodies: list[Body] = []
        for attachment in message.attachments:
            if attachment.blob_id is None and attachment.url is not None:
                bodies.append(_linked(attachment, attachment.url))
            else:
                file = await load_file(message, attachment, self.capabilities, self.load)
                bodies.append(_attached(file.kind, {"attachment_id": await self._upload(file, message.account, now)}))
        return bodies

    async def _upload(self, file: OutgoingFile, account: str, now: datetime) -> str:
        described = {"attachment": {"type": file.kind, "payload": {"is_reusable": True}}}
        fields = {"message": json.dumps(described)}
        if self.dress.platform is not None:
            fields["platform"] = self.dress.platform
        path = f"{self._speaker(account)}/message_attachments"
        taken = ident(await self._graph().upload(path, fields, {"filedata": file.part}, now=now), "attachment_id")
        if taken is None:
            raise Unavailable("Meta took a file but gave no id for it")
        return taken

    async def _comment(self, message: Outgoing) -> Receipt:
        """A public answer below a comment."""
        if message.automatic:
            raise Undeliverable("Only people answer in public: a machine's words stay private")
        if message.attachments:
            raise Undeliverable("A public answer carries no files: send them in a private message")
        parts = split_text(whole(with_numbered_choices(message).text), self.dress.capabilities.public_text_limit)
        http.require_something(parts)
        path = f"{message.public_reply_to}/{self.dress.comments}"

        async def send_one(part: str) -> str:
            taken = ident(await self._graph().post(path, {"message": part}, now=self.now()), "id")
            if taken is None:
                raise DeliveryUnknown("Meta answered without an id of the comment")
            return taken

        return await http.deliver(parts, send_one)

    async def fetch(self, account: str, attachment: Attachment, most: int) -> FetchedFile:
        """By the link in the payload, which needs no token and expires."""
        if self.fetcher is None:
            raise InvalidInput("this channel is not set up to fetch files")
        if attachment.url is None:
            raise NotFound(f"{messenger_events.NAMES[self.type]} gave no link to this file")
        file = await self.fetcher.get(
            attachment.url, lambda url: {}, hosts=meta.FILE_HOSTS, base_url=self.base_url, most=most
        )
        return replace(file, name=attachment.name or file.name)

    async def signal(self, account: str, to: str, external_id: str | None, *, typing: bool) -> None:
        action = "typing_on" if typing else "mark_seen"
        body = {"recipient": _recipient(to), "sender_action": action}
        await self._graph().post(f"{self._speaker(account)}/messages", body, now=self.now())

    def _speaker(self, account: str) -> str:
        return account if self.dress.own_speaker and account else "me"

    def _graph(self) -> meta.Graph:
        return meta.Graph(
            client=self.client,
            base_url=self.base_url,
            access_token=self.access_token,
            faults=FAULTS,
            subcodes=SUBCODES,
            timeout=self.timeout,
        )


def _envelope(message: Outgoing, limits: Capabilities, now: datetime) -> dict[str, object]:
    """Recipient and kind of message. After the window only a person may write, and only with Meta's permission."""
    opened, window = message.window_opened_at, limits.reply_window
    late = opened is not None and window is not None and now - opened > window
    tagged = late and limits.human_window is not None and not message.automatic
    if window is not None:
        allowed = limits.human_window if tagged and limits.human_window is not None else window
        http.require_window(message, allowed, now, WINDOW_ADVICE)
    envelope: dict[str, object] = {"recipient": _recipient(message.to), "messaging_type": "RESPONSE"}
    if tagged:
        envelope.update(messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")
    return envelope


def _recipient(to: str) -> dict[str, str]:
    reference = to.removeprefix("user_ref:")
    return {"id": to} if reference == to else {"user_ref": reference}


def _texts(message: Outgoing, limits: Capabilities) -> list[Body]:
    """The words in parts; what can be tapped hangs at the last."""
    if message.choices and not _tappable(message.choices):
        message = with_numbered_choices(message)
    bodies: list[Body] = [
        {"text": part} for part in split_text(whole(message.text), limits.text_limit, limits.text_unit)
    ]
    if bodies and message.choices:
        quick = [{"content_type": "text", "title": c.title, "payload": c.id} for c in message.choices]
        bodies[-1] = {**bodies[-1], "quick_replies": quick}
    return bodies


def _tappable(choices: Sequence[Choice]) -> bool:
    return len(choices) <= QUICK_REPLIES and all(
        len(c.title) <= QUICK_TITLE and len(c.id) <= QUICK_PAYLOAD and not c.description for c in choices
    )


def _linked(attachment: Attachment, link: str) -> Body:
    kind = attachment.kind if attachment.kind in ("image", "video", "audio") else "file"
    return _attached(kind, {"url": link})


def _attached(kind: str, payload: Mapping[str, str]) -> Body:
    return {"attachment": {"type": kind, "payload": payload}}
