"""X's direct messages API, as far as we call it."""

from __future__ import annotations

import json

import httpx2

from switchboard.channels.fields import Json, ident, objects, text
from switchboard.demo.simulators import files
from switchboard.demo.simulators.carrier import Carrier, SentFile, number_id
from switchboard.demo.simulators.echoes import come_back, signed
from switchboard.domain.message import ChannelType

PATH = "/2/dm_conversations/with/"
UPLOAD = "/2/media/upload"


class XSimulator:
    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def throttled(self) -> httpx2.Response:
        reset = str(int(self._carrier.now().timestamp()) + self._carrier.pace.throttled)
        used_up = {"x-rate-limit-limit": "15", "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
        return httpx2.Response(429, json={"title": "Too Many Requests", "status": 429}, headers=used_up)

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        if (file := files.given_out(self._carrier, request)) is not None:
            return file
        known = request.headers.get("authorization") == f"Bearer {self._carrier.secrets.twitter_token}"
        if not known or self._carrier.faults.take("refused"):
            return httpx2.Response(401, json={"title": "Unauthorized", "status": 401})
        path = request.url.path
        if path.startswith(UPLOAD):
            return self._upload(path.removeprefix(UPLOAD), request)
        if path == "/2/tweets":
            return httpx2.Response(201, json={"data": {"id": number_id(19)}})
        if request.method != "POST" or not (path.startswith(PATH) and path.endswith("/messages")):
            return httpx2.Response(404, json={"title": "Not Found", "status": 404})
        to = path.removeprefix(PATH).removesuffix("/messages")
        taken = number_id(19)
        words = self._words(json.loads(request.content))
        self._carrier.show(ChannelType.TWITTER, to, words, taken)
        if self._carrier.faults.take("echoes"):
            await come_back(self._carrier, ChannelType.TWITTER, to, words, taken)
        self._carrier.later(self._carrier.pace.read, lambda: self._was_read(taken, to))
        account = self._carrier.accounts[ChannelType.TWITTER]
        return httpx2.Response(201, json={"data": {"dm_conversation_id": f"{account}-{to}", "dm_event_id": taken}})

    def _words(self, document: Json) -> str:
        names = [self._carrier.files.get(ident(item, "media_id") or "") for item in objects(document, "attachments")]
        shown = [f"[{file.name or file.content_type}]" for file in names if file is not None]
        return " ".join([part for part in (text(document, "text"), *shown) if part])

    def _upload(self, what: str, request: httpx2.Request) -> httpx2.Response:
        """A file in pieces: begun, carried over, ended."""
        media_id, _, step = what.strip("/").rpartition("/")
        if step == "initialize":
            media_id = number_id(19)
            kind = text(json.loads(request.content), "media_type") or ""
            self._carrier.lay_out(SentFile(data=b"", content_type=kind), media_id)
        elif step == "append":
            _, piece = files.form_of(request)
            begun = self._carrier.files.get(media_id)
            if piece is None or begun is None:
                return httpx2.Response(400, json={"title": "Invalid Request"})
            whole = SentFile(data=begun.data + piece.data, content_type=begun.content_type, name=piece.name)
            self._carrier.lay_out(whole, media_id)
        return httpx2.Response(200, json={"data": {"id": media_id}})

    async def _was_read(self, taken: str, reader: str) -> None:
        account = self._carrier.accounts[ChannelType.TWITTER]
        mark = {
            "created_timestamp": str(int(self._carrier.now().timestamp() * 1000)),
            "sender_id": reader,
            "target": {"recipient_id": account},
            "last_read_event_id": taken,
        }
        document = {"for_user_id": account, "direct_message_mark_read_events": [mark]}
        await self._carrier.hand_in(ChannelType.TWITTER, signed(document, ChannelType.TWITTER, self._carrier.secrets))
