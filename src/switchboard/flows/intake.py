"""A payload knocks: check who sent it, read every event in it, make all of it durable, and only then say "received"."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from switchboard.domain.ids import PayloadId, new_id
from switchboard.domain.inbound import ATTENTION, Fate, InboundEvent, InboundKind
from switchboard.domain.message import Attachment, ChannelType, DeliveryState
from switchboard.errors import Rejected, Unavailable
from switchboard.flows import attention
from switchboard.flows.accept import Taking, accept_event
from switchboard.flows.app import App
from switchboard.flows.aside import body_aside, put_aside, throw_away
from switchboard.flows.business import Business
from switchboard.flows.effects import Accepted
from switchboard.flows.handover import undelivered
from switchboard.flows.underway import SLICE
from switchboard.ports.channel import BringsFiles, Channel, Parsed, RawRequest, RawResponse
from switchboard.ports.records import LockedFile, PayloadEvent, PayloadRecord
from switchboard.ports.store import Work

SMALL = 64 * 1024
log = logging.getLogger(__name__)
WORST_FIRST = (Fate.DEAD_LETTER, Fate.STORED, Fate.APPLIED, Fate.DUPLICATE, Fate.IGNORED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a payload: an entry for each event, in payload order."""

    payload_id: PayloadId
    fate: Fate
    accepted: tuple[Accepted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A payload's body as it came; ``file`` where it lies if it is too big for a row."""

    body: bytes = field(repr=False)
    content_type: str
    file: LockedFile | None = None

    def names(self) -> set[str]:
        return set() if self.file is None else {self.file.blob_id}


async def receive_request(app: App, kind: ChannelType, request: RawRequest) -> RawResponse:
    """A provider's HTTP request: its challenge is answered, its events are stored, everything else is refused.

    Raises ``BadSignature``/``Forbidden`` when it does not come from the provider, ``Unavailable`` when nothing can be
    stored now. A signed payload that cannot be read is kept as a dead letter and acknowledged: refusing it again and
    again would only make the provider switch the subscription off.
    """
    channel = app.channels[kind]
    challenge = channel.challenge(request)
    if challenge is not None:
        return challenge
    try:
        channel.verify(request)
    except Rejected as refusal:
        refused = _refused(kind, request, refusal)
        await app.store.write(lambda work: work.payloads.add(refused))
        raise
    try:
        parsed, files = await unpack(channel, request)
    except Rejected as unreadable:
        await keep_unreadable(app, kind, request, unreadable)
        return channel.acknowledge(request, ())
    talk = app.talks.get(kind)
    if talk is not None:
        return await talk(app, request, parsed)
    await receive_events(app, kind, parsed, request.body, request.headers.get("content-type", ""), files)
    return channel.acknowledge(request, parsed.events)


async def unpack(channel: Channel, request: RawRequest) -> tuple[Parsed, Mapping[str, bytes]]:
    """The events of a payload, and the files it carries. Big ones are read beside the event loop."""
    read = channel.unpack if isinstance(channel, BringsFiles) else lambda r: (channel.parse(r), {})
    return read(request) if len(request.body) < SMALL else await asyncio.to_thread(read, request)


async def receive_events(
    app: App,
    kind: ChannelType,
    parsed: Parsed,
    body: bytes,
    content_type: str = "",
    files: Mapping[str, bytes] | None = None,
    then: Callable[[Work, Taken], None] | None = None,
) -> Taken:
    """Makes everything found in one payload durable before it returns. ``body`` is kept as it came; ``files`` are the
    bytes of attachments by their ``provider_id``. ``then`` goes on inside the last transaction.

    A long payload takes several transactions, so that others get theirs in between. If one fails, the whole of it is not
    acknowledged, and when it comes again, what was stored already is a duplicate."""
    await refuse_when_full(app)
    long = len(parsed.events) > SLICE
    async with app.underway.turn(_senders(parsed), long=long):
        parsed, blobs = with_blobs(parsed, files or {})
        locked = {blob_id: await put_aside(app, blob_id, data) for blob_id, data in blobs.items()}
        raw = Raw(body=body, content_type=content_type, file=await body_aside(app, body))
        now = app.clock.now()
        takings = {channel: _taking(app, channel) for channel in {kind, *(event.channel for event in parsed.events)}}
        business = await app.business() if any(map(_is_failure, parsed.events)) else None

        def take(work: Work, events: Sequence[InboundEvent]) -> tuple[tuple[Accepted, ...], set[str]]:
            accepted = tuple(accept_event(work, event, now, takings[event.channel]) for event in events)
            _tell_about_failures(work, app, events, accepted, business)
            kept = [keep_files(work, *each, locked) for each in zip(events, accepted, strict=True)]
            return accepted, set[str]().union(*kept)

        earlier: tuple[Accepted, ...] = ()
        kept: set[str] = set()
        for some in _all_but_last(parsed.events):
            accepted, names = await app.store.write(partial(take, events=some), later=True)
            earlier, kept = earlier + accepted, kept | names

        def story(work: Work) -> tuple[Taken, set[str]]:
            accepted, names = take(work, parsed.events[len(earlier) :])
            taken, of_payload = _conclude(work, kind, parsed, earlier + accepted, raw, now)
            if then is not None:
                then(work, taken)
            return taken, names | of_payload

        taken, names = await app.store.write(story, later=long)
    await throw_away(app, ({*locked} | raw.names()) - kept - names)
    app.hub.publish("work")
    app.hub.publish("events")
    if any(takings[event.channel].fetch_media and event.content.attachments for event in parsed.events):
        app.hub.publish("outbox")  # whoever fetches files listens there
    return taken


def _senders(parsed: Parsed) -> set[tuple[ChannelType, str]]:
    return {(sender.channel, sender.address) for event in parsed.events for sender in event.senders}


def _all_but_last(events: Sequence[InboundEvent]) -> Iterator[Sequence[InboundEvent]]:
    """The slices of a payload before its last one."""
    for start in range(0, len(events) - SLICE, SLICE):
        yield events[start : start + SLICE]


async def refuse_when_full(app: App) -> None:
    """Past the configured backlog nothing is dropped: senders are asked to come back (decisions, "Overload")."""
    if app.waiting > app.tempo.max_backlog:  # the timer counts what waits, so that intake need not
        raise Unavailable("too many messages are waiting to be read", retry_after=10.0)


def with_blobs(parsed: Parsed, files: Mapping[str, bytes]) -> tuple[Parsed, Mapping[str, bytes]]:
    """Names a blob for each file that came along."""
    if not files:
        return parsed, {}
    blobs: dict[str, bytes] = {}

    def named(attachment: Attachment) -> Attachment:
        data = files.get(attachment.provider_id or "")
        if data is None:
            return attachment
        blob_id = new_id("blb")
        blobs[blob_id] = data
        return replace(attachment, blob_id=blob_id, size=len(data))

    events = tuple(
        replace(e, content=replace(e.content, attachments=tuple(map(named, e.content.attachments))))
        for e in parsed.events
    )
    return replace(parsed, events=events), blobs


def keep_files(work: Work, event: InboundEvent, accepted: Accepted, files: Mapping[str, LockedFile]) -> set[str]:
    """They lie on the disk; their keys go under the customer's. Which files were kept."""
    if accepted.fate is not Fate.STORED or accepted.customer_id is None:
        return set()
    named = [file for one in event.content.attachments if (file := files.get(one.blob_id or "")) is not None]
    for file in named:
        work.files.lock(file, accepted.customer_id)
    return {file.blob_id for file in named}


def _taking(app: App, kind: ChannelType) -> Taking:
    channel = app.channels.get(kind)
    if channel is None:
        return Taking(reopen_within=app.tempo.reopen_within)
    can = channel.capabilities
    return Taking(reopen_within=app.tempo.reopen_within, fetch_media=can.fetches_media, public=can.public)


def _is_failure(event: InboundEvent) -> bool:
    return event.kind is InboundKind.STATUS and event.delivery is DeliveryState.FAILED


def _tell_about_failures(
    work: Work,
    app: App,
    events: Sequence[InboundEvent],
    accepted: Sequence[Accepted],
    business: Business | None,
) -> None:
    """What a provider reports late weighs as much as a refusal at once: a person answers, an operator is told."""
    for event, entry in zip(events, accepted, strict=True):
        if (reason := event.metadata.get(ATTENTION)) and entry.fate is Fate.APPLIED:
            attention.note(work, app, event.channel, reason)
        if business is not None and _is_failure(event) and entry.fate is Fate.APPLIED and entry.message_id:
            message = work.messages.get(entry.message_id)
            if message is not None:
                undelivered(work, message, business, event.delivery_error or "the provider gave up", app.clock.now())


def _conclude(
    work: Work, kind: ChannelType, parsed: Parsed, accepted: tuple[Accepted, ...], raw: Raw, now: datetime
) -> tuple[Taken, set[str]]:
    """Also which file was kept for the payload itself."""
    if _of_erased(work, accepted):
        raw = Raw(body=b"", content_type=raw.content_type)  # a provider's late retry brings nothing of the person back
    record = _record(kind, parsed, accepted, raw, now)
    if not raw.body:
        record = replace(record, customer_id=None)
    work.payloads.add(record)
    return Taken(payload_id=record.payload_id, fate=record.fate, accepted=accepted), raw.names()


def _of_erased(work: Work, accepted: Sequence[Accepted]) -> bool:
    """Whether it speaks of somebody whose data was erased; only what came before can."""
    known = {entry.customer_id for entry in accepted if entry.fate is not Fate.STORED and entry.customer_id}
    profiles = (work.customers.brief(customer_id) for customer_id in known)
    return any(profile is not None and profile.erased_at is not None for profile in profiles)


def _record(kind: ChannelType, parsed: Parsed, accepted: Sequence[Accepted], raw: Raw, now: datetime) -> PayloadRecord:
    fates = [entry.fate for entry in accepted]
    if parsed.unread:  # what could be read is stored all the same
        fates.append(Fate.DEAD_LETTER)
        reason = f"cannot be read: {', '.join(parsed.unread)}"
    else:
        reason = "; ".join(parsed.control) if parsed.control else ("" if fates else "it holds no event")
    fate = next((f for f in WORST_FIRST if f in fates), Fate.IGNORED)
    return PayloadRecord(
        payload_id=PayloadId(new_id("pay")),
        channel=kind,
        account=parsed.events[0].account if parsed.events else "",
        received_at=now,
        fate=fate,
        reason=reason,
        size=len(raw.body),
        body=b"" if raw.file else raw.body,
        body_file=raw.file,
        content_type=raw.content_type,
        events=tuple(
            _fate(i, event, entry) for i, (event, entry) in enumerate(zip(parsed.events, accepted, strict=True))
        ),
        customer_id=next((entry.customer_id for entry in accepted if entry.customer_id), None),
    )


def _fate(index: int, event: InboundEvent, entry: Accepted) -> PayloadEvent:
    return PayloadEvent(
        index=index,
        kind=event.kind.value,
        external_id=event.external_id,
        fate=entry.fate,
        reason=entry.reason,
        message_id=entry.message_id,
    )


def _refused(kind: ChannelType, request: RawRequest, refusal: Rejected) -> PayloadRecord:
    """Only the fact is kept: an unsigned body proves nothing and could fill the disk."""
    return PayloadRecord(
        payload_id=PayloadId(new_id("pay")),
        channel=kind,
        account="",
        received_at=request.received_at,
        fate=Fate.REFUSED,
        reason=refusal.detail,
        size=len(request.body),
        body=b"",
    )


async def keep_unreadable(app: App, kind: ChannelType, request: RawRequest, error: Rejected) -> None:
    """A payload that nobody can read stays with its bytes and the reason, for an operator."""
    kept = _unreadable(kind, request, error, await body_aside(app, request.body))
    await app.store.write(lambda work: work.payloads.add(kept))
    log.warning("a %s payload could not be read: %s", kind.value, error.detail)


def _unreadable(kind: ChannelType, request: RawRequest, error: Rejected, file: LockedFile | None) -> PayloadRecord:
    return PayloadRecord(
        payload_id=PayloadId(new_id("pay")),
        channel=kind,
        account="",
        received_at=request.received_at,
        fate=Fate.DEAD_LETTER,
        reason=error.detail,
        size=len(request.body),
        body=b"" if file else request.body,
        body_file=file,
        content_type=request.headers.get("content-type", ""),
    )
