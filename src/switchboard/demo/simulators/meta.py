"""WhatsApp's Cloud API and the Send API of Messenger and Instagram, as far as we call them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial

import httpx2

from switchboard.channels import signing
from switchboard.channels.fields import Json, obj, text
from switchboard.channels.phones import phone_address
from switchboard.channels.sample_payloads import Signed
from switchboard.demo.simulators.carrier import Carrier, number_id
from switchboard.domain.message import ChannelType


class MetaSimulator:
    """Knows by the access token which of the three is spoken to."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        known = carrier.secrets
        self._channels = {
            known.whatsapp_token: ChannelType.WHATSAPP,
            known.facebook_token: ChannelType.FACEBOOK,
            known.instagram_token: ChannelType.INSTAGRAM,
        }

    def throttled(self) -> httpx2.Response:
        return _refusal(429, 613, "Calls to this api have exceeded the rate limit.")

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        channel = self._channels.get(token)
        if channel is None:
            return _refusal(401, 190, "Invalid OAuth access token.")
        if request.method != "POST" or not request.url.path.endswith("/messages"):
            return _refusal(400, 100, "Unsupported request.")
        document = json.loads(request.content)
        return self._whatsapp(document) if channel is ChannelType.WHATSAPP else self._send_api(channel, document)

    # ---- WhatsApp

    def _whatsapp(self, document: Json) -> httpx2.Response:
        to = text(document, "to") or text(document, "recipient") or ""
        if not to:
            return _refusal(400, 131009, "Parameter value is not valid: to")
        taken = f"wamid.{number_id(24)}"
        words = text(obj(document, "text"), "body") or f"[{text(document, 'type')}]"
        self._carrier.show(ChannelType.WHATSAPP, phone_address(to), words, taken)
        marker = text(document, "biz_opaque_callback_data") or ""
        pace = self._carrier.pace
        for seconds, state in ((pace.delivered / 2, "sent"), (pace.delivered, "delivered"), (pace.read, "read")):
            self._carrier.later(seconds, partial(self._whatsapp_status, taken, to, state, marker))
        contacts = [{"input": to, "wa_id": to}]
        return _ok({"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": taken}]})

    async def _whatsapp_status(self, taken: str, to: str, state: str, marker: str) -> None:
        account = self._carrier.accounts[ChannelType.WHATSAPP]
        status = {
            "id": taken,
            "status": state,
            "timestamp": str(int(self._carrier.now().timestamp())),
            "recipient_id": to,
            "biz_opaque_callback_data": marker,
        }
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": account, "phone_number_id": account},
            "statuses": [status],
        }
        entry = [{"id": "1", "changes": [{"field": "messages", "value": value}]}]
        document = {"object": "whatsapp_business_account", "entry": entry}
        await self._carrier.hand_in(ChannelType.WHATSAPP, signed(document, self._carrier.secrets.whatsapp_app))

    # ---- Messenger and Instagram

    def _send_api(self, channel: ChannelType, document: Json) -> httpx2.Response:
        to = text(obj(document, "recipient"), "id") or ""
        message = obj(document, "message")
        if not to or not message:
            return _refusal(400, 100, "Param recipient must be a JSON object with a valid id.")
        taken = "m_" + hashlib.sha256(number_id(18).encode()).hexdigest()[:40]
        words = text(message, "text") or f"[{text(obj(message, 'attachment'), 'type') or 'file'}]"
        self._carrier.show(channel, to, words, taken)
        pace = self._carrier.pace
        if channel is ChannelType.FACEBOOK:  # Instagram tells only that a message was read
            self._carrier.later(pace.delivered, lambda: self._told(channel, to, {"delivery": {"mids": [taken]}}))
        self._carrier.later(pace.read, lambda: self._told(channel, to, {"read": {"mid": taken}}))
        return _ok({"recipient_id": to, "message_id": taken})

    async def _told(self, channel: ChannelType, customer: str, what: Mapping[str, object]) -> None:
        account, known = self._carrier.accounts[channel], self._carrier.secrets
        milliseconds = int(self._carrier.now().timestamp() * 1000)
        item = {"sender": {"id": customer}, "recipient": {"id": account}, "timestamp": milliseconds, **what}
        subject = "page" if channel is ChannelType.FACEBOOK else "instagram"
        document = {"object": subject, "entry": [{"id": account, "time": milliseconds, "messaging": [item]}]}
        secret = known.facebook_app if channel is ChannelType.FACEBOOK else known.instagram_app
        await self._carrier.hand_in(channel, signed(document, secret))


def signed(document: Mapping[str, object], secret: str) -> Signed:
    body = json.dumps(document, separators=(",", ":")).encode("ascii")
    return {"content-type": "application/json", "x-hub-signature-256": signing.sha256_hex(secret, body)}, body


def _ok(document: Mapping[str, object]) -> httpx2.Response:
    return httpx2.Response(200, json=document)


def _refusal(status: int, code: int, words: str) -> httpx2.Response:
    error = {"message": words, "type": "OAuthException", "code": code, "fbtrace_id": "simulated"}
    return httpx2.Response(status, json={"error": error})
