"""Reads Messenger and Instagram webhooks: both send the same kinds of events, Instagram with a few of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from switchboard.channels import messenger_public, meta
from switchboard.channels.fields import (
    Json,
    Shape,
    dump,
    fingerprint,
    flat,
    ident,
    misshapen,
    moment,
    number,
    obj,
    objects,
    text,
)
from switchboard.domain.customer import Evidence
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import Attachment, ChannelType, DeliveryState, MessageContent
from switchboard.ports.channel import Parsed

OBJECTS = {ChannelType.FACEBOOK: "page", ChannelType.INSTAGRAM: "instagram"}
NAMES = {ChannelType.FACEBOOK: "Messenger", ChannelType.INSTAGRAM: "Instagram"}

ATTACHMENT_KINDS = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "file": "file",
    "sticker": "sticker",
    "like_heart": "sticker",
    "location": "location",
}
"""Meta's attachment types in our words; every other type is a ``share`` (post, reel, story, link preview ...)."""

NOTICES = (
    "pass_thread_control",
    "take_thread_control",
    "request_thread_control",
    "app_roles",
    "policy_enforcement",
    "account_linking",
)
"""Members that tell of something about the conversation which nobody said."""

Reader = Callable[[Json, InboundEvent], Iterator[InboundEvent]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where an event stands: the channel, our page or account, and our own app's id if it is set."""

    channel: ChannelType
    account: str
    own_app: str | None
    standby: bool = False
    public: bool = False


SHAPE: Shape = {"entry": [{"messaging": [{}], "standby": [{}], "changes": [{"value": {}}]}]}
"""Where events stand."""


def read_document(document: Json, channel: ChannelType, *, own_app: str | None = None, public: bool = False) -> Parsed:
    """Every event of a webhook body, in order; with ``public`` also comments."""
    events: list[InboundEvent] = []
    for entry in objects(document, "entry"):
        events.extend(_read_entry(entry, channel, own_app, public))
    return Parsed(events=tuple(events), unread=misshapen(document, SHAPE))


def _read_entry(entry: Json, channel: ChannelType, own_app: str | None, public: bool) -> Iterator[InboundEvent]:
    account = ident(entry, "id") or ""
    source = Source(channel=channel, account=account, own_app=own_app, public=public)
    for item in objects(entry, "messaging"):
        yield from _read_item(item, source)
    for item in objects(entry, "standby"):
        yield from _read_item(item, replace(source, standby=True))
    for change in objects(entry, "changes"):
        yield from _read_change(change, source)


def _read_change(change: Json, source: Source) -> Iterator[InboundEvent]:
    """Comments count only where they are switched on; the developer console tests with ``messages`` in this form."""
    name, value = text(change, "field") or "", obj(change, "value")
    if value and (name == "messages" or (obj(value, "sender") and obj(value, "recipient"))):
        yield from _read_item(value, source)
        return
    if source.public and (said := messenger_public.read_comment(name, value, source.channel, source.account)):
        yield said
        return
    yield replace(_bare_event({**value, "recipient": {}}, source), reason=f"changes field {name[:80]}", senders=())


def _read_item(item: Json, source: Source) -> Iterator[InboundEvent]:
    event = _bare_event(item, source)
    readers: dict[str, Reader] = {
        "message": lambda raw, bare: _read_message(raw, bare, source.own_app),
        "postback": _read_postback,
        "reaction": _read_reaction,
        "message_edit": _read_edit,
        "read": _read_read,
        "delivery": _read_delivery,
        "referral": _read_referral,
        "optin": _read_optin,
    }
    for member, reader in readers.items():
        if member in item:
            yield from reader(obj(item, member), event)
            return
    for member in NOTICES:
        if member in item:
            told = {"system_type": member, **_thread_owner(member, obj(item, member), source.own_app)}
            yield replace(event, kind=InboundKind.SYSTEM, metadata={**event.metadata, **told})
            return
    yield replace(event, reason="no known member")


def _thread_owner(member: str, control: Json, own_app: str | None) -> dict[str, str]:
    """Who has the conversation after a hand-over: ``us`` or ``another app``. Meta tells the app that loses it ("take") and
    the one that gets it ("pass")."""
    if member == "take_thread_control":
        return {"thread_owner": "another app"}
    if member != "pass_thread_control":
        return {}
    new_owner = ident(control, "new_owner_app_id")
    return {"thread_owner": "us" if own_app is None or new_owner in (None, own_app) else "another app"}


def _bare_event(item: Json, source: Source) -> InboundEvent:
    """An ignored event with account, customer, time and a made-up id; readers fill in the rest.

    While another app holds the thread (standby) the event counts as automatic: it is kept and nobody answers it.
    """
    account = source.account or ident(obj(item, "recipient"), "id") or ""
    return InboundEvent(
        kind=InboundKind.IGNORED,
        channel=source.channel,
        account=account,
        external_id=fingerprint(source.channel, account, item),
        senders=_customer(item, source.channel, account),
        sent_at=moment(item, "timestamp"),
        automatic=source.standby,
        metadata={"standby": "true"} if source.standby else {},
    )


def _customer(item: Json, channel: ChannelType, account: str) -> tuple[SenderAddress, ...]:
    """The customer is the sender, or in an echo the recipient. Ids mean something on this page or account only."""
    side = obj(item, "recipient" if obj(item, "message").get("is_echo") is True else "sender")
    address = ident(side, "id")
    if address is None:
        reference = ident(side, "user_ref") or ident(obj(item, "optin"), "user_ref")
        address = f"user_ref:{reference}" if reference else None
    if address is None:
        return ()
    return (
        SenderAddress(channel=channel, address=address, account=account, verified=True, evidence=Evidence.PROVIDER),
    )


def _read_message(message: Json, event: InboundEvent, own_app: str | None) -> Iterator[InboundEvent]:
    mid = ident(message, "mid")
    event = replace(event, external_id=mid or event.external_id)
    if message.get("is_echo") is True:
        yield _echo(message, event, own_app)
    elif message.get("is_deleted") is True:
        yield replace(event, kind=InboundKind.DELETE, external_id=f"{mid}:delete", target=mid)
    elif message.get("is_unsupported") is True:
        yield _unsupported(event, f"{NAMES[event.channel]} does not pass on messages of this kind")
    else:
        yield _from_customer(message, event)


def _from_customer(message: Json, event: InboundEvent) -> InboundEvent:
    content = _content(message)
    if not content.text and not content.attachments and content.payload is None:
        return _unsupported(event, "the message has neither text nor attachments")
    reply_to = obj(message, "reply_to")
    metadata = dict(event.metadata)
    story = obj(reply_to, "story")
    metadata.update({f"story_{key}": value for key, value in flat(story, "id", "url").items()})
    if obj(message, "referral"):
        metadata["referral"] = dump(obj(message, "referral"))
    return replace(event, kind=InboundKind.MESSAGE, content=content, reply_to=ident(reply_to, "mid"), metadata=metadata)


def _unsupported(event: InboundEvent, reason: str) -> InboundEvent:
    placeholder = f"[{NAMES[event.channel]} message that cannot be shown here]"
    return replace(event, kind=InboundKind.UNSUPPORTED, content=MessageContent(text=placeholder), reason=reason)


def _echo(message: Json, event: InboundEvent, own_app: str | None) -> InboundEvent:
    """Our side spoke: through us (own app id or our marker) or through another tool."""
    metadata = {**event.metadata, **flat(message, "app_id")}
    key = meta.key_of(text(message, "metadata"))
    if key is not None:
        metadata["key"] = key
    if message.get("is_deleted") is True:
        mid = ident(message, "mid")
        told = {**metadata, "of": "revoke"}
        return replace(event, kind=InboundKind.ECHO, external_id=f"{mid}:delete", target=mid, metadata=told)
    if key is not None or (own_app is not None and metadata.get("app_id") == own_app):
        metadata["own"] = "true"
    return replace(event, kind=InboundKind.ECHO, content=_content(message), metadata=metadata)


def _content(message: Json) -> MessageContent:
    attachments = _without_double_stickers([_attachment(raw) for raw in objects(message, "attachments")])
    return MessageContent(
        text=text(message, "text") or "",
        attachments=attachments,
        media_urls=tuple(found.url for found in attachments if found.url),
        payload=text(obj(message, "quick_reply"), "payload"),
    )


def _attachment(raw: Json) -> Attachment:
    given, payload = text(raw, "type") or "", obj(raw, "payload")
    place = obj(payload, "coordinates")
    details = {"type": given, **flat(payload, "sticker_id", "reel_video_id", "ig_post_media_id")}
    latitude, longitude = number(place, "lat"), number(place, "long")
    if latitude is not None and longitude is not None:
        details.update(latitude=str(latitude), longitude=str(longitude))
    card = _card(payload)
    details |= flat(card, "subtitle", "retailer_id")
    return Attachment(
        kind=ATTACHMENT_KINDS.get(given, "share"),
        name=text(payload, "title") or text(raw, "title") or ident(card, "title") or ident(payload, "text"),
        url=ident(payload, "url") or ident(raw, "url"),
        details=details,
    )


def _card(payload: Json) -> Json:
    """The first card of a template, or of a product of the shop that somebody asks about."""
    cards = objects(payload, "elements") or objects(obj(payload, "product"), "elements")
    return cards[0] if cards else {}


def _without_double_stickers(found: list[Attachment]) -> tuple[Attachment, ...]:
    """In the change of formats one sticker comes as ``sticker`` and again as ``image``: it is shown once."""
    stickers = {item.details.get("sticker_id") for item in found if item.kind == "sticker"} - {None}
    return tuple(item for item in found if item.kind == "sticker" or item.details.get("sticker_id") not in stickers)


def _read_postback(postback: Json, event: InboundEvent) -> Iterator[InboundEvent]:
    metadata = dict(event.metadata)
    if obj(postback, "referral"):
        metadata["referral"] = dump(obj(postback, "referral"))
    yield replace(
        event,
        kind=InboundKind.POSTBACK,
        external_id=ident(postback, "mid") or event.external_id,
        content=MessageContent(text=text(postback, "title") or "", payload=text(postback, "payload")),
        metadata=metadata,
    )


def _read_reaction(reaction: Json, event: InboundEvent) -> Iterator[InboundEvent]:
    """``metadata["emoji"]`` is missing when the reaction was taken back."""
    taken_back = text(reaction, "action") == "unreact"
    emoji = {} if taken_back else flat(reaction, "emoji")
    yield replace(event, kind=InboundKind.REACTION, target=ident(reaction, "mid"), metadata={**event.metadata, **emoji})


def _read_edit(edit: Json, event: InboundEvent) -> Iterator[InboundEvent]:
    mid = ident(edit, "mid")
    yield replace(
        event,
        kind=InboundKind.EDIT,
        external_id=f"{mid}:edit:{text(edit, 'num_edit') or event.external_id}",
        target=mid,
        content=MessageContent(text=text(edit, "text") or ""),
    )


def _read_read(read: Json, event: InboundEvent) -> Iterator[InboundEvent]:
    yield from _statuses(DeliveryState.READ, [ident(read, "mid")], read, event)


def _read_delivery(delivery: Json, event: InboundEvent) -> Iterator[InboundEvent]:
    given = delivery.get("mids")
    mids = [ident({"mid": mid}, "mid") for mid in given] if isinstance(given, list) else []
    yield from _statuses(DeliveryState.DELIVERED, mids, delivery, event)


def _statuses(state: DeliveryState, mids: list[str | None], raw: Json, event: InboundEvent) -> Iterator[InboundEvent]:
    """One status for each message; without ids a single one with a ``watermark`` (UTC): all that went out before it."""
    metadata = dict(event.metadata)
    watermark = moment(raw, "watermark")
    if watermark is not None:
        metadata["watermark"] = watermark.isoformat()
    status = replace(event, kind=InboundKind.STATUS, delivery=state, metadata=metadata)
    named = [mid for mid in mids if mid]
    if not named:
        yield status
    for mid in named:
        yield replace(status, external_id=f"{mid}:{state}", target=mid)


def _read_referral(referral: Json, event: InboundEvent) -> Iterator[InboundEvent]:
    yield replace(event, kind=InboundKind.REFERRAL, metadata={**event.metadata, "referral": dump(referral)})


def _read_optin(optin: Json, event: InboundEvent) -> Iterator[InboundEvent]:
    yield replace(event, kind=InboundKind.OPTIN, metadata={**event.metadata, **flat(optin, "ref", "user_ref")})
