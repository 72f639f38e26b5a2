"""X's direct messages API, as far as we call it."""

from __future__ import annotations

import json

import httpx2

from switchboard.channels import signing
from switchboard.demo.simulators.carrier import Carrier, number_id
from switchboard.domain.message import ChannelType

PATH = "/2/dm_conversations/with/"


class XSimulator:
    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def throttled(self) -> httpx2.Response:
        reset = str(int(self._carrier.now().timestamp()) + 900)
        return httpx2.Response(429, json={"title": "Too Many Requests"}, headers={"x-rate-limit-reset": reset})

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.headers.get("authorization") != f"Bearer {self._carrier.secrets.twitter_token}":
            return httpx2.Response(401, json={"title": "Unauthorized", "status": 401})
        path = request.url.path
        if request.method != "POST" or not (path.startswith(PATH) and path.endswith("/messages")):
            return httpx2.Response(404, json={"title": "Not Found", "status": 404})
        to = path.removeprefix(PATH).removesuffix("/messages")
        taken = number_id(19)
        self._carrier.show(ChannelType.TWITTER, to, str(json.loads(request.content).get("text", "")), taken)
        self._carrier.later(self._carrier.pace.read, lambda: self._was_read(taken, to))
        account = self._carrier.accounts[ChannelType.TWITTER]
        return httpx2.Response(201, json={"data": {"dm_conversation_id": f"{account}-{to}", "dm_event_id": taken}})

    async def _was_read(self, taken: str, reader: str) -> None:
        account = self._carrier.accounts[ChannelType.TWITTER]
        mark = {
            "created_timestamp": str(int(self._carrier.now().timestamp() * 1000)),
            "sender_id": reader,
            "target": {"recipient_id": account},
            "last_read_event_id": taken,
        }
        document = {"for_user_id": account, "direct_message_mark_read_events": [mark]}
        body = json.dumps(document, separators=(",", ":")).encode("ascii")
        signature = signing.sha256_base64(self._carrier.secrets.twitter_consumer, body)
        headers = {"content-type": "application/json", "x-twitter-webhooks-signature": signature}
        await self._carrier.hand_in(ChannelType.TWITTER, (headers, body))
