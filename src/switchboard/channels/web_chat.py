"""Web chat: the conversation window on the business's own website, spoken by our widget (docs/channels/web_chat.md)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from switchboard.domain.customer import Evidence
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import Attachment, ChannelType, DeliveryState, MessageContent
from switchboard.errors import BadSignature, InvalidInput, Undeliverable
from switchboard.ports.channel import Capabilities, MediaRule, Outgoing, Parsed, RawRequest, RawResponse, Receipt
from switchboard.ports.hub import Hub
from switchboard.ports.web_chat import Visitor

ACCOUNT = "widget"
LONGEST = 4000
LIFETIME = timedelta(days=180)
TOKEN_HEADER = "x-visitor-token"
LONGEST_TOKEN = 2000
MOST_ANSWERS = 800
"""Bytes: the answers travel in the token."""
CAPABILITIES = Capabilities(
    idempotent=True, live=True, signals=True, media=(MediaRule(kind="file", max_bytes=25 * 1024 * 1024),)
)

TICKET_LIFETIME = timedelta(hours=24)
"""How long a link to a file opens it; coming back to the chat makes a new one."""


class Claims(BaseModel):
    """What a token says, inside its signature."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    address: str = Field(pattern=r"^vis_[0-9a-f]{32}$")
    expires: int
    user_id: str | None = Field(default=None, max_length=200)
    name: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=254)
    answers: dict[str, str] = Field(default={}, max_length=10)


class UploadFrame(BaseModel):
    """A file of a visitor, with words if there are any."""

    model_config = ConfigDict(frozen=True)
    client_id: str = Field(pattern=r"^[\w-]{8,64}$")
    text: str = Field(default="", max_length=LONGEST)
    payload: None = None
    page: str | None = Field(default=None, max_length=500)


class MessageFrame(BaseModel):
    """A visitor's message. ``client_id`` is the widget's own; the same one sent twice is one message."""

    model_config = ConfigDict(frozen=True)
    type: Literal["message"]
    client_id: str = Field(pattern=r"^[\w-]{8,64}$")
    text: str = Field(min_length=1, max_length=LONGEST)
    payload: str | None = Field(default=None, max_length=200)
    page: str | None = Field(default=None, max_length=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorTokens:
    """Stateless tokens, signed with ``secret`` (32 bytes or more). ``site_secret`` is shared with the host site, whose
    server signs the ids of people who are signed in there: hex HMAC-SHA-256 of the user id."""

    secret: bytes = field(repr=False)
    site_secret: bytes | None = field(default=None, repr=False)

    def issue(
        self,
        now: datetime,
        *,
        user_id: str | None = None,
        name: str | None = None,
        email: str | None = None,
        signature: str | None = None,
        known: str | None = None,
        answers: Mapping[str, str] | None = None,
    ) -> str:
        if user_id is not None:
            self._check_site(signed_text(user_id, email), signature)
        if (
            sum(len(f"{name}{told}".encode("utf-8", "replace")) for name, told in (answers or {}).items())
            > MOST_ANSWERS
        ):
            raise InvalidInput("the answers are too long", field="answers", limit=f"{MOST_ANSWERS} bytes together")
        before = self.read(known, now) if known else None
        address = before.address if before else f"vis_{secrets.token_hex(16)}"
        claims = Claims(
            address=address,
            expires=int((now + LIFETIME).timestamp()),
            user_id=user_id,
            name=name if user_id else None,
            email=email if user_id else None,
            answers=dict(answers) if answers else dict(before.answers) if before else {},
        )
        body = (
            base64.urlsafe_b64encode(claims.model_dump_json(exclude_none=True, exclude_defaults=True).encode())
            .decode()
            .rstrip("=")
        )
        return f"{body}.{self._sign(body)}"

    def read(self, token: str, now: datetime) -> Visitor:
        body, _, signature = token[: LONGEST_TOKEN + 1].partition(".")
        if len(token) > LONGEST_TOKEN or not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            raise BadSignature("the visitor token is not ours", fix="open a new chat session")
        claims = _claims(body)
        expires = datetime.fromtimestamp(claims.expires, UTC)
        if now >= expires:
            raise BadSignature("the visitor token is too old", fix="open a new chat session")
        return Visitor(
            address=claims.address,
            expires_at=expires,
            user_id=claims.user_id,
            name=claims.name,
            email=claims.email,
            answers=claims.answers,
        )

    def ticket(self, message_id: str, place: int, now: datetime) -> str:
        body = f"{message_id}.{place}.{int((now + TICKET_LIFETIME).timestamp())}"
        return f"{body}.{self._sign(f'file:{body}')}"

    def read_ticket(self, ticket: str, now: datetime) -> tuple[str, int]:
        body, _, signature = ticket[:LONGEST_TOKEN].rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(f"file:{body}").encode()):
            raise BadSignature("the link to this file is not ours", fix="open the chat again")
        message_id, place, expires = body.rsplit(".", 2)
        if now.timestamp() >= int(expires):
            raise BadSignature("the link to this file is too old", fix="open the chat again")
        return message_id, int(place)

    def _sign(self, body: str) -> str:
        return hmac.new(self.secret, body.encode(), hashlib.sha256).hexdigest()

    def _check_site(self, signed: str, signature: str | None) -> None:
        if self.site_secret is None or not signature:
            raise BadSignature("the visitor's identity is not signed by the website", field="signature")
        right = hmac.new(self.site_secret, signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right.encode(), signature.lower().encode()):
            raise BadSignature("the website's signature of the visitor does not match", field="signature")


