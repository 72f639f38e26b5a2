"""X: private messages to the business's account, through the v2 webhooks and direct messages API."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

import httpx2

from switchboard.channels import http, signing, twitter_events
from switchboard.channels.fields import ident, obj, whole
from switchboard.channels.oauth1 import OAuth1
from switchboard.channels.splitting import split_text
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import ChannelType
from switchboard.errors import ChannelNeedsAttention, DeliveryUnknown, Undeliverable
from switchboard.ports.channel import Capabilities, Outgoing, Parsed, RawRequest, RawResponse, Receipt

CAPABILITIES = Capabilities(text_limit=10_000, attachments=False, rate_per_second=15 / 900)

SIGNATURE_HEADER = "x-twitter-webhooks-signature"

RATE_WINDOW = 900.0
"""X counts requests in windows of 15 minutes."""

FAULTS: http.FaultTable = {
    **http.faults(Undeliverable, "this person takes no private messages from the business on X", 403),
    **http.faults(ChannelNeedsAttention, "the access token for X is not valid: reconnect the channel", 401),
}
"""By HTTP status: X gives no dependable codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twitter:
    """One X account. ``consumer_secret`` signs webhooks; ``access_token`` is the account's own; ``now`` tells the time.

    With ``consumer_key`` and ``access_secret`` the token is an OAuth 1.0a one, which never expires; without them it is
    an OAuth 2 user token, which X ends after two hours.
    """

    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    consumer_key: str | None = None
    access_secret: str | None = field(default=None, repr=False)
    client: httpx2.AsyncClient
    now: Callable[[], datetime]
    base_url: str = "https://api.x.com"
    timeout: float = 10.0

    @property
    def type(self) -> ChannelType:
        return ChannelType.TWITTER

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def verify(self, request: RawRequest) -> None:
        signing.require_sha256_base64(request, header=SIGNATURE_HEADER, secret=self.consumer_secret)

    def challenge(self, request: RawRequest) -> RawResponse | None:
        """X checks with a ``crc_token`` that we hold the secret; a GET without one is answered 400."""
        if request.method != "GET":
            return None
        token = request.query.get("crc_token")
        if not token:
            return RawResponse(status=400, body=b"crc_token is missing")
        answer = {"response_token": signing.sha256_base64(self.consumer_secret, token.encode())}
        return RawResponse(content_type="application/json", body=json.dumps(answer).encode())

    def parse(self, request: RawRequest) -> Parsed:
        return twitter_events.read_webhook(request.body)

    def acknowledge(self, request: RawRequest, events: Sequence[InboundEvent]) -> RawResponse:
        return RawResponse()

    async def send(self, message: Outgoing) -> Receipt:
        """X takes no files by link, so links of attachments follow the text."""
        parts = split_text(_words(message), CAPABILITIES.text_limit)
        http.require_something(parts)
        url = f"{self.base_url.rstrip('/')}/2/dm_conversations/with/{quote(message.to, safe='')}/messages"

        async def send_one(part: str) -> str:
            response = await http.post(
                self.client,
                url,
                content=json.dumps({"text": part}).encode(),
                headers={"authorization": self._authorization(url), "content-type": "application/json"},
                seconds=self.timeout,
            )
            return self._taken(response)

        return await http.deliver(parts, send_one)

    def _authorization(self, url: str) -> str:
        if self.consumer_key is None or self.access_secret is None:
            return f"Bearer {self.access_token}"
        pair = OAuth1(
            consumer_key=self.consumer_key,
            consumer_secret=self.consumer_secret,
            token=self.access_token,
            token_secret=self.access_secret,
        )
        return pair.header("POST", url, timestamp=int(self.now().timestamp()), nonce=secrets.token_hex(16))

    def _taken(self, response: httpx2.Response) -> str:
        if response.status_code not in (200, 201):
            wait = http.retry_after(response, default=RATE_WINDOW, now=self.now())
            raise http.fault_error(response, response.status_code, FAULTS, wait=wait)
        taken = ident(obj(http.answer_object(response), "data"), "dm_event_id")
        if taken is None:
            raise DeliveryUnknown("X answered without a message id")
        return taken


def _words(message: Outgoing) -> str:
    links = [attachment.url for attachment in message.attachments]
    if None in links:
        raise Undeliverable("An attachment has no public link: X gets files only as links in the text")
    return "\n".join([whole(message.text), *(link for link in links if link)])
