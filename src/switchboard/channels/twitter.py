"""X: private messages to the business's account, through the v2 webhooks and direct messages API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote, urlsplit

import httpx2

from switchboard.channels import http, signing, twitter_events, twitter_media
from switchboard.channels.fields import Json, ident, obj, whole
from switchboard.channels.files import load_file
from switchboard.channels.oauth1 import OAuth1
from switchboard.channels.splitting import split_text
from switchboard.channels.twitter_access import Access, BearerAccess, SignedAccess, with_access
from switchboard.channels.twitter_faults import FAULTS, code_of
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import Attachment, ChannelType
from switchboard.errors import DeliveryUnknown, InvalidInput, NotFound, Undeliverable
from switchboard.ports.channel import (
    Capabilities,
    FetchedFile,
    LoadFile,
    MediaRule,
    Outgoing,
    Parsed,
    RawRequest,
    RawResponse,
    Receipt,
    with_numbered_choices,
)
from switchboard.ports.fetcher import Fetcher

_MB = 1024 * 1024

CAPABILITIES = Capabilities(
    text_limit=10_000,
    rate_per_second=15 / 900,
    fetches_media=True,
    public_text_limit=280,
    public_text_unit="weighted",
    media=(
        MediaRule(kind="image", max_bytes=5 * _MB, content_types=("image/jpeg", "image/png", "image/webp")),
        MediaRule(kind="image", max_bytes=15 * _MB, content_types=("image/gif",)),
        MediaRule(kind="video", max_bytes=512 * _MB, content_types=("video/mp4",)),
    ),
)

FILE_HOSTS = ("twimg.com", "ton.x.com", "ton.twitter.com")
"""Where X lays the files of customers."""
PRIVATE_FILE_HOSTS = ("ton.x.com", "ton.twitter.com")
"""Those that want to know who asks."""

SIGNATURE_HEADER = "x-twitter-webhooks-signature"

RATE_WINDOW = 900.0
"""X counts requests in windows of 15 minutes."""
TROUBLE_S = 5.0
"""How soon X is asked again when it has trouble of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twitter:
    """One X account. ``consumer_secret`` signs webhooks; ``access_token`` is the account's own; ``now`` tells the time.

    With ``consumer_key`` and ``access_secret`` the token is an OAuth 1.0a one, which never expires; without them it is
    an OAuth 2 user token, which X ends after two hours: ``renewing`` brings one that is renewed. ``public``: posts that
    mention the account are taken in and answered. ``load`` opens stored files of ours, ``fetcher`` gets customers' ones.
    """

    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    consumer_key: str | None = None
    access_secret: str | None = field(default=None, repr=False)
    client: httpx2.AsyncClient
    now: Callable[[], datetime]
    renewing: BearerAccess | None = None
    public: bool = False
    load: LoadFile | None = None
    fetcher: Fetcher | None = None
    base_url: str = "https://api.x.com"
    timeout: float = 10.0

    @property
    def type(self) -> ChannelType:
        return ChannelType.TWITTER

    @property
    def capabilities(self) -> Capabilities:
        return replace(CAPABILITIES, fetches_media=self.fetcher is not None, public=self.public)

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
        """Text in parts; one file to a message, the first with the last words. Choices become numbered text."""
        message = with_numbered_choices(message)
        if message.public_reply_to is not None:
            return await self._post_publicly(message)
        bodies = _bodies(split_text(_words(message), CAPABILITIES.text_limit), await self._uploaded(message))
        http.require_something(bodies)
        path = f"/2/dm_conversations/with/{quote(message.to, safe='')}/messages"

        async def send_one(body: Mapping[str, object]) -> str:
            return _taken(await self._post(path, body), "dm_event_id")

        return await http.deliver(bodies, send_one)

    async def _post_publicly(self, message: Outgoing) -> Receipt:
        if message.automatic:
            raise Undeliverable("Only people answer in public: a machine's words stay private")
        if message.attachments:
            raise Undeliverable("A public answer carries no files: send them in a private message")
        parts = split_text(whole(message.text), CAPABILITIES.public_text_limit, CAPABILITIES.public_text_unit)
        http.require_something(parts)

        async def send_one(part: str) -> str:
            answered = {"in_reply_to_tweet_id": message.public_reply_to}
            return _taken(await self._post("/2/tweets", {"text": part, "reply": answered}), "id")

        return await http.deliver(parts, send_one)

    async def _uploaded(self, message: Outgoing) -> list[str]:
        files = [item for item in message.attachments if item.blob_id is not None]
        return [
            await twitter_media.upload(self._upload_call, await load_file(message, item, CAPABILITIES, self.load))
            for item in files
        ]

    async def fetch(self, account: str, attachment: Attachment, most: int) -> FetchedFile:
        """Pictures of private messages need our access; films and public pictures lie open."""
        if self.fetcher is None:
            raise InvalidInput("this channel is not set up to fetch files")
        if attachment.url is None:
            raise NotFound("X gave no link to this file")
        url = attachment.url
        private = (urlsplit(url).hostname or "") in PRIVATE_FILE_HOSTS or url.startswith(f"{self.base_url}/")
        header = await self._access().authorization("GET", url) if private else ""
        file = await self.fetcher.get(
            url,
            lambda asked: {"authorization": header} if private and asked == url else {},
            hosts=FILE_HOSTS,
            base_url=self.base_url,
            most=most,
        )
        return replace(file, content_type=attachment.content_type or file.content_type)

    async def _post(self, path: str, body: Mapping[str, object]) -> Json:
        url = f"{self.base_url.rstrip('/')}{path}"

        async def send(header: str) -> httpx2.Response:
            headers = {"authorization": header, "content-type": "application/json"}
            content = json.dumps(body).encode()
            return await http.post(self.client, url, content=content, headers=headers, seconds=self.timeout)

        return self._read(await with_access(self._access(), "POST", url, send))

    async def _upload_call(self, method: str, path: str, given: Mapping[str, object]) -> Json:
        url = f"{self.base_url.rstrip('/')}{path}"

        async def send(header: str) -> httpx2.Response:
            return await twitter_media.request(self.client, method, url, given, header, max(self.timeout, 60.0))

        return obj(self._read(await with_access(self._access(), method, url, send)), "data")

    def _access(self) -> Access:
        if self.consumer_key is not None and self.access_secret is not None:
            pair = OAuth1(
                consumer_key=self.consumer_key,
                consumer_secret=self.consumer_secret,
                token=self.access_token,
                token_secret=self.access_secret,
            )
            return SignedAccess(pair=pair, now=self.now)
        return self.renewing or BearerAccess(token=self.access_token, client=self.client, base_url=self.base_url)

    def _read(self, response: httpx2.Response) -> Json:
        if response.status_code not in (200, 201, 202, 204):
            usual = RATE_WINDOW if response.status_code == 429 else TROUBLE_S
            wait = http.retry_after(response, default=usual, now=self.now())
            code = code_of(http.answer_object(response), response.status_code)
            raise http.fault_error(response, code, FAULTS, wait=wait)
        return http.answer_object(response)


def _taken(answer: Json, member: str) -> str:
    taken = ident(obj(answer, "data"), member)
    if taken is None:
        raise DeliveryUnknown("X answered without a message id")
    return taken


def _bodies(parts: Sequence[str], media: Sequence[str]) -> list[Mapping[str, object]]:
    bodies: list[dict[str, object]] = [{"text": part} for part in parts]
    for place, media_id in enumerate(media):
        attached = {"attachments": [{"media_id": media_id}]}
        if place == 0 and bodies:
            bodies[-1].update(attached)
        else:
            bodies.append(dict(attached))
    return [*bodies]


def _words(message: Outgoing) -> str:
    """Files that lie in the open go as links behind the text."""
    links = [attachment.url for attachment in message.attachments if attachment.blob_id is None]
    if None in links:
        raise Undeliverable("An attachment has neither a stored file nor a public link")
    return "\n".join([whole(message.text), *(link for link in links if link)])
