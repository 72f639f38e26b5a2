"""Whatever arrives at the telephone's door is refused or has a visible fate, and the caller hears a document."""

from __future__ import annotations

from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest

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
