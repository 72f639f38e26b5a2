"""Whatever arrives at the telephone's door is refused or has a visible fate, and the caller hears a document."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.channels.signing import twilio_signature
from switchboard.channels.voice_events import read_form
from switchboard.domain.message import ChannelType
from switchboard.errors import Rejected
from switchboard.flows.intake import receive_request
from switchboard.ports.records import Page
from tests.calls.exchange import AUTH_TOKEN, Exchange, open_exchange
from tests.channels.fixture_cases import CASES, Case

SAMPLES = ("ringing", "gather-speech-utf8", "gather-hangup", "dial-no-answer", "record-done", "transcription-completed")
VOICE_CASES = [case for case in CASES if case.channel is ChannelType.VOICE and case.name.partition("/")[2] in SAMPLES]
MOST = 900
"""Bytes: a page of fates shows a hundred."""


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with open_exchange() as opened:
        yield opened


async def fates(exchange: Exchange) -> int:
    found = await exchange.world.read(lambda work: work.payloads.page(Page(limit=100)))
    return len(found.items)


@pytest.mark.parametrize("case", VOICE_CASES, ids=lambda case: case.name)
async def test_a_request_cut_at_every_tenth_byte(exchange: Exchange, case: Case) -> None:
    statuses = []
    for end in range(0, min(len(case.request.body), MOST), 10):
        body = case.request.body[:end]
        try:
            signature = twilio_signature(case.request.url, read_form(body), AUTH_TOKEN)
        except Rejected:
            signature = ""
        request = exchange.request(case.request.url, {"x-twilio-signature": signature}, body)
        before = await fates(exchange)
        try:
            answer = await receive_request(exchange.world.app, ChannelType.VOICE, request)
        except Rejected as refused:
            statuses.append(refused.status)
        else:
            statuses.append(answer.status)
            assert ElementTree.fromstring(answer.body).tag == "Response"
        assert await fates(exchange) == before + 1
    assert all(status == 200 or 400 <= status < 500 for status in statuses)


HEARD_BY_NOBODY = (
    "step=3&wait=1",
    "step=3&left=1",
    "step=99999&wait=1&left=1",
    "step=x&left=%00",
    "leg=agent",
    "leg=agent&talk=cnv_nobody&agent=agt_nobody",
    "leg=agent&talk=cnv_nobody&agent=agt_nobody&step=1&confirmed=1",
    "leg=customer&of=nobody",
    "leg=whisper&of=&confirmed=1",
    "leg=announce",
    "leg=nonsense&talk=%F0%9F%93%9E",
    "leg=agent&talk=" + "x" * 5000,
)
"""Addresses of ours in a queue and on the other side of a call, for calls that we do not know."""

QUEUE_FIELDS = {
    "QueueResult": [
        "leave",
        "redirected",
        "bridged",
        "bridging-in-process",
        "hangup",
        "queue-full",
        "error",
        "",
        "\x00☎",
    ],
    "QueueSid": ["QU" + "0" * 32, "", "x" * 3000, "../../Calls"],
    "QueueTime": ["12", "-1", "soon", ""],
    "QueuePosition": ["1", "0", "first"],
    "DialCallStatus": ["completed", "", "☎"],
    "DialBridged": ["true", "false", "perhaps"],
    "CallStatus": ["in-progress", "completed", "busy", "", "unheard of"],
    "Direction": ["inbound", "outbound-api", "outbound-dial", ""],
    "Digits": ["", "2", "3", "#", "9" * 500],
    "ParentCallSid": ["", "CA1"],
    "From": ["+14155550100", "", "anonymous", "client:anna"],
    "To": ["+18005550199", "", "<>"],
    "SequenceNumber": ["0", "x"],
}

GARBLED = st.fixed_dictionaries(
    {"CallSid": st.sampled_from(["CA1", "CA2", "c" * 300])},
    optional={name: st.sampled_from(values) for name, values in QUEUE_FIELDS.items()},
)


async def knock(exchange: Exchange, query: str, body: bytes) -> int:
    url = "https://switchboard.example.com/channels/voice" + (f"?{query}" if query else "")
    signature = twilio_signature(url, read_form(body), AUTH_TOKEN)
    request = exchange.request(url, {"x-twilio-signature": signature}, body)
    answer = await receive_request(exchange.world.app, ChannelType.VOICE, request)
    assert ElementTree.fromstring(answer.body).tag == "Response"
    return answer.status


@pytest.mark.parametrize("query", HEARD_BY_NOBODY, ids=lambda query: query[:40])
async def test_questions_about_calls_that_nobody_knows(exchange: Exchange, query: str) -> None:
    for body in (b"CallSid=CA1", b"CallSid=CA1&CallStatus=completed", b"CallSid=CA1&Digits=1&CallStatus=in-progress"):
        assert await knock(exchange, query, body) == 200
        assert await knock(exchange, query, body) == 200


@pytest.mark.parametrize("query", ["step=1&wait=1", "step=1&left=1", "leg=agent&talk=cnv_1&agent=agt_1"])
async def test_an_unsigned_question_is_refused_and_changes_nothing(exchange: Exchange, query: str) -> None:
    url = f"https://switchboard.example.com/channels/voice?{query}"
    request = exchange.request(url, {"x-twilio-signature": "AAAA"}, b"CallSid=CA1&QueueResult=hangup")

    with pytest.raises(Rejected) as refused:
        await receive_request(exchange.world.app, ChannelType.VOICE, request)

    assert refused.value.status in (401, 403)
    assert await exchange.world.read(lambda work: work.calls.get("CA1")) is None


async def test_garbled_fields_at_every_address_of_a_call() -> None:
    """Also for calls that go on: the same few call ids are used again and again."""
    async with open_exchange(colleagues={"agt_maya": "+4930123"}) as exchange:
        await exchange.world.hire("Maya")
        call = await exchange.dial_in()
        await exchange.asks(call, "I want to talk to somebody")
        known = await exchange.conversation(call)
        own = f"leg=agent&talk={known.conversation_id}&agent=agt_maya"
        queries = (*HEARD_BY_NOBODY, own, f"{own}&step=1&confirmed=1", f"{own}&step=2", "step=1", "")

        bodies: list[dict[str, str]] = []

        @settings(max_examples=150, deadline=None)
        @given(fields=GARBLED)
        def collect(fields: dict[str, str]) -> None:
            bodies.append(fields)

        collect()
        for number, found in enumerate(bodies):
            fields = found | {"CallSid": call.sid} if found["CallSid"] == "CA2" else found
            assert await knock(exchange, queries[number % len(queries)], urlencode(fields).encode()) == 200
