"""Reads X webhooks in both envelopes: the newer X Activity API and the older Account Activity API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from switchboard.channels.fields import Json, Shape, flat, ident, misshapen, obj, objects, read_object, text
from switchboard.channels.twitter_parts import bare_event, file_of, links_of, person, place_of, unescape
from switchboard.channels.twitter_posts import read_post, read_tweet
from switchboard.domain.inbound import ATTENTION, InboundEvent, InboundKind
from switchboard.domain.message import DeliveryState, MessageContent
from switchboard.errors import InvalidInput
from switchboard.ports.channel import Parsed

ENCRYPTED_TEXT = "[Encrypted message received on X: only the X app can show it]"
ENCRYPTED_ECHO_TEXT = "[Encrypted message sent on X: only the X app can show it]"
WITHDRAWN = "Access was withdrawn on X: reconnect the channel"
NO_MESSAGE = "dm.received without a message"
UNSUPPORTED_TEXT = "[X message that cannot be shown here]"

SHAPE: Shape = {
    "data": {"payload": {"direct_message_events": [{}]}},
    "direct_message_events": [{}],
    "tweet_create_events": [{}],
    "user_event": {},
}
"""Where messages stand, in both envelopes."""


def read_webhook(body: bytes) -> Parsed:
    """Every event of a webhook body, in order. Raises ``InvalidInput`` if it is not X's."""
    document = read_object(body, "X")
    unread = misshapen(document, SHAPE)
    activity = obj(document, "data")
    if activity:
        events = tuple(_read_activity(activity))
        faults = (
            *(["data.payload"] if any(event.reason == NO_MESSAGE for event in events) else []),
            *(["data.event_type"] if not isinstance(activity.get("event_type"), str) else []),
        )
        return Parsed(events=events, unread=unread or faults)
    if "user_event" in document:
        return Parsed(events=(_revoke(obj(document, "user_event")),), unread=unread)
    if "for_user_id" in document or any(key.endswith("_events") for key in document):
        return Parsed(events=tuple(_read_account_activity(document)), unread=unread)
    raise InvalidInput("The body has neither data nor for_user_id, so it is not from X", field="data")


# ---- the two envelopes


def _read_activity(data: Json) -> Iterator[InboundEvent]:
    account = ident(obj(data, "filter"), "user_id") or ""
    kind, payload = text(data, "event_type") or "", obj(data, "payload")
    event = bare_event(data, account, ident(data, "event_uuid"))
    if kind in ("dm.received", "dm.sent") or objects(payload, "direct_message_events"):
        yield from _messages(payload, account, sent=kind == "dm.sent")
        if not objects(payload, "direct_message_events"):
            yield replace(event, reason=NO_MESSAGE if kind == "dm.received" else f"{kind} without a message")
    elif kind in ("chat.received", "chat.sent") or "encoded_event" in payload:
        yield _encrypted(payload, account, sent=kind == "chat.sent")
    elif kind == "dm.read":
        reads = objects(payload, "direct_message_mark_read_events") or [payload]
        users = obj(payload, "users")
        marks = [_read_mark(read, account, users) for read in reads if ident(read, "last_read_event_id")]
        yield from marks or [replace(event, kind=InboundKind.STATUS, delivery=DeliveryState.READ)]
    elif kind == "dm.indicate_typing":
        yield replace(event, kind=InboundKind.TYPING)
    elif kind == "post.mention.create" and payload:
        yield read_post(payload, obj(data, "includes"), account)
    elif kind == "oauth.revoke":
        yield _disconnected(replace(event, account=ident(payload, "user_id") or account))
    else:
        yield replace(event, reason=kind[:80] or "no event type")


def _read_account_activity(document: Json) -> Iterator[InboundEvent]:
    account = ident(document, "for_user_id") or ""
    users = obj(document, "users")
    yield from _messages(document, account)
    for tweet in objects(document, "tweet_create_events"):
        yield read_tweet(tweet, account)
    for read in objects(document, "direct_message_mark_read_events"):
        yield _read_mark(read, account, users)
    for typing in objects(document, "direct_message_indicate_typing_events"):
        event = replace(bare_event(typing, account), kind=InboundKind.TYPING)
        yield person(event, ident(typing, "sender_id"), users)
    for name in document:
        if name.endswith("_events") and name not in _KNOWN:
            for item in objects(document, name):
                yield replace(bare_event(item, account), reason=name[:80])


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
    event = bare_event(user_event, account)
    if not revoke:
        return replace(event, reason="unknown user event")
    return _disconnected(event)


