"""What every channel does: check where a payload comes from, read it, answer its challenges, send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import Attachment, ChannelType


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """A provider's HTTP request, untouched. ``headers`` have lower-case names; ``body`` is the raw bytes that were
    signed; ``query`` and ``url`` come from the request line, ``url`` with our configured public base address."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResponse:
    """What the provider hears at once."""

    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """Everything found in one payload. ``control`` are operational notices (kind, detail): logged and counted."""

    events: tuple[InboundEvent, ...] = ()
    control: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can carry, as data: the composer, the splitter and the docs read it.

    ``text_limit`` counts ``text_unit`` ("characters" or "bytes"); None = no limit. ``reply_window``: how long after the
    customer's last message free text may be sent; None = always. ``idempotent``: the provider takes our key, so that a
    repeated send has one effect. ``live``: somebody is on the line now (voice, web chat).
    """

    text_limit: int | None = None
    text_unit: str = "characters"
    reply_window: timedelta | None = None
    attachments: bool = True
    max_buttons: int = 0
    subject: bool = False
    idempotent: bool = False
    live: bool = False
    rate_per_second: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message on its way out. ``key`` is ours, stable over retries (idempotency key or marker in the payload).

    ``to`` is the customer's address on this channel and ``account`` the number, page or mailbox that speaks.
    ``window_opened_at`` is when the customer last wrote on this channel. ``in_reply_to`` and ``references`` are external
    ids (mail threading, quoting). ``automatic`` marks machine-written text. ``thread_token`` lets answers find back.
    """

    key: str
    channel: ChannelType
    account: str
    to: str
    text: str
    subject: str | None = None
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    automatic: bool = False
    window_opened_at: datetime | None = None
    thread_token: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The provider took it. ``external_ids``: one id for each part the text was split into."""

    external_ids: tuple[str, ...]


class Channel(Protocol):
    """A channel. ``verify`` and ``parse`` are pure; ``send`` is the only I/O.

    ``verify`` raises ``BadSignature``; ``parse`` raises ``InvalidInput`` only for a body that is not this provider's at
    all, and otherwise returns every event of the batch, unknown kinds included (as ``UNSUPPORTED`` or ``IGNORED``).
    ``send`` raises ``Unavailable``/``RateLimited`` (try again), ``Undeliverable`` (never), ``DeliveryUnknown``
    (the answer was lost) or ``ChannelNeedsAttention``.
    """

    @property
    def type(self) -> ChannelType: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def verify(self, request: RawRequest) -> None: ...

    def challenge(self, request: RawRequest) -> RawResponse | None:
        """The answer to a provider's subscription check, or None if the request is not one. Raises ``Forbidden``."""
        ...

    def parse(self, request: RawRequest) -> Parsed: ...

    def acknowledge(self, request: RawRequest, events: Sequence[InboundEvent]) -> RawResponse:
        """What the provider hears once everything is durable (TwiML for voice, else an empty 200)."""
        ...

    async def send(self, message: Outgoing) -> Receipt: ...


@runtime_checkable
class BringsFiles(Protocol):
    """A channel whose payloads hold the files themselves (mail), not links to them."""

    def unpack(self, request: RawRequest) -> tuple[Parsed, Mapping[str, bytes]]:
        """``parse``, and the bytes of each file by ``Attachment.provider_id``."""
        ...
