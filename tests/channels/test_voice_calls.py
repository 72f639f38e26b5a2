"""What a caller hears at every step, and who the caller is."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.channels import sample_payloads, twiml
from switchboard.domain.inbound import InboundKind
from switchboard.domain.message import ChannelType, DeliveryState
from switchboard.ports.channel import RawRequest
from tests.channels.fixture_cases import CASES, Case
from tests.channels.payloads import ACCOUNTS, AUTH_TOKEN, PUBLIC, make_channel, make_payload, request_of, signed

VOICE = ChannelType.VOICE


def call(
    sender: str = "+14155550100", status: str = "ringing", sid: str = "CA1", url: str = f"{PUBLIC}/voice"
) -> RawRequest:
    headers, body = sample_payloads.voice_call(
        sender, secret=AUTH_TOKEN, account=ACCOUNTS[VOICE], url=url, call_sid=sid, status=status
    )
    return request_of(VOICE, headers, body, url=url)


def heard(request: RawRequest) -> ElementTree.Element:
    """The TwiML that answers the request."""
    adapter = make_channel(VOICE)
    answer = adapter.acknowledge(request, adapter.parse(request).events)
    assert answer.content_type.startswith("text/xml")
    return ElementTree.fromstring(answer.body)


def words(document: ElementTree.Element) -> str:
    return " ".join(say.text or "" for say in document.iter("Say"))


class TestACall:
    def test_begins_with_a_greeting_that_says_it_is_a_machine_and_listens(self) -> None:
        document = heard(call())

        gather = document.find("Gather")
        assert gather is not None
        assert gather.get("input") == "speech dtmf"
        assert gather.get("action") == f"{PUBLIC}/voice?step=1"
        assert "automated assistant" in words(document)

    def test_goes_on_listening_after_words(self) -> None:
        document = heard(make_payload(VOICE, "Where is my order?", step=3))

        gather = document.find("Gather")
        assert gather is not None
        assert "step=4" in str(gather.get("action"))
        assert "looking into it" in words(document)

    def test_asks_again_when_the_words_were_hardly_understood(self) -> None:
        (case,) = [case for case in CASES if case.name == "voice/gather-speech-low"]

        assert "say it again" in words(heard(case.request))

    def test_asks_again_after_silence_then_takes_a_voice_message(self) -> None:
        first = heard(call(status="in-progress", url=f"{PUBLIC}/voice?step=1"))
        gather = first.find("Gather")
        assert gather is not None

        second = heard(call(status="in-progress", url=str(gather.get("action"))))

        record = second.find("Record")
        assert record is not None
        assert "recorded" in words(second)
        assert record.get("transcribeCallback") == f"{PUBLIC}/voice"

    def test_ends_when_the_caller_has_nothing_to_say_to_the_answer(self) -> None:
        document = heard(call(status="in-progress", url=f"{PUBLIC}/voice?step=1234&answered=1"))

        assert document.find("Hangup") is not None
        assert document.find("Record") is None

    def test_ends_after_the_voice_message(self) -> None:
        (case,) = [case for case in CASES if case.name == "voice/record-done"]

        assert heard(case.request).find("Hangup") is not None

    def test_says_nothing_when_nobody_listens(self) -> None:
        assert len(heard(call(status="completed"))) == 0

    @pytest.mark.parametrize("case", [case for case in CASES if case.channel is VOICE], ids=lambda case: case.name)
    def test_always_hears_valid_twiml(self, case: Case) -> None:
        assert heard(case.request).tag == "Response"


class TestTheCaller:
    def test_two_hidden_numbers_are_two_persons(self) -> None:
        adapter = make_channel(VOICE)
        one, two = (adapter.parse(call("anonymous", sid=sid)).events[0].senders[0] for sid in ("CA1", "CA2"))

        assert one.address != two.address
        assert not one.verified

    def test_a_number_that_failed_the_carrier_s_check_proves_nothing(self) -> None:
        request = signed(VOICE, call().body + b"&StirVerstat=TN-Validation-Failed-A")

        assert not make_channel(VOICE).parse(request).events[0].senders[0].verified

    def test_the_same_words_in_two_turns_are_two_messages(self) -> None:
        adapter = make_channel(VOICE)
        one, two = (adapter.parse(make_payload(VOICE, "yes", step=step)).events[0] for step in (1, 2))

        assert one.external_id != two.external_id
        assert one.session == two.session

    def test_a_call_back_that_nobody_answered_is_a_failed_delivery(self) -> None:
        (case,) = [case for case in CASES if case.name == "voice/status-no-answer"]

        (event,) = make_channel(VOICE).parse(case.request).events

        assert (event.kind, event.delivery) == (InboundKind.STATUS, DeliveryState.FAILED)
        assert event.target == event.session


@settings(max_examples=100, deadline=None)
@given(answer=st.text(max_size=200), address=st.text(max_size=40))
def test_whatever_we_say_is_valid_xml(answer: str, address: str) -> None:
    for document in (
        twiml.speak(twiml.Prompts(), answer, action=address),
        twiml.ask(twiml.Prompts(greeting=answer), answer, action=address),
        twiml.take_voicemail(twiml.Prompts(voicemail=answer), action=address, callback=address),
    ):
        assert ElementTree.fromstring(document).tag == "Response"