def _disconnected(event: InboundEvent) -> InboundEvent:
    told = {"system_type": "revoke", ATTENTION: WITHDRAWN}
    return replace(event, kind=InboundKind.SYSTEM, reason=WITHDRAWN, metadata=told)


# ---- private messages


def _messages(source: Json, account: str, *, sent: bool = False) -> Iterator[InboundEvent]:
    users = obj(source, "users")
    for raw in objects(source, "direct_message_events"):
        yield _message(raw, account, users, sent)


def _message(raw: Json, account: str, users: Json, sent: bool) -> InboundEvent:
    """``sent``: X says that it is our own. Without a known account the message itself tells which one it is."""
    created = obj(raw, "message_create")
    sender, recipient = ident(created, "sender_id"), ident(obj(created, "target"), "recipient_id")
    own = sent or (sender is not None and sender == account)
    account = account or (sender if own else recipient) or ""
    event = person(bare_event(raw, account, ident(raw, "id")), recipient if own else sender, users)
    data = obj(created, "message_data")
    content = _content(data)
    event = replace(event, metadata={**event.metadata, **flat(created, "source_app_id"), **_links(data)})
    if own:
        return replace(event, kind=InboundKind.ECHO, content=content)
    if not content.text and not content.attachments and content.payload is None:
        given = (text(raw, "type") or "")[:40]
        reason = "the message has neither text nor attachments" if data else f"unknown message type {given}"
        placeholder = MessageContent(text=UNSUPPORTED_TEXT)
        return replace(event, kind=InboundKind.UNSUPPORTED, content=placeholder, reason=reason)
    return replace(event, kind=InboundKind.MESSAGE, content=content)


def _content(data: Json) -> MessageContent:
    """The words without the link that stands for the attached picture, which X appends to the text."""
    words = text(data, "text") or ""
    media = obj(obj(data, "attachment"), "media")
    attachments = (file_of(media),) if media else place_of(obj(obj(data, "attachment"), "location"))
    link = text(media, "url")
    if link and words.rstrip().endswith(link):
        words = words.rstrip().removesuffix(link).rstrip()
    return MessageContent(
        text=unescape(words),
        attachments=attachments,
        media_urls=tuple(found.url for found in attachments if found.url),
        payload=text(obj(data, "quick_reply_response"), "metadata"),
    )


def _links(data: Json) -> dict[str, str]:
    return links_of(data, without=text(obj(obj(data, "attachment"), "media"), "url"))


def _encrypted(payload: Json, account: str, *, sent: bool) -> InboundEvent:
    """End-to-end encrypted: nobody but the app can read it, so a person is told that something came."""
    sender = ident(payload, "sender_id")
    event = bare_event(payload, account, ident(payload, "id"))
    members = [part for part in re.split("[:-]", (ident(payload, "conversation_id") or "")[:200]) if part]
    if sent or (sender is not None and sender == account):
        customer = next((member for member in members if member not in (account, sender)), None)
        return replace(
            person(event, customer, {}),
            kind=InboundKind.ECHO,
            content=MessageContent(text=ENCRYPTED_ECHO_TEXT),
            metadata={"encrypted": "true"},
        )
    return replace(
        person(event, sender, {}),
        kind=InboundKind.ENCRYPTED,
        content=MessageContent(text=ENCRYPTED_TEXT),
        reason="end-to-end encrypted: answer in the X app",
    )


def _read_mark(read: Json, account: str, users: Json) -> InboundEvent:
    target = ident(read, "last_read_event_id")
    event = person(bare_event(read, account, f"{target}:read" if target else None), ident(read, "sender_id"), users)
    told = {**event.metadata, "and_before": "true"}  # X names the last one that was read
    return replace(event, kind=InboundKind.STATUS, delivery=DeliveryState.READ, target=target, metadata=told)
