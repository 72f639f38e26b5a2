"""Payloads as the providers would send them, correctly signed: for the demo's simulators and for tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs, urlencode

from switchboard.channels import signing

Signed = tuple[dict[str, str], bytes]
"""Headers (lower-case names) and raw body of a webhook request."""


def whatsapp_text(
    text: str,
    sender: str,
    *,
    secret: str,
    account: str,
    sent_at: datetime,
    message_id: str | None = None,
    name: str | None = None,
    image_url: str | None = None,
) -> Signed:
    """A WhatsApp message from the number ``sender``; with ``image_url`` a picture whose caption is ``text``."""
    number = sender.removeprefix("+")
    identity = message_id or _made_up("wamid.", text, sender, sent_at)
    message: dict[str, object] = {"from": number, "id": identity, "timestamp": str(int(sent_at.timestamp()))}
    if image_url is None:
        message |= {"type": "text", "text": {"body": text}}
    else:
        image = {"caption": text, "mime_type": "image/jpeg", "sha256": "x=", "id": identity[-15:], "url": image_url}
        message |= {"type": "image", "image": image}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": account},
        "contacts": [{"profile": {"name": name or number}, "wa_id": number}],
        "messages": [message],
    }
    changes = [{"field": "messages", "value": value}]
    return _meta({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}, secret)


def facebook_text(
    text: str,
    sender: str,
    *,
    secret: str,
    account: str,
    sent_at: datetime,
    message_id: str | None = None,
    image_url: str | None = None,
) -> Signed:
    """A Messenger message from the page-scoped id ``sender`` to the page ``account``."""
    return _messaging("page", text, sender, secret, account, sent_at, message_id, image_url)


def instagram_text(
    text: str,
    sender: str,
    *,
    secret: str,
    account: str,
    sent_at: datetime,
    message_id: str | None = None,
    image_url: str | None = None,
) -> Signed:
    """An Instagram message from the scoped id ``sender`` to our ``account``."""
    return _messaging("instagram", text, sender, secret, account, sent_at, message_id, image_url)


def twitter_dm(
    text: str,
    sender: str,
    *,
    secret: str,
    account: str,
    sent_at: datetime,
    message_id: str | None = None,
    name: str | None = None,
    image_url: str | None = None,
) -> Signed:
    """A private message on X; as X does, the text is HTML-escaped and ends with the picture's short link."""
    identity = message_id or _made_up("", text, sender, sent_at)
    words = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    data: dict[str, object] = {"text": words, "entities": {"urls": []}}
    if image_url is not None:
        link = "https://t.co/" + identity[-10:]
        media = {"id_str": identity, "type": "photo", "media_url_https": image_url, "url": link}
        data |= {"text": f"{words} {link}", "attachment": {"type": "media", "media": media}}
    event = {
        "type": "message_create",
        "id": identity,
        "created_timestamp": str(int(sent_at.timestamp() * 1000)),
        "message_create": {"target": {"recipient_id": account}, "sender_id": sender, "message_data": data},
    }
    users = {sender: {"data": {"id": sender, "name": name or sender, "username": f"user_{sender[-8:]}"}}}
    payload = {"direct_message_events": [event], "users": users}
    activity = {"event_uuid": identity, "filter": {"user_id": account}, "event_type": "dm.received", "payload": payload}
    body = _json({"data": activity})
    signature = signing.sha256_base64(secret, body)
    return {"content-type": "application/json", "x-twitter-webhooks-signature": signature}, body


def voice_speech(
    text: str,
    sender: str,
    *,
    secret: str,
    account: str,
    url: str,
    call_sid: str,
    confidence: float = 0.9,
) -> Signed:
    """What a caller said, as Twilio posts it to ``url`` (the public address, with ``?step=``, that is signed)."""
    said = {"SpeechResult": text, "Confidence": str(confidence), "Language": "en-US"}
    return _twilio(_call(sender, account, call_sid, "in-progress") | said, url, secret)


def voice_call(sender: str, *, secret: str, account: str, url: str, call_sid: str, status: str = "ringing") -> Signed:
    """The start (``ringing``) or the end (``completed``) of a call."""
    return _twilio(_call(sender, account, call_sid, status), url, secret)


def _call(sender: str, account: str, call_sid: str, status: str) -> dict[str, str]:
    return {
        "AccountSid": "AC" + "0" * 32,
        "ApiVersion": "2010-04-01",
        "CallSid": call_sid,
        "CallStatus": status,
        "Direction": "inbound",
        "From": sender,
        "To": account,
        "FromCity": "",
    }


def _twilio(form: Mapping[str, str], url: str, secret: str) -> Signed:
    body = urlencode(form, errors="replace").encode("ascii")
    signature = signing.twilio_signature(url, parse_qs(body.decode(), keep_blank_values=True), secret)
    return {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}, body


def _messaging(
    subject: str,
    text: str,
    sender: str,
    secret: str,
    account: str,
    sent_at: datetime,
    message_id: str | None,
    image_url: str | None,
) -> Signed:
    message: dict[str, object] = {"mid": message_id or _made_up("m_", text, sender, sent_at), "text": text}
    if image_url is not None:
        message["attachments"] = [{"type": "image", "payload": {"url": image_url}}]
    milliseconds = int(sent_at.timestamp() * 1000)
    item = {"sender": {"id": sender}, "recipient": {"id": account}, "timestamp": milliseconds, "message": message}
    return _meta({"object": subject, "entry": [{"id": account, "time": milliseconds, "messaging": [item]}]}, secret)


def _meta(document: Mapping[str, object], secret: str) -> Signed:
    body = _json(document)
    return {"content-type": "application/json", "x-hub-signature-256": signing.sha256_hex(secret, body)}, body


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _made_up(prefix: str, text: str, sender: str, sent_at: datetime) -> str:
    """A stable id of digits: the same message at the same time is the same message."""
    digest = hashlib.sha256(json.dumps([text, sender, sent_at.isoformat()]).encode()).hexdigest()
    return prefix + str(int(digest[:15], 16))
