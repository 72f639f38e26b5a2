"""Channels with test secrets, and signed requests to drive them: ``make_channel`` and ``make_payload``.

Other channels add themselves to ``CHANNELS``, ``BUILDERS`` and ``BATCHES``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2

from switchboard.channels import sample_payloads, signing
from switchboard.channels.facebook import Facebook
from switchboard.channels.instagram import Instagram
from switchboard.channels.twitter import Twitter
from switchboard.channels.voice import Voice
from switchboard.channels.whatsapp import WhatsApp
from switchboard.domain.message import ChannelType
from switchboard.ports.channel import Channel, RawRequest
from tests.channels import mail_and_chat

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
    ChannelType.WEB_CHAT: "widget",
    ChannelType.EMAIL: mail_and_chat.MAILBOX,
}
SENDERS = {
    ChannelType.WHATSAPP: "+4915112345678",
    ChannelType.FACEBOOK: "6123456789012345",
    ChannelType.INSTAGRAM: "1234567890123456",
    ChannelType.TWITTER: "2222222222222222222",
    ChannelType.VOICE: "+14155550100",
    ChannelType.WEB_CHAT: mail_and_chat.VISITOR,
    ChannelType.EMAIL: mail_and_chat.CORRESPONDENT,
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
    return Instagram(app_secret=APP_SECRET, verify_token=VERIFY_TOKEN, access_token="token", client=client, now=now)


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


ChannelBuilder = Callable[[httpx2.AsyncClient, Callable[[], datetime]], Channel]
PayloadBuilder = Callable[[str, str, str | None, str | None, datetime, int], RawRequest]

CHANNELS: dict[ChannelType, ChannelBuilder] = {
    ChannelType.WHATSAPP: _whatsapp,
    ChannelType.FACEBOOK: _facebook,
    ChannelType.INSTAGRAM: _instagram,
    ChannelType.TWITTER: _twitter,
    ChannelType.VOICE: _voice,
    ChannelType.WEB_CHAT: mail_and_chat.chat_channel,
    ChannelType.EMAIL: mail_and_chat.mail_channel,
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


def _meta(build: Callable[..., sample_payloads.Signed], channel: ChannelType, secret: str) -> PayloadBuilder:
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


BUILDERS: dict[ChannelType, PayloadBuilder] = {
    ChannelType.WHATSAPP: _meta(sample_payloads.whatsapp_text, ChannelType.WHATSAPP, APP_SECRET),
    ChannelType.FACEBOOK: _meta(sample_payloads.facebook_text, ChannelType.FACEBOOK, APP_SECRET),
    ChannelType.INSTAGRAM: _meta(sample_payloads.instagram_text, ChannelType.INSTAGRAM, APP_SECRET),
    ChannelType.TWITTER: _meta(sample_payloads.twitter_dm, ChannelType.TWITTER, CONSUMER_SECRET),
    ChannelType.VOICE: _speech,
    ChannelType.WEB_CHAT: mail_and_chat.chat_frame,
    ChannelType.EMAIL: mail_and_chat.posted_mail,
}


def make_batch(channel: ChannelType, texts: tuple[str, str]) -> RawRequest:
    """One signed request that holds two events of the customer with these texts (for voice: words, then keys)."""
    return BATCHES[channel](texts)


def signed(channel: ChannelType, body: bytes, *, url: str | None = None) -> RawRequest:
    """Any body, correctly signed."""
    if channel is ChannelType.VOICE:
        url = url or f"{PUBLIC}/voice?step=1"
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        return request_of(
            channel, {"x-twilio-signature": signing.twilio_signature(url, form, AUTH_TOKEN)}, body, url=url
        )
    if channel is ChannelType.TWITTER:
        signature = signing.sha256_base64(CONSUMER_SECRET, body)
        return request_of(channel, {"x-twitter-webhooks-signature": signature}, body, url=url)
    return request_of(channel, {"x-hub-signature-256": signing.sha256_hex(APP_SECRET, body)}, body, url=url)


def _two_entries(channel: ChannelType) -> Callable[[tuple[str, str]], RawRequest]:
    def batch(texts: tuple[str, str]) -> RawRequest:
        one, two = (json.loads(make_payload(channel, text, message_id=f"m{text}").body) for text in texts)
        return signed(channel, json.dumps({**one, "entry": [*one["entry"], *two["entry"]]}).encode())

    return batch


def _two_direct_messages(texts: tuple[str, str]) -> RawRequest:
    one, two = (json.loads(make_payload(ChannelType.TWITTER, text).body)["data"] for text in texts)
    one["payload"]["direct_message_events"] += two["payload"]["direct_message_events"]
    return signed(ChannelType.TWITTER, json.dumps({"data": one}).encode())


def _words_and_keys(texts: tuple[str, str]) -> RawRequest:
    spoken = make_payload(ChannelType.VOICE, texts[0])
    return signed(ChannelType.VOICE, spoken.body + b"&Digits=" + texts[1].encode(), url=spoken.url)


BATCHES: dict[ChannelType, Callable[[tuple[str, str]], RawRequest]] = {
    ChannelType.WHATSAPP: _two_entries(ChannelType.WHATSAPP),
    ChannelType.FACEBOOK: _two_entries(ChannelType.FACEBOOK),
    ChannelType.INSTAGRAM: _two_entries(ChannelType.INSTAGRAM),
    ChannelType.TWITTER: _two_direct_messages,
    ChannelType.VOICE: _words_and_keys,
}
