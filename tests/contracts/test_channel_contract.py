"""What every channel promises, whatever its provider: nothing forged gets in, nothing a customer sends gets lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from switchboard.channels.web_chat import VisitorTokens, WebChat
from switchboard.domain.inbound import FROM_CUSTOMER
from switchboard.domain.message import Attachment, ChannelType
from switchboard.engines.hub import LocalHub
from switchboard.errors import (
    BadSignature,
    ChannelNeedsAttention,
    DeliveryUnknown,
    InvalidInput,
    Unavailable,
    Undeliverable,
)
from switchboard.ports.channel import Outgoing
from tests.channels.payloads import (
    ACCOUNTS,
    BATCHES,
    CHANNELS,
    NOW,
    SENDERS,
    fake_client,
    make_batch,
    make_channel,
    make_payload,
)

ALL = sorted(CHANNELS)
"""Every channel that has registered itself in ``tests.channels.payloads``."""

BODY_SIGNED = tuple(channel for channel in ALL if channel is not ChannelType.WEB_CHAT)
"""A visitor's socket proves who writes by its token; every other payload is signed as a whole."""

OVER_HTTP = (
    ChannelType.WHATSAPP,
    ChannelType.FACEBOOK,
    ChannelType.INSTAGRAM,
    ChannelType.TWITTER,
    ChannelType.VOICE,
)
"""Those that send by calling a provider's HTTP interface."""

WINDOWED = (ChannelType.WHATSAPP, ChannelType.FACEBOOK, ChannelType.INSTAGRAM)


def outgoing(channel: ChannelType, text: str = "Your parcel leaves today.") -> Outgoing:
    return Outgoing(
        key="01J", channel=channel, account=ACCOUNTS[channel], to=SENDERS[channel], text=text, window_opened_at=NOW
    )


@pytest.mark.parametrize("channel", ALL)
class TestAnIncomingPayload:
    def test_a_genuine_one_is_let_in(self, channel: ChannelType) -> None:
        make_channel(channel).verify(make_payload(channel, "hello"))

    def test_one_that_was_changed_on_the_way_is_refused(self, channel: ChannelType) -> None:
        if channel not in BODY_SIGNED:
            pytest.skip("the visitor's token is signed, not what they write")
        genuine = make_payload(channel, "refund me 10")
        forged = replace(genuine, body=genuine.body.replace(b"10", b"99"))

        with pytest.raises(BadSignature):
            make_channel(channel).verify(forged)

    def test_one_without_a_signature_is_refused(self, channel: ChannelType) -> None:
        with pytest.raises(BadSignature):
            make_channel(channel).verify(replace(make_payload(channel, "hello"), headers={}))

    def test_what_the_customer_wrote_comes_out_with_who_and_where(self, channel: ChannelType) -> None:
        (event,) = make_channel(channel).parse(make_payload(channel, "Where is my order?")).events

        assert event.kind in FROM_CUSTOMER
        assert event.content.text.rstrip() == "Where is my order?"
        assert event.channel is channel
        assert event.account == ACCOUNTS[channel]
        assert event.senders[0].address == SENDERS[channel]
        assert event.senders[0].verified

    def test_both_events_of_a_batch_come_out(self, channel: ChannelType) -> None:
        if channel not in BATCHES:
            pytest.skip("this channel carries one message in a payload")
        parsed = make_channel(channel).parse(make_batch(channel, ("77", "88")))

        assert [event.content.text for event in parsed.events] == ["77", "88"]
        assert len({event.external_id for event in parsed.events}) == 2

    def test_the_same_payload_twice_has_the_same_ids(self, channel: ChannelType) -> None:
        first, again = (make_channel(channel).parse(make_payload(channel, "hello")).events for _ in range(2))

        assert [event.external_id for event in first] == [event.external_id for event in again]

    def test_a_body_that_is_not_the_provider_s_is_refused(self, channel: ChannelType) -> None:
        for body in (b"", b"[]", b"{}", b"null", b"\xff\xfe", b"[" * 100_000):
            with pytest.raises(InvalidInput):
                make_channel(channel).parse(replace(make_payload(channel, "hello"), body=body))

    def test_it_is_acknowledged(self, channel: ChannelType) -> None:
        request = make_payload(channel, "hello")
        adapter = make_channel(channel)

        assert adapter.acknowledge(request, adapter.parse(request).events).status == 200


