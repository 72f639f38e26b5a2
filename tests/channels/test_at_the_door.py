"""Whatever knocks, it is refused or stored with a visible fate; nothing is taken twice and nothing ever breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from switchboard.domain.inbound import Fate
from switchboard.domain.message import ChannelType
from switchboard.errors import InvalidInput, Rejected
from switchboard.flows.intake import receive_request
from switchboard.ports.channel import Channel, RawRequest
from switchboard.ports.records import Page, PayloadRecord
from switchboard.stores import open_sqlite
from tests.channels.fixture_cases import CASES, Case
from tests.channels.payloads import make_channel, make_payload, request_of, signed
from tests.kit import MASTER, World, open_world

CHATS = (ChannelType.WHATSAPP, ChannelType.FACEBOOK, ChannelType.INSTAGRAM, ChannelType.TWITTER)
MINE = [case for case in CASES if case.channel in CHATS]
MANY = 50


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world() as opened:
        for channel in CHATS:
            opened.channels[channel] = make_channel(channel)  # type: ignore[assignment]  # the real one in its place
        yield opened


async def knock(world: World, channel: ChannelType, request: RawRequest) -> int:
    """The status that the provider hears. Anything but our refusals would be a 5xx, and fails the test."""
    try:
        return (await receive_request(world.app, channel, request)).status
    except Rejected as refused:
        return refused.status


async def newest(world: World) -> PayloadRecord:
    return (await world.read(lambda work: work.payloads.page(Page(limit=1)))).items[0]


def body_of(case: Case) -> bytes:
    return json.dumps(case.data["payload"]).encode()


class TestEveryCapturedPayload:
    @pytest.mark.parametrize("channel", CHATS)
    async def test_cut_off_but_signed_is_kept_for_an_operator(self, world: World, channel: ChannelType) -> None:
        for case in (case for case in MINE if case.channel is channel):
            body = body_of(case)
            for end in (10, len(body) // 2, len(body) - 1):
                status = await knock(world, channel, signed(channel, body[:end]))
                record = await newest(world)

                assert (status, record.fate, record.size) == (200, Fate.DEAD_LETTER, end), case.name

    @pytest.mark.parametrize("channel", CHATS)
    async def test_with_a_wrong_signature_is_refused_and_counted(self, world: World, channel: ChannelType) -> None:
        for case in (case for case in MINE if case.channel is channel):
            request = signed(channel, body_of(case))
            forged = replace(request, body=request.body + b" ")

            assert await knock(world, channel, forged) == 401
            assert (await newest(world)).fate is Fate.REFUSED

    @pytest.mark.parametrize("channel", CHATS)
    async def test_twice_is_stored_once(self, world: World, channel: ChannelType) -> None:
        for case in (case for case in MINE if case.channel is channel):
            request = signed(channel, body_of(case))
            assert await knock(world, channel, request) == 200
            before = await messages(world)

            assert await knock(world, channel, request) == 200
            assert await messages(world) == before, case.name
            assert (await newest(world)).fate is not Fate.STORED, case.name


async def messages(world: World) -> int:
    """How many messages there are."""
    conversations = await world.read(lambda work: work.conversations.counts())
    events = await world.events()
    return sum(conversations.values()) + sum(event.type.value == "message_received" for event in events)


class TestABodyThatIsTwisted:
    @pytest.mark.parametrize("channel", CHATS)
    def test_with_any_member_missing_is_refused_or_read(self, channel: ChannelType) -> None:
        adapter = make_channel(channel)
        for case in (case for case in MINE if case.channel is channel):
            for changed in without_one(case.data["payload"]):
                survives(adapter, request_of(channel, {}, json.dumps(changed).encode()))

    @pytest.mark.parametrize("channel", CHATS)
    def test_with_every_member_twice_is_refused_or_read(self, channel: ChannelType) -> None:
        adapter = make_channel(channel)
        for case in (case for case in MINE if case.channel is channel):
            for junk in ("null", "[]", "7", '"x"'):
                survives(adapter, request_of(channel, {}, doubled(case.data["payload"], junk).encode()))

    @pytest.mark.parametrize("channel", CHATS)
    async def test_of_a_hundred_thousand_brackets_is_kept_for_an_operator(
        self, world: World, channel: ChannelType
    ) -> None:
        assert await knock(world, channel, signed(channel, b"[" * 100_000)) == 200
        assert (await newest(world)).fate is Fate.DEAD_LETTER


def survives(adapter: Channel, request: RawRequest) -> None:
    try:
        parsed = adapter.parse(request)
    except InvalidInput:
        return
    assert all(event.external_id for event in parsed.events)


def without_one(node: object) -> Iterator[object]:
    """The document again and again, each time without one member."""
    if isinstance(node, dict):
        for key, child in node.items():
            yield {name: value for name, value in node.items() if name != key}
            for changed in without_one(child):
                yield {**node, key: changed}
    elif isinstance(node, list):
        for place, child in enumerate(node):
            yield [*node[:place], *node[place + 1 :]]
            for changed in without_one(child):
                yield [*node[:place], changed, *node[place + 1 :]]


def doubled(node: object, junk: str) -> str:
    """JSON in which every member of an object stands twice: the right one, then ``junk``."""
    if isinstance(node, dict):
        pairs = (f"{json.dumps(key)}:{doubled(child, junk)},{json.dumps(key)}:{junk}" for key, child in node.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(node, list):
        return "[" + ",".join(doubled(child, junk) for child in node) + "]"
    return json.dumps(node)


class TestFiftyDeliveriesAtOnce:
    @pytest.mark.parametrize("channel", ChannelType)
    async def test_of_one_message_store_it_once(self, world: World, channel: ChannelType, tmp_path: Path) -> None:
        world.channels[channel] = make_channel(channel)  # type: ignore[assignment]  # the real one in its place
        store = open_sqlite(tmp_path / "s.db", MASTER, world.clock)
        world.app.store = store
        request = make_payload(channel, "Where is my order?")
        try:
            statuses = await asyncio.gather(*(knock(world, channel, request) for _ in range(MANY)))
            fates = [p.fate for p in (await store.read(lambda work: work.payloads.page(Page(limit=100)))).items]
            received = await store.read(lambda work: work.events.after(0, 1000))
        finally:
            await store.close()

        assert statuses == [200] * MANY
        assert (fates.count(Fate.STORED), fates.count(Fate.DUPLICATE)) == (1, MANY - 1)
        assert sum(event.type.value == "message_received" for event in received) == 1
