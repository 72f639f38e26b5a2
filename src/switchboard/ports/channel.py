"""What every channel does: check where a payload comes from, read it, answer its challenges, send."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from switchboard.conversations.copies import CopyRule
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import Attachment, ChannelType, Choice
from switchboard.errors import InvalidInput, TooLarge

LoadFile = Callable[[str, str], Awaitable[bytes]]
"""The bytes of a stored file, by customer id and ``blob_id``. Raises ``NotFound`` and ``Erased``."""


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
    """Everything found in one payload. ``control`` are operational notices (kind, detail): logged and counted.
    ``unread`` names the places of the payload that should hold events and cannot be read."""

    events: tuple[InboundEvent, ...] = ()
    control: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


class ChoicesAs(StrEnum):
    """How choices reach the customer."""

    BUTTONS = "buttons"
    LIST = "list"
    NUMBERED = "numbered"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRule:
    """Files of one ``kind`` that a channel carries: at most ``max_bytes`` each, of these ``content_types`` (a name that
    ends with ``/`` stands for the whole family; empty: any)."""

    kind: str
    max_bytes: int
    content_types: tuple[str, ...] = ()

    def takes(self, content_type: str) -> bool:
        known = self.content_types
        return not known or any(
            content_type == name or (name.endswith("/") and content_type.startswith(name)) for name in known
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can carry, as data: the composer, the splitter and the docs read it.

    ``text_limit`` counts ``text_unit`` ("characters" or "bytes"); None = no limit. ``reply_window``: how long after the
    customer's last message free text may be sent; None = always. ``idempotent``: the provider takes our key, so that a
    repeated send has one effect. ``live``: somebody is on the line now (voice, web chat).

    ``media``: the files that we may send, first fitting rule wins; empty: see ``attachments``. ``max_buttons`` and
    ``max_rows``: choices shown as buttons, or as a list; more of them become numbered text. ``templates``: approved texts
    may be sent after the window. ``human_window``: how long a person may answer where the provider allows people more.
    ``fetches_media``: files of incoming messages are fetched and kept. ``signals``: the customer can be shown that we
    read or type. ``public``: public posts that name us are taken in; ``public_text_limit`` holds for answers to them, counted in
    ``public_text_unit`` ("weighted": as X counts a post, see ``splitting``).
    ``button_title``, ``row_title``, ``row_description``: the longest words that a button or a row of the list shows, in
    characters; ``choice_text``: the most text that may stand above them. ``calls``: people speak with each other;
    customers wait in a queue, and are called from the desk. ``copies``: others may get a copy of an answer (mail).
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
    media: tuple[MediaRule, ...] = ()
    max_rows: int = 0
    templates: bool = False
    human_window: timedelta | None = None
    fetches_media: bool = False
    signals: bool = False
    public: bool = False
    public_text_limit: int | None = None
    public_text_unit: str = "characters"
    button_title: int | None = None
    row_title: int | None = None
    row_description: int | None = None
    choice_text: int | None = None
    calls: bool = False
    copies: CopyRule | None = None

    def shown_as(self, choices: Sequence[Choice]) -> ChoicesAs:
        """What the customer will see of these choices."""
        longest = max((len(choice.title) for choice in choices), default=0)
        described = max((len(choice.description or "") for choice in choices), default=0)
        if len(choices) <= self.max_buttons and not described and longest <= (self.button_title or longest):
            return ChoicesAs.BUTTONS
        fits = longest <= (self.row_title or longest) and described <= (self.row_description or described)
        return ChoicesAs.LIST if len(choices) <= self.max_rows and fits else ChoicesAs.NUMBERED

    def carries(self, attachment: Attachment) -> MediaRule:
        """The rule under which a file of ours may go out. What is too big for its own kind may still go as a document.

        Raises ``TooLarge`` or ``InvalidInput`` naming the limit and what to do."""
        if not self.attachments or not self.media:
            raise InvalidInput("this channel carries no files", field="attachments", fix="send it by e-mail")
        kind, size = attachment.kind, attachment.size or 0
        content_type = attachment.content_type or "application/octet-stream"
        fitting = [r for r in self.media if r.takes(content_type) and (r.kind == kind or r.kind in _ANY_FILE)]
        if not fitting:
            known = ", ".join(dict.fromkeys(name for rule in self.media for name in rule.content_types))
            raise InvalidInput(
                "this channel does not carry files of this kind",
                field="attachments",
                limit=known,
                fix="convert the file or use another channel",
            )
        roomy = [rule for rule in fitting if size <= rule.max_bytes]
        if not roomy:
            most = max(rule.max_bytes for rule in fitting)
            raise TooLarge(
                "the file is too large for this channel",
                field="attachments",
                limit=f"{most // 1024} KB",
                fix="make the file smaller or send it by e-mail",
            )
        return roomy[0]


_ANY_FILE = ("document", "file")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTemplate:
    """A text that the provider approved. ``text`` holds ``{{1}}`` or ``{{name}}`` where a variable stands; ``parts`` are
    the provider's other pieces (header, footer, buttons) as it describes them."""

    name: str
    language: str
    text: str
    status: str = "APPROVED"
    category: str = ""
    variables: tuple[str, ...] = ()
    header: str | None = None
    header_variables: tuple[str, ...] = ()
    footer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateUse:
    """Which template goes out, with a value for each variable in the order of the template (header's first)."""

    name: str
    language: str
    variables: Mapping[str, str] = field(default_factory=dict)
    header_variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message on its way out. ``key`` is ours, stable over retries (idempotency key or marker in the payload).

    ``to`` is the customer's address on this channel and ``account`` the number, page or mailbox that speaks.
    ``window_opened_at`` is when the customer last wrote on this channel. ``in_reply_to`` and ``references`` are external
    ids (mail threading, quoting). ``automatic`` marks machine-written text. ``thread_token`` lets answers find back.
    ``customer_id`` opens the stored files of ``attachments``. ``choices`` are answers to tap. ``template``: an approved
    text goes out instead of ``text``. ``public_reply_to``: a public post or comment that is answered in public. ``cc``:
    who gets a copy (``Capabilities.copies``).
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
    customer_id: str = ""
    choices: tuple[Choice, ...] = ()
    template: TemplateUse | None = None
    public_reply_to: str | None = None
    cc: tuple[str, ...] = ()


