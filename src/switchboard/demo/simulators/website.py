"""Visitors of the shop's website: they write through the widget's channel and read what it shows them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass, field

from switchboard.channels.web_chat import LIFETIME, TOKEN_HEADER, Claims, topic_of
from switchboard.demo.settings import visitor_address
from switchboard.demo.simulators.carrier import Carrier
from switchboard.domain.ids import MessageId
from switchboard.domain.message import ChannelType

SECRET = "visitors"
"""Under this name the store keeps what signs visitors' tokens."""
MOST_WATCHED = 100


@dataclass(slots=True)
class WebsiteSimulator:
    """A browser for each visitor: it shows new messages while it is one of the last hundred that were used."""

    carrier: Carrier
    _watched: dict[str, None] = field(default_factory=dict)

    async def write(self, name: str, text: str) -> None:
        """``name`` is the visitor's address or any stable name of theirs."""
        address = visitor_address(name)
        self._watch(address)
        frame = {"type": "message", "client_id": secrets.token_hex(12), "text": text}
        headers = {"content-type": "application/json", TOKEN_HEADER: await self._token(address)}
        await self.carrier.hand_in(ChannelType.WEB_CHAT, (headers, json.dumps(frame).encode()))

    async def _token(self, address: str) -> str:
        app = self.carrier.running
        secret = await app.store.read(lambda work: work.config.get_secret(SECRET)) or b""
        expires = int((app.clock.now() + LIFETIME).timestamp())
        claims = Claims(address=address, expires=expires).model_dump_json(exclude_none=True)
        body = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
        return f"{body}.{hmac.new(secret, body.encode(), hashlib.sha256).hexdigest()}"

    def _watch(self, address: str) -> None:
        if address in self._watched:
            return
        self._watched[address] = None
        while len(self._watched) > MOST_WATCHED:
            del self._watched[next(iter(self._watched))]
        self.carrier.later(0, lambda: self._show_all(address))

    async def _show_all(self, address: str) -> None:
        """Shows what is told to this visitor's window until newer visitors take its place."""
        app = self.carrier.running
        async with app.hub.subscribe(topic_of(address)) as hints:
            async for hint in hints:
                if address not in self._watched:
                    return
                await self._show(address, str(hint.get("message_id", "")))

    async def _show(self, address: str, message_id: str) -> None:
        found = await self.carrier.running.store.read(lambda work: work.messages.get(MessageId(message_id)))
        if found is not None:
            with suppress(RuntimeError):
                self.carrier.show(ChannelType.WEB_CHAT, address, found.content.text, message_id)
