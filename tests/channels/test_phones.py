"""One person's number is recognised however a provider writes it."""

from __future__ import annotations

import pytest

from switchboard.channels.phones import phone_address, phone_variants
from switchboard.domain.message import ChannelType
from tests.channels.payloads import make_channel, make_payload


@pytest.mark.parametrize("written", ["+4915112345678", "4915112345678", "+49 151 1234-5678", "+49 (151) 12345678"])
def test_a_number_is_written_one_way(written: str) -> None:
    assert phone_address(written) == "+4915112345678"


@pytest.mark.parametrize("other", ["sip:anna@example.com", "client:anna_42", "US.1349", "<PHONE>", "123"])
def test_what_is_no_number_stays_as_it_is(other: str) -> None:
    assert phone_address(other) == other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+5511987654321", "+551187654321"),
        ("+5491123456789", "+541123456789"),
        ("+5215512345678", "+525512345678"),
    ],
    ids=["Brazil", "Argentina", "Mexico"],
)
def test_both_spellings_of_a_mobile_lead_to_each_other(one: str, other: str) -> None:
    assert phone_variants(one) == (other,)
    assert phone_variants(other) == (one,)


@pytest.mark.parametrize("number", ["+4915112345678", "+14155550100", "+551133334444"])
def test_other_numbers_have_one_spelling(number: str) -> None:
    assert phone_variants(number) == ()


def test_the_other_spelling_is_one_more_address_and_answers_go_to_the_first() -> None:
    (event,) = (
        make_channel(ChannelType.WHATSAPP).parse(make_payload(ChannelType.WHATSAPP, "oi", "+551187654321")).events
    )

    assert [sender.address for sender in event.senders] == ["+551187654321", "+5511987654321"]
