"""Twilio's requests as turns of a call, our steps as documents, and who the caller is."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.channels import sample_payloads, twiml
from switchboard.channels.voice_line import TwilioLine
from switchboard.channels.voice_turns import read_turn
from switchboard.domain.call import CallAct, CallHeard, CallKey, CallStatus, Spoken
from switchboard.domain.inbound import InboundKind
from switchboard.domain.message import ChannelType, DeliveryState
from switchboard.ports.channel import RawRequest
from tests.channels.fixture_cases import CASES, Case
from tests.channels.payloads import ACCOUNTS, AUTH_TOKEN, PUBLIC, make_channel, make_payload, request_of, signed

VOICE = ChannelType.VOICE
LINE = TwilioLine(public_url=f"{PUBLIC}/voice")

HEARD = {
    "voice/ringing": CallHeard.START,
    "voice/gather-speech": CallHeard.WORDS,
    "voice/gather-both": CallHeard.KEY,
    "voice/gather-digits": CallHeard.KEY,
    "voice/gather-empty": CallHeard.SILENCE,
    "voice/gather-fell-through": CallHeard.SILENCE,
    "voice/gather-hangup": CallHeard.ENDED,
    "voice/partial-speech": CallHeard.NOTICE,
    "voice/dial-no-answer": CallHeard.DIALLED,
    "voice/record-done": CallHeard.RECORDED,
    "voice/recording-completed": CallHeard.NOTICE,
    "voice/transcription-completed": CallHeard.NOTICE,
    "voice/status-completed": CallHeard.ENDED,
    "voice/status-busy": CallHeard.ENDED,
}


def call(
    sender: str = "+14155550100", status: str = "ringing", sid: str = "CA1", url: str = f"{PUBLIC}/voice"
) -> RawRequest:
    headers, body = sample_payloads.voice_call(
        sender, secret=AUTH_TOKEN, account=ACCOUNTS[VOICE], url=url, call_sid=sid, status=status
    )
    return request_of(VOICE, headers, body, url=url)


def written(spoken: Spoken, request: RawRequest | None = None) -> ElementTree.Element:
    """The document of a step."""
    answer = LINE.document(request or call(), spoken)
    assert answer.content_type.startswith("text/xml")
    return ElementTree.fromstring(answer.body)


class TestATurn:
    @pytest.mark.parametrize("case", [case for case in CASES if case.name in HEARD], ids=lambda case: case.name)
    def test_is_what_happened_at_the_caller_s_end(self, case: Case) -> None:
        request = case.request if case.name != "voice/ringing" else call()

        assert read_turn(request).heard is HEARD[case.name]

    def test_of_a_menu_key_names_it(self) -> None:
        request = signed(VOICE, b"CallSid=CA1&CallStatus=in-progress&Digits=0&From=%2B1&To=%2B2")

        assert read_turn(request).key is CallKey.PERSON

    def test_of_a_number_is_no_menu_key(self) -> None:
        request = signed(VOICE, b"CallSid=CA1&CallStatus=in-progress&Digits=00&From=%2B1&To=%2B2")

        assert (read_turn(request).heard, read_turn(request).key) == (CallHeard.KEY, None)

    def test_of_a_pause_that_is_over_is_no_silence(self) -> None:
        request = call(status="in-progress", url=f"{PUBLIC}/voice?step=3&waited=1")

        assert (read_turn(request).heard, read_turn(request).step) == (CallHeard.WAITED, 3)

    def test_of_a_progress_notice_says_nothing_to_the_caller(self) -> None:
        request = signed(VOICE, b"CallSid=CA1&CallStatus=ringing&SequenceNumber=0&From=%2B1&To=%2B2")

        assert (read_turn(request).heard, read_turn(request).status) == (CallHeard.NOTICE, CallStatus.RINGING)


class TestADocument:
    def test_that_listens_takes_speech_and_keys_and_counts_the_step(self) -> None:
        gather = written(Spoken(act=CallAct.LISTEN, words=("How can we help?",), step=4)).find("Gather")

        assert gather is not None
        assert (gather.get("input"), gather.get("action")) == ("speech dtmf", f"{PUBLIC}/voice?step=4")
        assert gather.findtext("Say") == "How can we help?"

    def test_that_holds_takes_keys_and_comes_back(self) -> None:
        document = written(Spoken(act=CallAct.HOLD, words=("One moment.",), step=4, timeout_s=2, hears=False))

        gather, redirect = document.find("Gather"), document.find("Redirect")
        assert gather is not None
        assert redirect is not None
        assert (gather.get("input"), gather.get("numDigits")) == ("dtmf", "1")
        assert redirect.text == f"{PUBLIC}/voice?step=4&waited=1"

    def test_that_records_names_where_the_file_and_its_words_go(self) -> None:
        record = written(Spoken(act=CallAct.RECORD, words=("After the tone.",), step=4)).find("Record")

        assert record is not None
        assert record.get("recordingStatusCallback") == f"{PUBLIC}/voice"
        assert record.get("transcribeCallback") == f"{PUBLIC}/voice"

    @pytest.mark.parametrize(
        ("address", "tag", "text"),
        [
            ("+4930123", "Number", "+4930123"),
            ("client:maya", "Client", "maya"),
            ("sip:m@x.example", "Sip", "sip:m@x.example"),
        ],
    )
    def test_that_dials_a_colleague(self, address: str, tag: str, text: str) -> None:
        dial = written(Spoken(act=CallAct.DIAL, dial=address, step=4, account="+18005550199")).find("Dial")

        assert dial is not None
        assert dial.findtext(tag) == text
        assert (dial.get("callerId") is not None) == (tag == "Number")

    def test_for_a_notice_is_empty(self) -> None:
        assert len(written(Spoken(act=CallAct.NOTHING))) == 0

    def test_for_what_cannot_be_read_is_a_sentence(self) -> None:
        answer = make_channel(VOICE).acknowledge(call(), ())

        assert "something went wrong" in answer.body.decode()


class TestTheCaller:
    def test_two_hidden_numbers_are_two_persons(self) -> None:
        adapter = make_channel(VOICE)
        one, two = (adapter.parse(call("anonymous", sid=sid)).events[0].senders[0] for sid in ("CA1", "CA2"))

        assert one.address != two.address
        assert not one.verified

    @pytest.mark.parametrize(
        "number",
        [
            "PRIVATE NUMBER",
            "No Caller ID",
            "+",
            "266696687",
            "+000",
            "sip:anonymous@anonymous.invalid",
            "client:anonymous",
        ],
    )
    def test_a_hidden_number_is_nobody_s_however_it_is_written(self, number: str) -> None:
        sender = make_channel(VOICE).parse(call(number)).events[0].senders[0]

        assert sender.address.startswith("anonymous:")
        assert not sender.verified

    @pytest.mark.parametrize("number", ["+4915112345678", "+112", "sip:ann@example.com", "client:ann"])
    def test_any_number_or_address_is_somebody_s(self, number: str) -> None:
        assert make_channel(VOICE).parse(call(number)).events[0].senders[0].address == number

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
@given(
    words=st.text(max_size=200),
    address=st.text(max_size=40),
    act=st.sampled_from(list(CallAct)),
    hears=st.booleans(),
)
def test_whatever_we_say_is_valid_xml(words: str, address: str, act: CallAct, hears: bool) -> None:
    spoken = Spoken(act=act, words=(words, words), dial=address, account=address, hears=hears)

    assert written(spoken).tag == "Response"


@settings(max_examples=100, deadline=None)
@given(greeting=st.text(max_size=200), hint=st.text(max_size=20), voice=st.text(max_size=20))
def test_whatever_the_settings_say_is_valid_xml(greeting: str, hint: str, voice: str) -> None:
    speaker = twiml.Speaker(voice=voice, greeting=greeting, hints=(hint,), partials=True)
    page = twiml.Page(speaker=speaker, address=lambda query: greeting)

    for act in (CallAct.LISTEN, CallAct.HOLD, CallAct.RECORD):
        document = twiml.write(Spoken(act=act, words=(greeting,), language=voice), page)
        assert ElementTree.fromstring(document).tag == "Response"
