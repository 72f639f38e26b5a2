"""WhatsApp's Cloud API and the Send API of Messenger and Instagram, as far as we call them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial

import httpx2

from switchboard.channels.fields import Json, obj, objects, text
from switchboard.channels.phones import phone_address
from switchboard.demo.settings import META_APP
from switchboard.demo.simulators import accounts, files
from switchboard.demo.simulators.carrier import Carrier, number_id
from switchboard.demo.simulators.echoes import come_back, signed
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
        self._apps = {
            f"{META_APP}|{known.whatsapp_app}": ChannelType.WHATSAPP,
            f"{META_APP}|{known.facebook_app}": ChannelType.FACEBOOK,
            f"{META_APP}|{known.instagram_app}": ChannelType.INSTAGRAM,
        }

    def throttled(self) -> httpx2.Response:
        refused = _refusal(429, 613, "Calls to this api have exceeded the rate limit.")
        refused.headers["retry-after"] = str(self._carrier.pace.throttled)
        return refused

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        if (file := files.given_out(self._carrier, request)) is not None:
            return file
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if (app := self._apps.get(token)) is not None:
            told = accounts.webhooks(self._carrier, request, app)
            return _ok(told) if told is not None else _refusal(400, 100, "Unsupported request.")
        channel = self._channels.get(token)
        if channel is None or self._carrier.faults.take("refused"):
            return _refusal(401, 190, "Invalid OAuth access token.")
        if (other := self._other(channel, request)) is not None:
            return other
        if request.method != "POST" or not request.url.path.endswith("/messages"):
            return _refusal(400, 100, "Unsupported request.")
        document = json.loads(request.content)
        return self._whatsapp(document) if channel is ChannelType.WHATSAPP else await self._send_api(channel, document)

    def _other(self, channel: ChannelType, request: httpx2.Request) -> httpx2.Response | None:
        """Files both ways, templates, public answers and questions about the account; None for a message."""
        what, method = request.url.path.rpartition("/")[2], request.method
        if method == "POST" and what in ("media", "message_attachments"):
            taken = files.taken_in(self._carrier, request)
            member = "id" if channel is ChannelType.WHATSAPP else "attachment_id"
            return _ok({member: taken}) if taken else _refusal(400, 100, "No file was given.")
        if method == "POST" and what in ("comments", "replies"):
            return _ok({"id": number_id(16)})
        if (told := accounts.told(self._carrier, request, channel)) is not None:
            return _ok(told)
        if method == "GET" and what == "message_templates":
            return _ok({"data": TEMPLATES})
        if method == "GET" and channel is ChannelType.WHATSAPP:
            found = files.described(self._carrier, what, request.url.host)
            return _ok(found) if found else _refusal(400, 100, "Unsupported get request. Object does not exist.")
        return None

    # ---- WhatsApp

    def _whatsapp(self, document: Json) -> httpx2.Response:
        if text(document, "status") == "read":
            return _ok({"success": True})
        to = text(document, "to") or text(document, "recipient") or ""
        if not to:
            return _refusal(400, 131009, "Parameter value is not valid: to")
        taken = f"wamid.{number_id(24)}"
        words = self._words(document)
        self._carrier.show(ChannelType.WHATSAPP, phone_address(to), words, taken)
        marker = text(document, "biz_opaque_callback_data") or ""
        pace = self._carrier.pace
        steps: tuple[tuple[float, str], ...]
        steps = ((pace.delivered / 2, "sent"), (pace.delivered, "delivered"), (pace.read, "read"))
        if self._carrier.faults.take("failures"):
            steps = ((pace.delivered / 2, "sent"), (pace.delivered, "failed"))
        self._carrier.receipts(
            *((seconds, partial(self._whatsapp_status, taken, to, state, marker)) for seconds, state in steps)
        )
        contacts = [{"input": to, "wa_id": to}]
        return _ok({"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": taken}]})

    def _words(self, document: Json) -> str:
        """What stands on the phone: the words, what can be tapped, the name of a file."""
        kind = text(document, "type") or ""
        shown = obj(document, kind)
        if kind == "interactive":
            action = obj(shown, "action")
            rows = [row for section in objects(action, "sections") for row in objects(section, "rows")]
            titles = [text(obj(b, "reply"), "title") for b in objects(action, "buttons")] + [
                text(r, "title") for r in rows
            ]
            return " ".join([text(obj(shown, "body"), "text") or "", *(f"[{title}]" for title in titles)])
        if kind == "template":
            values = [text(p, "text") or "" for c in objects(shown, "components") for p in objects(c, "parameters")]
            return f"[template {text(shown, 'name')}] {', '.join(values)}".strip()
        file = self._carrier.files.get(text(shown, "id") or "")
        return text(shown, "body") or (f"[{kind} {file.name}]" if file else f"[{kind}]")

    async def _whatsapp_status(self, taken: str, to: str, state: str, marker: str) -> None:
        account = self._carrier.accounts[ChannelType.WHATSAPP]
        status = {
            "id": taken,
            "status": state,
            "timestamp": str(int(self._carrier.now().timestamp())),
            "recipient_id": to,
            "biz_opaque_callback_data": marker,
        } | ({"errors": [UNDELIVERABLE]} if state == "failed" else {})
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": account, "phone_number_id": account},
            "statuses": [status],
        }
        entry = [{"id": "1", "changes": [{"field": "messages", "value": value}]}]
        document = {"object": "whatsapp_business_account", "entry": entry}
        await self._carrier.hand_in(ChannelType.WHATSAPP, signed(document, ChannelType.WHATSAPP, self._carrier.secrets))

    # ---- Messenger and Instagram

    async def _send_api(self, channel: ChannelType, document: Json) -> httpx2.Response:
        to = text(obj(document, "recipient"), "id") or ""
        if to and text(document, "sender_action"):
            return _ok({"recipient_id": to})
        message = obj(document, "message")
        if not to or not message:
            return _refusal(400, 100, "Param recipient must be a JSON object with a valid id.")
        taken = "m_" + hashlib.sha256(number_id(18).encode()).hexdigest()[:40]
        attachment = obj(message, "attachment")
        file = self._carrier.files.get(text(obj(attachment, "payload"), "attachment_id") or "")
        named = f" {file.name}" if file else ""
        quick = "".join(f" [{text(reply, 'title')}]" for reply in objects(message, "quick_replies"))
        words = (text(message, "text") or f"[{text(attachment, 'type') or 'file'}{named}]") + quick
        self._carrier.show(channel, to, words, taken)
        if self._carrier.faults.take("echoes"):
            await come_back(self._carrier, channel, to, words, taken, text(message, "metadata"))
        pace = self._carrier.pace
        if channel is ChannelType.FACEBOOK:
            self._carrier.receipts(
                (pace.delivered, lambda: self._told(channel, to, {"delivery": {"mids": [taken]}})),
                (pace.read, lambda: self._told(channel, to, {"read": {"watermark": self._milliseconds()}})),
            )
        else:  # Instagram tells only that a message was read, and which
            self._carrier.later(pace.read, lambda: self._told(channel, to, {"read": {"mid": taken}}))
        return _ok({"recipient_id": to, "message_id": taken})

    async def _told(self, channel: ChannelType, customer: str, what: Mapping[str, object]) -> None:
        account = self._carrier.accounts[channel]
        milliseconds = self._milliseconds()
        item = {"sender": {"id": customer}, "recipient": {"id": account}, "timestamp": milliseconds, **what}
        subject = "page" if channel is ChannelType.FACEBOOK else "instagram"
        document = {"object": subject, "entry": [{"id": account, "time": milliseconds, "messaging": [item]}]}
        await self._carrier.hand_in(channel, signed(document, channel, self._carrier.secrets))

    def _milliseconds(self) -> int:
        return int(self._carrier.now().timestamp() * 1000)


TEMPLATES = [
    {
        "name": "order_update",
        "language": "en",
        "status": "APPROVED",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Hello {{1}}, there is news about your order {{2}}."}],
    },
    {
        "name": "still_there",
        "language": "en",
        "status": "APPROVED",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "You asked us something some days ago. Do you still need help?"}],
    },
]
"""What the simulated business got approved."""


UNDELIVERABLE = {"code": 131026, "title": "Message undeliverable"}


def _ok(document: Mapping[str, object]) -> httpx2.Response:
    return httpx2.Response(200, json=document)


def _refusal(status: int, code: int, words: str) -> httpx2.Response:
    error = {"message": words, "type": "OAuthException", "code": code, "fbtrace_id": "simulated"}
    return httpx2.Response(status, json={"error": error})
