"""What our side says comes back: our own messages, and those that a colleague writes in the provider's own app."""

from __future__ import annotations

import json
from collections.abc import Mapping

from switchboard.channels import signing
from switchboard.channels.sample_payloads import Signed
from switchboard.demo.settings import DemoSecrets
from switchboard.demo.simulators.carrier import Carrier
from switchboard.domain.message import ChannelType


async def come_back(
    carrier: Carrier, channel: ChannelType, to: str, words: str, message_id: str, marker: str | None = None
) -> None:
    """Hands the echo in. ``marker`` is what we sent along; a colleague's app sends none."""
    account, seconds = carrier.accounts[channel], int(carrier.now().timestamp())
    match channel:
        case ChannelType.WHATSAPP:
            document = _whatsapp(account, to.removeprefix("+"), words, message_id, seconds)
        case ChannelType.TWITTER:
            document = _x(account, to, words, message_id, seconds)
        case _:
            subject = "page" if channel is ChannelType.FACEBOOK else "instagram"
            document = _messenger(subject, account, to, words, message_id, seconds, marker)
    await carrier.hand_in(channel, signed(document, channel, carrier.secrets))


def signed(document: Mapping[str, object], channel: ChannelType, known: DemoSecrets) -> Signed:
    """As the provider signs it."""
    body = json.dumps(document, separators=(",", ":")).encode("ascii")
    headers = {"content-type": "application/json"}
    if channel is ChannelType.TWITTER:
        return {**headers, "x-twitter-webhooks-signature": signing.sha256_base64(known.twitter_consumer, body)}, body
    secrets = {ChannelType.WHATSAPP: known.whatsapp_app, ChannelType.FACEBOOK: known.facebook_app}
    return {**headers, "x-hub-signature-256": signing.sha256_hex(secrets.get(channel, known.instagram_app), body)}, body


def _whatsapp(account: str, to: str, words: str, message_id: str, seconds: int) -> dict[str, object]:
    """Only what staff write in the phone app comes back."""
    echo = {"from": account, "to": to, "id": message_id, "timestamp": str(seconds), "type": "text"}
    value = {"metadata": {"phone_number_id": account}, "message_echoes": [{**echo, "text": {"body": words}}]}
    changes = [{"field": "smb_message_echoes", "value": {"messaging_product": "whatsapp", **value}}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def _messenger(
    subject: str, account: str, to: str, words: str, message_id: str, seconds: int, marker: str | None
) -> dict[str, object]:
    message = {"mid": message_id, "text": words, "is_echo": True} | ({"metadata": marker} if marker else {})
    both = {"sender": {"id": account}, "recipient": {"id": to}, "timestamp": seconds * 1000}
    return {"object": subject, "entry": [{"id": account, "messaging": [{**both, "message": message}]}]}


def _x(account: str, to: str, words: str, message_id: str, seconds: int) -> dict[str, object]:
    created = {"target": {"recipient_id": to}, "sender_id": account, "message_data": {"text": words}}
    moment = str(seconds * 1000)
    event = {"type": "message_create", "id": message_id, "created_timestamp": moment, "message_create": created}
    activity = {"event_uuid": f"e{message_id}", "filter": {"user_id": account}, "event_type": "dm.sent"}
    return {"data": {**activity, "payload": {"direct_message_events": [event], "users": {}}}}