def signed_text(user_id: str, email: str | None) -> str:
    """What the host site signs: the user id, and the e-mail address after a line break if it gives one."""
    return f"{user_id}\n{email}" if email else user_id


def _claims(body: str) -> Claims:
    try:
        return Claims.model_validate_json(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValidationError, binascii.Error, ValueError):
        raise BadSignature("the visitor token does not read") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebChat:
    """Fulfils ``ports.channel.Channel`` for frames of our own widget, handed in by the socket's door.

    Sending means telling the visitor's open windows that something is there for them (topic ``chat:<visitor>``): they
    read it from the store. A visitor who is away finds it on coming back, so nothing is lost.
    """

    tokens: VisitorTokens
    hub: Hub

    @property
    def type(self) -> ChannelType:
        return ChannelType.WEB_CHAT

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def verify(self, request: RawRequest) -> None:
        self.tokens.read(request.headers.get(TOKEN_HEADER, ""), request.received_at)

    def challenge(self, request: RawRequest) -> RawResponse | None:
        return None

    def parse(self, request: RawRequest) -> Parsed:
        visitor = self.tokens.read(request.headers.get(TOKEN_HEADER, ""), request.received_at)
        try:
            frame = MessageFrame.model_validate_json(request.body)
        except ValidationError as error:
            place = ".".join(str(part) for part in error.errors()[0]["loc"]) or "frame"
            raise InvalidInput("the message cannot be read", field=place, limit=f"1 to {LONGEST} characters") from None
        return Parsed(events=(to_event(visitor, frame, request.received_at),))

    def acknowledge(self, request: RawRequest, events: Sequence[InboundEvent]) -> RawResponse:
        return RawResponse()

    async def send(self, message: Outgoing) -> Receipt:
        if not message.to.startswith("vis_"):
            raise Undeliverable("the address is not that of a website visitor", field="to")
        self.hub.publish(topic_of(message.to), {"message_id": message.key})
        return Receipt(external_ids=(message.key,))

    async def signal(self, account: str, to: str, external_id: str | None, *, typing: bool) -> None:
        """Shows in the visitor's open windows that somebody reads or writes; whoever is away misses nothing."""
        client_id = (external_id or "").rpartition(":")[2]
        self.hub.publish(topic_of(to), {"what": "typing"} if typing else {"what": "read", "client_id": client_id})


def topic_of(visitor: str) -> str:
    return f"chat:{visitor}"


def read_event(visitor: Visitor, at: datetime) -> InboundEvent:
    """The visitor has seen everything that we sent until now."""
    return InboundEvent(
        kind=InboundKind.STATUS,
        channel=ChannelType.WEB_CHAT,
        account=ACCOUNT,
        external_id=f"{visitor.address}:read:{int(at.timestamp() * 1000)}",
        senders=senders_of(visitor),
        delivery=DeliveryState.READ,
        metadata={"watermark": at.isoformat()},
    )


def to_event(
    visitor: Visitor, frame: MessageFrame | UploadFrame, at: datetime, attachments: tuple[Attachment, ...] = ()
) -> InboundEvent:
    """A message in our words. What the host site signed stands beside the visitor's address as verified; what the
    visitor only told us (``answers``) proves nothing and is shown to agents as told."""
    metadata = {"reply_to": visitor.address} | ({"page": frame.page} if frame.page else {})
    metadata |= {f"told:{name}": value for name, value in visitor.answers.items()}
    return InboundEvent(
        kind=InboundKind.MESSAGE,
        channel=ChannelType.WEB_CHAT,
        account=ACCOUNT,
        external_id=f"{visitor.address}:{frame.client_id}",
        senders=senders_of(visitor),
        sender_name=visitor.name or visitor.answers.get("name"),
        content=MessageContent(text=frame.text, payload=frame.payload, attachments=attachments),
        sent_at=at,
        session=visitor.address,
        metadata=metadata,
    )


def senders_of(visitor: Visitor) -> tuple[SenderAddress, ...]:
    signed = visitor.user_id is not None
    known = Evidence.SIGNED_VISITOR
    senders = [
        SenderAddress(
            channel=ChannelType.WEB_CHAT,
            address=visitor.address,
            account=ACCOUNT,
            verified=signed,
            evidence=known if signed else Evidence.CLAIMED,
        )
    ]
    if visitor.user_id is not None:
        site = f"user:{visitor.user_id}"
        senders.append(
            SenderAddress(channel=ChannelType.WEB_CHAT, address=site, account=ACCOUNT, verified=True, evidence=known)
        )
    if visitor.email is not None:
        senders.append(SenderAddress(channel=ChannelType.EMAIL, address=visitor.email, verified=True, evidence=known))
    return tuple(senders)
