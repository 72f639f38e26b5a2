"""Answers on their way out: what each provider is asked to do, and what its refusals mean for us."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import parse_qs

import httpx2
import pytest

from switchboard.channels.facebook import Facebook
from switchboard.channels.splitting import size
from switchboard.channels.twitter import Twitter
from switchboard.domain.message import Attachment, ChannelType
from switchboard.errors import (
    ChannelNeedsAttention,
    DeliveryUnknown,
    RateLimited,
    SwitchboardError,
    Unavailable,
    Undeliverable,
)
from switchboard.ports.channel import Channel, Outgoing
from tests.channels.payloads import ACCOUNTS, APP_SECRET, NOW, SENDERS, VERIFY_TOKEN, fake_client, make_channel, signed

WHATSAPP, FACEBOOK, INSTAGRAM, TWITTER, VOICE = (
    ChannelType.WHATSAPP,
    ChannelType.FACEBOOK,
    ChannelType.INSTAGRAM,
    ChannelType.TWITTER,
    ChannelType.VOICE,
)


@dataclass
class Provider:
    """A provider that remembers what it was asked and answers from a list (the last answer repeats)."""

    answers: list[tuple[int, object]]
    headers: Mapping[str, str] = field(default_factory=dict)
    calls: list[httpx2.Request] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.calls.append(request)
        status, body = self.answers[min(len(self.calls), len(self.answers)) - 1]
        return httpx2.Response(status, json=body, headers=dict(self.headers))

    def channel(self, channel: ChannelType) -> Channel:
        return make_channel(channel, fake_client(self))

    def bodies(self) -> list[dict[str, object]]:
        return [json.loads(call.content) for call in self.calls]

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.calls[-1].content.decode()).items()}


def outgoing(channel: ChannelType, text: str = "It leaves today.", **changes: object) -> Outgoing:
    message = Outgoing(
        key="01J", channel=channel, account=ACCOUNTS[channel], to=SENDERS[channel], text=text, window_opened_at=NOW
    )
    return replace(message, **changes)  # type: ignore[arg-type]  # tests name fields of Outgoing


class TestWhatsApp:
    async def test_a_text_goes_to_the_number_with_our_key(self) -> None:
        provider = Provider([(200, {"messages": [{"id": "wamid.1"}]})])

        receipt = await provider.channel(WHATSAPP).send(outgoing(WHATSAPP, in_reply_to="wamid.0"))

        (body,) = provider.bodies()
        assert receipt.external_ids == ("wamid.1",)
        assert str(provider.calls[0].url) == "https://graph.facebook.com/v23.0/106540352242922/messages"
        assert provider.calls[0].headers["authorization"] == "Bearer token"
        assert (body["to"], body["text"]) == ("4915112345678", {"body": "It leaves today.", "preview_url": False})
        assert body["biz_opaque_callback_data"] == "sb:01J"
        assert body["context"] == {"message_id": "wamid.0"}

    async def test_a_person_without_a_number_is_reached_by_user_id(self) -> None:
        provider = Provider([(200, {"messages": [{"id": "wamid.1"}]})])

        await provider.channel(WHATSAPP).send(outgoing(WHATSAPP, to="DE.13491208655302741918"))

        (body,) = provider.bodies()
        assert body["recipient"] == "DE.13491208655302741918"
        assert "to" not in body

    async def test_a_file_goes_by_its_link_after_the_text(self) -> None:
        provider = Provider([(200, {"messages": [{"id": "wamid.1"}]})])
        bill = Attachment(kind="file", name="bill.pdf", url="https://files.example/bill.pdf")

        await provider.channel(WHATSAPP).send(outgoing(WHATSAPP, attachments=(bill,)))

        assert [body["type"] for body in provider.bodies()] == ["text", "document"]
        assert provider.bodies()[1]["document"] == {"link": "https://files.example/bill.pdf", "filename": "bill.pdf"}

    async def test_only_the_first_part_quotes_and_only_what_whatsapp_knows(self) -> None:
        provider = Provider([(200, {"messages": [{"id": "wamid.1"}]})])

        await provider.channel(WHATSAPP).send(outgoing(WHATSAPP, "A sentence. " * 400, in_reply_to="wamid.0"))
        await provider.channel(WHATSAPP).send(outgoing(WHATSAPP, in_reply_to="hash:12"))

        assert ["context" in body for body in provider.bodies()] == [True, False, False]

    async def test_the_status_that_comes_back_carries_our_key(self) -> None:
        status = {"id": "wamid.1", "status": "delivered", "timestamp": "1767225600", "recipient_id": "4915112345678"}
        status["biz_opaque_callback_data"] = "sb:01J"
        value = {"metadata": {"phone_number_id": "1"}, "statuses": [status]}
        body = {"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": value}]}]}
        (event,) = make_channel(WHATSAPP).parse(signed(WHATSAPP, json.dumps(body).encode())).events

        assert event.metadata["key"] == "01J"


class TestMessengerAndInstagram:
    @pytest.mark.parametrize("channel", [FACEBOOK, INSTAGRAM])
    async def test_a_text_goes_to_the_person_with_our_marker(self, channel: ChannelType) -> None:
        provider = Provider([(200, {"recipient_id": "1", "message_id": "m_1"})])

        receipt = await provider.channel(channel).send(outgoing(channel))

        (body,) = provider.bodies()
        assert receipt.external_ids == ("m_1",)
        speaker = "me" if channel is INSTAGRAM else ACCOUNTS[channel]
        assert provider.calls[0].url.path == f"/v23.0/{speaker}/messages"
        assert body["recipient"] == {"id": SENDERS[channel]}
        assert body["messaging_type"] == "RESPONSE"
        assert body["message"] == {"text": "It leaves today.", "metadata": "sb:01J"}

    async def test_instagram_counts_bytes(self) -> None:
        provider = Provider([(200, {"message_id": "m_1"})])

        await provider.channel(INSTAGRAM).send(outgoing(INSTAGRAM, "Größe. " * 200))

        texts = [str(body["message"]["text"]) for body in provider.bodies()]  # type: ignore[index]  # JSON of our own
        assert len(texts) == 2
        assert all(size(text, "bytes") <= 1000 for text in texts)

    async def test_our_echo_is_known_by_its_marker(self) -> None:
        message = {"mid": "m_1", "text": "hi", "is_echo": True, "metadata": "sb:01J"}
        item = {"sender": {"id": "1"}, "recipient": {"id": "2"}, "timestamp": 1767225600123, "message": message}
        body = json.dumps({"object": "page", "entry": [{"id": "1", "messaging": [item]}]}).encode()
        (event,) = make_channel(FACEBOOK).parse(signed(FACEBOOK, body)).events

        assert (event.metadata["own"], event.metadata["key"]) == ("true", "01J")

    @pytest.mark.parametrize(("automatic", "allowed"), [(False, True), (True, False)])
    async def test_only_a_person_may_answer_after_a_day_with_meta_s_permission(
        self, automatic: bool, allowed: bool
    ) -> None:
        provider = Provider([(200, {"message_id": "m_1"})])
        page = Facebook(
            app_secret=APP_SECRET,
            verify_token=VERIFY_TOKEN,
            access_token="token",
            human_agent=True,
            client=fake_client(provider),
            now=lambda: NOW,
        )
        late = outgoing(FACEBOOK, window_opened_at=NOW - timedelta(days=3), automatic=automatic)

        if not allowed:
            with pytest.raises(Undeliverable, match="24 hours"):
                await page.send(late)
            return
        await page.send(late)
        assert provider.bodies()[0]["tag"] == "HUMAN_AGENT"


class TestX:
    async def test_a_text_goes_into_the_conversation_with_the_person(self) -> None:
        provider = Provider([(201, {"data": {"dm_conversation_id": "1-2", "dm_event_id": "99"}})])
        picture = Attachment(kind="image", url="https://files.example/a.jpg")

        receipt = await provider.channel(TWITTER).send(outgoing(TWITTER, attachments=(picture,)))

        assert receipt.external_ids == ("99",)
        assert provider.calls[0].url.path == "/2/dm_conversations/with/2222222222222222222/messages"
        assert provider.bodies() == [{"text": "It leaves today.\nhttps://files.example/a.jpg"}]

    async def test_with_a_token_pair_the_request_is_signed(self) -> None:
        provider = Provider([(201, {"data": {"dm_event_id": "99"}})])
        account = Twitter(
            consumer_secret="cs",
            access_token="t",
            consumer_key="ck",
            access_secret="as",
            client=fake_client(provider),
            now=lambda: NOW,
        )

        await account.send(outgoing(TWITTER))
        await account.send(outgoing(TWITTER))

        first, second = (call.headers["authorization"] for call in provider.calls)
        assert first.startswith('OAuth oauth_consumer_key="ck"')
        assert first != second

    async def test_the_wait_is_until_the_limit_resets(self) -> None:
        provider = Provider([(429, {})], headers={"x-rate-limit-reset": str(int(NOW.timestamp()) + 321)})

        with pytest.raises(RateLimited) as caught:
            await provider.channel(TWITTER).send(outgoing(TWITTER))

        assert caught.value.retry_after == 321


class TestVoice:
    async def test_the_customer_is_called_and_our_webhook_says_what_it_is_about(self) -> None:
        provider = Provider([(201, {"sid": "CA9"})])

        receipt = await provider.channel(VOICE).send(outgoing(VOICE, "Size <9> & up"))

        assert receipt.external_ids == ("CA9",)
        assert provider.calls[0].url.path.endswith("/Calls.json")
        assert provider.calls[0].headers["authorization"].startswith("Basic ")
        assert (provider.form()["To"], provider.form()["From"]) == ("+14155550100", "+18005550199")
        assert provider.form()["Url"].endswith("/voice?key=01J")
        assert provider.form()["StatusCallback"].endswith("/voice?key=01J")

    async def test_a_hidden_number_cannot_be_called_back(self) -> None:
        with pytest.raises(Undeliverable, match="hidden"):
            await make_channel(VOICE).send(outgoing(VOICE, to="anonymous:CA1"))

    async def test_nothing_is_called_about_nothing(self) -> None:
        with pytest.raises(Undeliverable, match="empty"):
            await make_channel(VOICE).send(outgoing(VOICE, "  "))


class TestALongAnswer:
    async def test_is_sent_in_parts_in_order(self) -> None:
        provider = Provider([(200, {"message_id": f"m_{number}"}) for number in range(1, 4)])

        receipt = await provider.channel(FACEBOOK).send(outgoing(FACEBOOK, "A sentence of words. " * 250))

        assert receipt.external_ids == ("m_1", "m_2", "m_3")

    async def test_that_breaks_off_halfway_is_not_repeated_from_the_start(self) -> None:
        provider = Provider([(200, {"message_id": "m_1"}), (503, {})])

        with pytest.raises(DeliveryUnknown, match="first 1 parts"):
            await provider.channel(FACEBOOK).send(outgoing(FACEBOOK, "A sentence of words. " * 250))


def graph(code: int, subcode: int | None = None) -> dict[str, object]:
    return {"error": {"message": "Something with the customer's words", "code": code, "error_subcode": subcode}}


def x_error(code: int) -> dict[str, object]:
    return {"errors": [{"code": code, "message": "Something with the customer's words"}]}


@pytest.mark.parametrize(
    ("channel", "status", "body", "error"),
    [
        (WHATSAPP, 400, graph(131047), Undeliverable),
        (WHATSAPP, 400, graph(131026), Undeliverable),
        (WHATSAPP, 400, graph(132012), Undeliverable),
        (WHATSAPP, 400, graph(131056), RateLimited),
        (WHATSAPP, 400, graph(130429), RateLimited),
        (WHATSAPP, 500, graph(131000), Unavailable),
        (WHATSAPP, 400, graph(131042), ChannelNeedsAttention),
        (WHATSAPP, 401, graph(190), ChannelNeedsAttention),
        (WHATSAPP, 403, graph(219), ChannelNeedsAttention),
        (WHATSAPP, 400, graph(999999), Undeliverable),
        (WHATSAPP, 500, graph(999999), Unavailable),
        (FACEBOOK, 400, graph(10, 2018278), Undeliverable),
        (FACEBOOK, 400, graph(10), ChannelNeedsAttention),
        (FACEBOOK, 400, graph(200, 1545041), Undeliverable),
        (FACEBOOK, 400, graph(551), Undeliverable),
        (FACEBOOK, 400, graph(1200), Unavailable),
        (FACEBOOK, 400, graph(613), RateLimited),
        (INSTAGRAM, 400, graph(100, 2018001), Undeliverable),
        (INSTAGRAM, 400, graph(190), ChannelNeedsAttention),
        (INSTAGRAM, 429, {}, RateLimited),
        *[(WHATSAPP, 400, graph(code), RateLimited) for code in (4, 80007, 130429, 131056, 133016)],
        *[(WHATSAPP, 400, graph(code), Unavailable) for code in (2, 131000, 131016, 131057)],
        *[(WHATSAPP, 400, graph(code), Undeliverable) for code in (131047, 131026, 131049, 130472, 131050, 131062)],
        *[
            (WHATSAPP, 400, graph(code), Undeliverable)
            for code in (131030, 131021, 131008, 131009, 131051, 100, 135000)
        ],
        *[(WHATSAPP, 400, graph(code), Undeliverable) for code in (132000, 132016, 131052, 131053)],
        *[
            (WHATSAPP, 400, graph(code), ChannelNeedsAttention)
            for code in (131048, 368, 131031, 130497, 131042, 131064)
        ],
        *[(WHATSAPP, 400, graph(code), ChannelNeedsAttention) for code in (190, 0, 10, 200, 299, 131005)],
        *[(FACEBOOK, 400, graph(code), RateLimited) for code in (4, 17, 32, 341, 613, 80006)],
        *[(FACEBOOK, 400, graph(code), Unavailable) for code in (1, 2, 1200)],
        *[(INSTAGRAM, 400, graph(code), ChannelNeedsAttention) for code in (190, 10, 200, 368)],
        (FACEBOOK, 400, graph(100, 2018001), Undeliverable),
        *[(TWITTER, 403, x_error(code), Undeliverable) for code in (149, 150, 151, 349, 108, 187)],
        *[(TWITTER, 403, x_error(code), ChannelNeedsAttention) for code in (64, 87, 93, 226, 261, 326, 453)],
        *[(TWITTER, 401, x_error(code), ChannelNeedsAttention) for code in (32, 89, 215)],
        (TWITTER, 403, x_error(88), RateLimited),
        (TWITTER, 503, x_error(130), Unavailable),
        (TWITTER, 403, {"title": "Forbidden", "type": "about:blank", "status": 403}, Undeliverable),
        (TWITTER, 403, {"reason": "client-not-enrolled", "status": 403}, ChannelNeedsAttention),
        (TWITTER, 403, {"type": "https://api.x.com/2/problems/oauth1-permissions"}, ChannelNeedsAttention),
        (TWITTER, 402, {"title": "CreditsDepleted"}, ChannelNeedsAttention),
        (TWITTER, 200, {"data": {}}, DeliveryUnknown),
        (TWITTER, 401, {}, ChannelNeedsAttention),
        (TWITTER, 403, {}, Undeliverable),
        (TWITTER, 429, {}, RateLimited),
        (TWITTER, 500, {}, Unavailable),
        (VOICE, 400, {"code": 21211}, Undeliverable),
        (VOICE, 401, {"code": 20003}, ChannelNeedsAttention),
        (VOICE, 429, {"code": 20429}, RateLimited),
        (VOICE, 400, {"code": 21215}, ChannelNeedsAttention),
        (VOICE, 302, {}, ChannelNeedsAttention),
    ],
)
async def test_a_refusal_means(channel: ChannelType, status: int, body: object, error: type[SwitchboardError]) -> None:
    provider = Provider([(status, body)], headers={"retry-after": "17"} if status == 429 else {})

    with pytest.raises(SwitchboardError) as caught:
        await provider.channel(channel).send(outgoing(channel))

    assert type(caught.value) is error
    assert "customer's words" not in caught.value.detail
    if status == 429 and isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == 17


class TestHowLongToWait:
    @pytest.mark.parametrize("channel", [WHATSAPP, FACEBOOK, INSTAGRAM, TWITTER])
    @pytest.mark.parametrize(
        ("told", "seconds"),
        [
            ("17", 17),
            ("0", 1),
            ("999999", 86_400),
            ("Mon, 02 Mar 2026 12:01:30 GMT", 90),
            ("Monday, 02-Mar-26 12:01:30 GMT", 90),
            ("Mon, 02 Mar 2026 11:00:00 GMT", 1),
        ],
    )
    async def test_is_what_the_provider_says_in_either_form(
        self, channel: ChannelType, told: str, seconds: int
    ) -> None:
        provider = Provider([(429, {})], headers={"retry-after": told})

        with pytest.raises(RateLimited) as caught:
            await provider.channel(channel).send(outgoing(channel))

        assert caught.value.retry_after == seconds

    @pytest.mark.parametrize(("status", "seconds"), [(429, 900), (503, 5)])
    async def test_on_x_is_a_quarter_of_an_hour_for_a_limit_only(self, status: int, seconds: int) -> None:
        provider = Provider([(status, {})], headers={"retry-after": "soon"})

        with pytest.raises(Unavailable) as caught:
            await provider.channel(TWITTER).send(outgoing(TWITTER))

        assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("channel", "limit", "unit", "window", "buttons", "rows"),
    [
        (WHATSAPP, 4096, "characters", 24, 3, 10),
        (FACEBOOK, 2000, "characters", 24, 13, 0),
        (INSTAGRAM, 1000, "bytes", 24, 13, 0),
        (TWITTER, 10_000, "characters", None, 0, 0),
    ],
)
def test_what_a_channel_carries_is_what_its_provider_says(
    channel: ChannelType, limit: int, unit: str, window: int | None, buttons: int, rows: int
) -> None:
    can = make_channel(channel).capabilities

    hours = can.reply_window.total_seconds() / 3600 if can.reply_window else None
    assert (can.text_limit, can.text_unit, hours, can.max_buttons, can.max_rows) == (limit, unit, window, buttons, rows)


@pytest.mark.parametrize(
    ("channel", "kind", "content_type", "megabytes"),
    [
        (WHATSAPP, "image", "image/jpeg", 5),
        (WHATSAPP, "video", "video/mp4", 16),
        (WHATSAPP, "audio", "audio/ogg", 16),
        (WHATSAPP, "document", "application/pdf", 100),
        (FACEBOOK, "image", "image/png", 25),
        (INSTAGRAM, "image", "image/png", 8),
        (INSTAGRAM, "video", "video/mp4", 25),
        (TWITTER, "image", "image/png", 5),
        (TWITTER, "image", "image/gif", 15),
        (TWITTER, "video", "video/mp4", 512),
    ],
)
def test_files_are_as_big_as_the_provider_allows(
    channel: ChannelType, kind: str, content_type: str, megabytes: int
) -> None:
    rule = make_channel(channel).capabilities.carries(Attachment(kind=kind, content_type=content_type, size=1))

    assert (rule.kind, rule.max_bytes) == (kind, megabytes * 1024 * 1024)
