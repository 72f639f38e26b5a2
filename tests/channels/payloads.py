"""Channels with test secrets, and signed requests to drive them: ``make_channel`` and ``make_payload``.

Other channels add themselves to ``CHANNELS`` and ``BUILDERS``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import httpx2

from switchboard.channels import sample_payloads
from switchboard.channels.facebook import Facebook
from switchboard.channels.instagram import Instagram
from switchboard.channels.twitter import Twitter
from switchboard.channels.voice import Voice
from switchboard.channels.whatsapp import WhatsApp
from switchboard.domain.message import ChannelType
from switchboard.ports.channel import Channel, RawRequest

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

APP_SECRET = "app-secret"
VERIFY_TOKEN = "verify-token"
CONSUMER_SECRET = "consumer-secret"
AUTH_TOKEN = "12345"
ACCOUNT_SID = "AC" + "0" * 32
PUBLIC = "https://switchboard.example.com/channels"

ACCOUNTS = {
    ChannelType.WHATSAPP: "106540352242922",
    ChannelType.FACEBOOK: "108123456789012",
    ChannelType.INSTAGRAM: "17841400008460056",
    ChannelType.TWITTER: "1111111111111111111",
    ChannelType.VOICE: "+18005550199",
}
SENDERS = {
    ChannelType.WHATSAPP: "+4915112345678",
    ChannelType.FACEBOOK: "6123456789012345",
    ChannelType.INSTAGRAM: "1234567890123456",
    ChannelType.TWITTER: "2222222222222222222",
    ChannelType.VOICE: "+14155550100",
}


def refuse(request: httpx2.Request) -> httpx2.Response:
    """A provider that a test did not expect to be called."""
    raise AssertionError(f"unexpected call to {request.url}")


def fake_client(provider: Callable[[httpx2.Request], httpx2.Response] = refuse) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.MockTransport(provider))


def _whatsapp(client: httpx2.AsyncClient, now: Callable[[], datetime]) -> Channel:
    return WhatsApp(
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        access_token="token",
        phone_number_id=ACCOUNTS[ChannelType.WHATSAPP],
        client=client,
        now=now,
    )


def _facebook(client: httpx2.AsyncClient, now: Callable[[], datetime]) -> Channel:
    return Facebook(
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        access_token="token",
        app_id="1517776481860111",
        client=client,
        now=now,
    )


def _instagram(client: httpx2.AsyncClient, now: Callable[[], datetime]) -> Channel:
    return Instagram(
        app_secret=APP_SECRET, verify_token=VERIFY_TOKEN, access_token="token", client=client, now=now
    )


def _twitter(client: httpx2.AsyncClient, now: Callable[[], datetime]) -> Channel:
    return Twitter(consumer_secret=CONSUMER_SECRET, access_token="token", client=client, now=now)


def _voice(client: httpx2.AsyncClient, now: Callable[[], datetime]) -> Channel:
    return Voice(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        number=ACCOUNTS[ChannelType.VOICE],
        public_url=f"{PUBLIC}/voice",
        client=client,
        now=now,
    )


CHANNELS: dict[ChannelType, Callable[[httpx2.AsyncClient, Callable[[], datetime]], Channel]] = {
    ChannelType.WHATSAPP: _whatsapp,
    ChannelType.FACEBOOK: _facebook,
    ChannelType.INSTAGRAM: _instagram,
    ChannelType.TWITTER: _twitter,
    ChannelType.VOICE: _voice,
}


def make_channel(
    channel: ChannelType,
    client: httpx2.AsyncClient | None = None,
    now: Callable[[], datetime] = lambda: NOW,
) -> Channel:
    """The channel with the secrets that ``make_payload`` signs with; without a client it must not send."""
    return CHANNELS[channel](client or fake_client(), now)


def request_of(
    channel: ChannelType, headers: dict[str, str], body: bytes, *, url: str | None = None, method: str = "POST"
) -> RawRequest:
    """A request to the channel's webhook as the door hands it on."""
    url = url or f"{PUBLIC}/{channel}"
    query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    return RawRequest(method=method, url=url, headers=headers, query=query, body=body, received_at=NOW)


def make_payload(
    channel: ChannelType,
    text: str,
    sender: str | None = None,
    *,
    message_id: str | None = None,
    image_url: str | None = None,
    sent_at: datetime = NOW,
    step: int = 1,
) -> RawRequest:
    """A signed webhook request in which ``sender`` says ``text`` (with a picture, where the channel has pictures).

    For voice ``message_id`` is the CallSid and ``step`` the turn in the call.
    """
    who = sender or SENDERS[channel]
    return BUILDERS[channel](text, who, message_id, image_url, sent_at, step)


def _meta(
    build: Callable[..., sample_payloads.Signed], channel: ChannelType, secret: str
) -> Callable[[str, str, str | None, str | None, datetime, int], RawRequest]:
    def payload(
        text: str, sender: str, message_id: str | None, image_url: str | None, sent_at: datetime, step: int
    ) -> RawRequest:
        headers, body = build(
            text,
            sender,
            secret=secret,
            account=ACCOUNTS[channel],
            sent_at=sent_at,
            message_id=message_id,
            image_url=image_url,
        )
        return request_of(channel, headers, body)

    return payload


def _speech(
    text: str, sender: str, message_id: str | None, image_url: str | None, sent_at: datetime, step: int
) -> RawRequest:
    url = f"{PUBLIC}/voice?step={step}"
    call = message_id or "CA" + "1" * 32
    account = ACCOUNTS[ChannelType.VOICE]
    headers, body = sample_payloads.voice_speech(
        text, sender, secret=AUTH_TOKEN, account=account, url=url, call_sid=call
    )
    return request_of(ChannelType.VOICE, headers, body, url=url)


BUILDERS: dict[ChannelType, Callable[[str, str, str | None, str | None, datetime, int], RawRequest]] = {
    ChannelType.WHATSAPP: _meta(sample_payloads.whatsapp_text, ChannelType.WHATSAPP, APP_SECRET),
    ChannelType.FACEBOOK: _meta(sample_payloads.facebook_text, ChannelType.FACEBOOK, APP_SECRET),
    ChannelType.INSTAGRAM: _meta(sample_payloads.instagram_text, ChannelType.INSTAGRAM, APP_SECRET),
    ChannelType.TWITTER: _meta(sample_payloads.twitter_dm, ChannelType.TWITTER, CONSUMER_SECRET),
    ChannelType.VOICE: _speech,
}
