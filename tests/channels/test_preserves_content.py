"""Property 1 at the door: what a customer sent is what comes out, on each of the five provider channels."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.domain.inbound import FROM_CUSTOMER
from switchboard.domain.message import ChannelType
from tests.channels.fixture_cases import FOLDERS
from tests.channels.payloads import ACCOUNTS, NOW, SENDERS, make_channel, make_payload
from tests.properties import design_property

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300).filter(lambda text: text.strip())
DIGITS = st.text("123456789", min_size=8, max_size=14)


@design_property(1)
@pytest.mark.parametrize("channel", FOLDERS)
@settings(max_examples=100, deadline=None)
@given(text=TEXTS, sender=DIGITS)
def test_words_and_sender_come_out_as_they_went_in(channel: ChannelType, text: str, sender: str) -> None:
    """Feature: omnichannel-cx-platform, Property 1: Message Normalization Completeness"""
    phone = channel in (ChannelType.WHATSAPP, ChannelType.VOICE)
    address = f"+{sender}" if phone else sender

    (event,) = make_channel(channel).parse(make_payload(channel, text, address)).events

    assert event.kind in FROM_CUSTOMER
    assert event.channel is channel
    assert event.account == ACCOUNTS[channel]
    assert event.external_id
    assert event.senders[0].address == address
    assert event.content.text == text


@design_property(1)
@pytest.mark.parametrize("channel", [channel for channel in FOLDERS if channel is not ChannelType.VOICE])
@settings(max_examples=100, deadline=None)
@given(text=TEXTS, name=st.text("abcdefghij0123456789-_", min_size=1, max_size=30))
def test_pictures_keep_their_links(channel: ChannelType, text: str, name: str) -> None:
    """Feature: omnichannel-cx-platform, Property 1: Message Normalization Completeness"""
    url = f"https://media.example/{name}.jpg?sig=a%2Fb&x=1"

    (event,) = make_channel(channel).parse(make_payload(channel, text, SENDERS[channel], image_url=url)).events

    (picture,) = event.content.attachments
    assert (picture.kind, picture.url) == ("image", url)
    assert event.content.media_urls == (url,)
    assert event.content.text.rstrip() == text.rstrip()
    assert event.sent_at is None or event.sent_at == NOW
