"""Reads X webhooks in both envelopes: the newer X Activity API and the older Account Activity API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from switchboard.channels.fields import Json, fingerprint, flat, ident, moment, number, obj, objects, read_object, text
from switchboard.domain.customer import Evidence
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import Attachment, ChannelType, DeliveryState, MessageContent
from switchboard.errors import InvalidInput
from switchboard.ports.channel import Parsed

ENCRYPTED_TEXT = "[Encrypted message received on X: only the X app can show it]"
ENCRYPTED_ECHO_TEXT = "[Encrypted message sent on X: only the X app can show it]"
UNSUPPORTED_TEXT = "[X message that cannot be shown here]"

MEDIA_KINDS = {"photo": "image", "video": "video", "animated_gif": "video"}


def read_webhook(body: bytes) -> Parsed:
    """Every event of a webhook body, in order. Raises ``InvalidInput`` if it is not X's."""
    document = read_object(body, "X")
    activity = obj(document, "data")
    if activity:
        return Parsed(events=tuple(_read_activity(activity)))
    if "user_event" in document:
        return Parsed(events=(_revoke(obj(document, "user_event")),))
    if "for_user_id" in document or any(key.endswith("_events") for key in document):
        return Parsed(events=tuple(_read_account_activity(document)))
    raise InvalidInput("The body has neither data nor for_user_id, so it is not from X", field="data")


def _bare_event(raw: Json, account: str, external_id: str | None = None) -> InboundEvent:
    return InboundEvent(
        kind=InboundKind.IGNORED,
        channel=ChannelType.TWITTER,
        account=account,
        external_id=external_id or fingerprint(account, raw),
        sent_at=moment(raw, "created_timestamp") or moment(raw, "created_at_msec") or moment(raw, "timestamp_ms"),
    )


def _person(event: InboundEvent, user_id: str | None, users: Json) -> InboundEvent:
    """The customer by id; name and handle are looked up and may be missing."""
    if not user_id:
        return event
    found = obj(users, user_id)
    user = obj(found, "data") or found
    handle = text(user, "screen_name") or text(user, "username")
    return replace(
        event,
        senders=(
            SenderAddress(channel=ChannelType.TWITTER, address=user_id, verified=True, evidence=Evidence.PROVIDER),
        ),
        sender_name=text(user, "name"),
        metadata={**event.metadata, "handle": handle} if handle else event.metadata,
    )


# ---- the two envelopes


def _read_activity(data: Json) -> Iterator[InboundEvent]:
    account = ident(obj(data, "filter"), "user_id") or ""
    kind, payload = text(data, "event_type") or "", obj(data, "payload")
    event = _bare_event(data, account, ident(data, "event_uuid"))
    if kind in ("dm.received", "dm.sent"):
        yield from _messages(payload, account)
        if not objects(payload, "direct_message_events"):
            yield replace(event, reason=f"{kind} without a message")
    elif kind in ("chat.received", "chat.sent"):
        yield _encrypted(payload, account)
    elif kind == "dm.read":
        reads = objects(payload, "direct_message_mark_read_events") or [payload]
        users = obj(payload, "users")
        marks = [_read_mark(read, account, users) for read in reads if ident(read, "last_read_event_id")]
        yield from marks or [replace(event, kind=InboundKind.STATUS, delivery=DeliveryState.READ)]
    elif kind == "dm.indicate_typing":
        yield replace(event, kind=InboundKind.TYPING)
    else:
        yield replace(event, reason=kind[:80] or "no event type")


def _read_account_activity(document: Json) -> Iterator[InboundEvent]:
    account = ident(document, "for_user_id") or ""
    users = obj(document, "users")
    yield from _messages(document, account)
    for tweet in objects(document, "tweet_create_events"):
        yield _tweet(tweet, account)
    for read in objects(document, "direct_message_mark_read_events"):
        yield _read_mark(read, account, users)
    for typing in objects(document, "direct_message_indicate_typing_events"):
        event = replace(_bare_event(typing, account), kind=InboundKind.TYPING)
        yield _person(event, ident(typing, "sender_id"), users)
    for name in document:
        if name.endswith("_events") and name not in _KNOWN:
            for item in objects(document, name):
                yield replace(_bare_event(item, account), reason=name[:80])


_KNOWN = {
    "direct_message_events",
    "tweet_create_events",
    "direct_message_mark_read_events",
    "direct_message_indicate_typing_events",
}


def _revoke(user_event: Json) -> InboundEvent:
    """The business withdrew our access: nothing will arrive any more until it reconnects."""
    revoke = obj(user_event, "revoke")
    account = ident(obj(revoke, "source"), "user_id") or ""
    event = _bare_event(user_event, account)
    if not revoke:
        return replace(event, reason="unknown user event")
    reason = "Access was withdrawn on X: reconnect the channel"
    return replace(event, kind=InboundKind.SYSTEM, reason=reason, metadata={"system_type": "revoke"})


# ---- private messages


def _messages(source: Json, account: str) -> Iterator[InboundEvent]:
    users = obj(source, "users")
    for raw in objects(source, "direct_message_events"):
        yield _message(raw, account, users)