class TestAVisitorsToken:
    def test_one_that_names_another_visitor_is_refused(self) -> None:
        genuine = make_payload(ChannelType.WEB_CHAT, "hello")
        claims, _, signature = genuine.headers["x-visitor-token"].partition(".")
        forged = claims[:-2] + ("AA" if not claims.endswith("AA") else "BB")

        with pytest.raises(BadSignature):
            make_channel(ChannelType.WEB_CHAT).verify(
                replace(genuine, headers={"x-visitor-token": f"{forged}.{signature}"})
            )

    def test_one_that_is_too_old_is_refused(self) -> None:
        genuine = make_payload(ChannelType.WEB_CHAT, "hello")

        with pytest.raises(BadSignature):
            make_channel(ChannelType.WEB_CHAT).verify(replace(genuine, received_at=NOW + timedelta(days=365)))


class TestSendingToAWebsite:
    async def test_the_visitor_s_windows_are_told_at_once(self) -> None:
        hub = LocalHub()
        chat = WebChat(tokens=VisitorTokens(secret=b"v" * 32), hub=hub)
        async with hub.subscribe(f"chat:{SENDERS[ChannelType.WEB_CHAT]}") as hints:
            receipt = await chat.send(outgoing(ChannelType.WEB_CHAT))
            hint = await anext(hints)

        assert hint["message_id"] == "01J"
        assert receipt.external_ids == ("01J",)

    async def test_an_address_of_another_channel_is_undeliverable(self) -> None:
        with pytest.raises(Undeliverable):
            await make_channel(ChannelType.WEB_CHAT).send(replace(outgoing(ChannelType.WEB_CHAT), to="+4915112345678"))


class TestSendingMailWithoutARelay:
    async def test_an_operator_is_told(self) -> None:
        with pytest.raises(ChannelNeedsAttention):
            await make_channel(ChannelType.EMAIL).send(outgoing(ChannelType.EMAIL))


@pytest.mark.parametrize("channel", OVER_HTTP)
class TestSendingWhenTheProviderHasTrouble:
    async def test_it_is_tried_again_when_nothing_was_sent(self, channel: ChannelType) -> None:
        def unreachable(request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("refused")

        with pytest.raises(Unavailable):
            await make_channel(channel, fake_client(unreachable)).send(outgoing(channel))

    @pytest.mark.parametrize("lost", [httpx2.ReadTimeout, httpx2.ReadError, httpx2.RemoteProtocolError])
    async def test_nobody_knows_when_the_answer_was_lost(
        self, channel: ChannelType, lost: type[httpx2.TransportError]
    ) -> None:
        def silent(request: httpx2.Request) -> httpx2.Response:
            raise lost("gone")

        with pytest.raises(DeliveryUnknown):
            await make_channel(channel, fake_client(silent)).send(outgoing(channel))

    async def test_a_server_error_is_tried_again(self, channel: ChannelType) -> None:
        broken = fake_client(lambda request: httpx2.Response(503, text="<html>"))

        with pytest.raises(Unavailable):
            await make_channel(channel, broken).send(outgoing(channel))

    async def test_a_success_without_an_id_is_no_receipt(self, channel: ChannelType) -> None:
        odd = fake_client(lambda request: httpx2.Response(200, text="ok"))

        with pytest.raises(DeliveryUnknown):
            await make_channel(channel, odd).send(outgoing(channel))

    async def test_an_empty_message_is_not_sent(self, channel: ChannelType) -> None:
        with pytest.raises(Undeliverable):
            await make_channel(channel).send(outgoing(channel, text="  "))


@pytest.mark.parametrize("channel", WINDOWED)
class TestAfterTheReplyWindow:
    async def test_free_text_is_not_sent_and_the_agent_learns_why(self, channel: ChannelType) -> None:
        late = replace(outgoing(channel), window_opened_at=NOW - timedelta(hours=24, seconds=1))

        with pytest.raises(Undeliverable, match="more than 24 hours ago"):
            await make_channel(channel).send(late)


@pytest.mark.parametrize("channel", WINDOWED)
async def test_a_file_without_a_link_is_not_sent_in_silence(channel: ChannelType) -> None:
    message = replace(outgoing(channel), attachments=(Attachment(kind="image", blob_id="b1"),))

    with pytest.raises(Undeliverable, match="public link"):
        await make_channel(channel).send(message)