def with_numbered_choices(message: Outgoing) -> Outgoing:
    """The same message for a channel without buttons: the choices stand below the text, one in a line."""
    if not message.choices:
        return message
    lines = "\n".join(
        f"{place}. {choice.title}" + (f": {choice.description}" if choice.description else "")
        for place, choice in enumerate(message.choices, 1)
    )
    return replace(message, text=f"{message.text}\n\n{lines}".strip(), choices=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The provider took it. ``external_ids``: one id for each part the text was split into. ``missed``: who of ``cc`` gets
    no copy, and why, in words."""

    external_ids: tuple[str, ...]
    missed: Mapping[str, str] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedFile:
    """A customer's file as the provider gave it."""

    data: bytes
    content_type: str | None = None
    name: str | None = None


@runtime_checkable
class FetchesMedia(Protocol):
    """A channel whose payloads hold links or ids of files (``capabilities.fetches_media``)."""

    async def fetch(self, account: str, attachment: Attachment, most: int) -> FetchedFile:
        """At most ``most`` bytes. Raises ``Unavailable`` (try again), ``ChannelNeedsAttention`` (our access is refused),
        and for good ``TooLarge``, ``NotFound`` (expired) and ``InvalidInput`` (an address that we do not call)."""
        ...


@runtime_checkable
class Discards(Protocol):
    """A channel whose provider keeps a copy of files that can be deleted once ours is safe."""

    async def discard(self, account: str, attachment: Attachment) -> None:
        """Deletes the provider's copy where the business wants that; doing it again is harmless. Raises what ``fetch``
        raises."""
        ...


@runtime_checkable
class Signals(Protocol):
    """A channel that can show the customer what we do (``capabilities.signals``)."""

    async def signal(self, account: str, to: str, external_id: str | None, *, typing: bool) -> None:
        """Marks the customer's message ``external_id`` as read; with ``typing`` it also shows that an answer is being
        written. Raises what ``Channel.send`` raises."""
        ...


@runtime_checkable
class HasTemplates(Protocol):
    """A channel with approved texts (``capabilities.templates``)."""

    async def list_templates(self) -> tuple[MessageTemplate, ...]:
        """Those that may be sent now. Raises what ``Channel.send`` raises."""
        ...