def _message(raw: Json, account: str, users: Json) -> InboundEvent:
    created = obj(raw, "message_create")
    sender, recipient = ident(created, "sender_id"), ident(obj(created, "target"), "recipient_id")
    own = sender is not None and sender == account
    event = _person(_bare_event(raw, account, ident(raw, "id")), recipient if own else sender, users)
    data = obj(created, "message_data")
    event = replace(event, metadata={**event.metadata, **flat(created, "source_app_id"), **_links(data)})
    if own:
        return replace(event, kind=InboundKind.ECHO, content=_content(data))
    if not data:
        reason = f"unknown message type {(text(raw, 'type') or '')[:40]}"
        content = MessageContent(text=UNSUPPORTED_TEXT)
        return replace(event, kind=InboundKind.UNSUPPORTED, content=content, reason=reason)
    return replace(event, kind=InboundKind.MESSAGE, content=_content(data))


def _content(data: Json) -> MessageContent:
    """The words without the link that stands for the attached picture, which X appends to the text."""
    words = text(data, "text") or ""
    media = obj(obj(data, "attachment"), "media")
    attachments = (_media(media),) if media else ()
    link = text(media, "url")
    if link and words.rstrip().endswith(link):
        words = words.rstrip().removesuffix(link).rstrip()
    return MessageContent(
        text=_unescape(words),
        attachments=attachments,
        media_urls=tuple(found.url for found in attachments if found.url),
        payload=text(obj(data, "quick_reply_response"), "metadata"),
    )


def _unescape(words: str) -> str:
    """X escapes exactly these three; the ampersand comes last so that nothing is undone twice."""
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _links(data: Json) -> dict[str, str]:
    """Where the t.co links in the text lead to, one in a line."""
    own = text(obj(obj(data, "attachment"), "media"), "url")
    urls = objects(obj(data, "entities"), "urls")
    found = [target for url in urls if text(url, "url") != own and (target := ident(url, "expanded_url"))]
    return {"links": "\n".join(found)} if found else {}


def _media(media: Json) -> Attachment:
    given = text(media, "type") or ""
    variant = _best_variant(media)
    url = (ident(variant, "url") if variant else None) or ident(media, "media_url_https") or ident(media, "media_url")
    return Attachment(
        kind=MEDIA_KINDS.get(given, "file"),
        content_type=text(variant, "content_type") if variant else None,
        url=url,
        provider_id=ident(media, "id_str") or ident(media, "id"),
        details={"type": given},
    )


def _best_variant(media: Json) -> Json | None:
    """The mp4 with the highest bit rate."""
    variants = objects(obj(media, "video_info"), "variants")
    films = [variant for variant in variants if text(variant, "content_type") == "video/mp4"]
    return max(films, key=lambda film: number(film, "bitrate") or 0.0, default=None)


def _encrypted(payload: Json, account: str) -> InboundEvent:
    """End-to-end encrypted: nobody but the app can read it, so a person is told that something came."""
    sender = ident(payload, "sender_id")
    event = _bare_event(payload, account, ident(payload, "id"))
    members = [part for part in re.split("[:-]", (ident(payload, "conversation_id") or "")[:200]) if part]
    if sender is not None and sender == account:
        customer = next((member for member in members if member != account), None)
        return replace(
            _person(event, customer, {}),
            kind=InboundKind.ECHO,
            content=MessageContent(text=ENCRYPTED_ECHO_TEXT),
            metadata={"encrypted": "true"},
        )
    return replace(
        _person(event, sender, {}),
        kind=InboundKind.ENCRYPTED,
        content=MessageContent(text=ENCRYPTED_TEXT),
        reason="end-to-end encrypted: answer in the X app",
    )


def _read_mark(read: Json, account: str, users: Json) -> InboundEvent:
    target = ident(read, "last_read_event_id")
    event = _person(_bare_event(read, account, f"{target}:read" if target else None), ident(read, "sender_id"), users)
    told = {**event.metadata, "and_before": "true"}  # X names the last one that was read
    return replace(event, kind=InboundKind.STATUS, delivery=DeliveryState.READ, target=target, metadata=told)


# ---- public posts


def _tweet(tweet: Json, account: str) -> InboundEvent:
    """A post that mentions us; a retweet of our post looks like one and is none; our own posts come back too."""
    user = obj(tweet, "user")
    author = ident(user, "id_str") or ident(user, "id")
    event = _bare_event(tweet, account, ident(tweet, "id_str") or ident(tweet, "id"))
    if obj(tweet, "retweeted_status"):
        return replace(event, reason="retweet")
    media = objects(obj(tweet, "extended_entities"), "media") or objects(obj(tweet, "entities"), "media")
    attachments = tuple(_media(item) for item in media)
    words = text(obj(tweet, "extended_tweet"), "full_text") or text(tweet, "full_text") or text(tweet, "text") or ""
    event = replace(
        event,
        content=MessageContent(text=_unescape(words), attachments=attachments),
        reply_to=ident(tweet, "in_reply_to_status_id_str"),
    )
    if author == account:
        return replace(event, kind=InboundKind.ECHO)
    event = _person(event, author, {author: user} if author else {})
    public_id = ident(tweet, "id_str") or ident(tweet, "id")
    told = {**event.metadata, **({"public_id": public_id} if public_id else {})}
    return replace(event, kind=InboundKind.PUBLIC_MENTION, metadata=told)
