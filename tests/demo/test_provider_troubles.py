"""Each trouble that a simulated provider knows, switched on, through the whole product."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from switchboard.demo.world import PICTURE_HOSTS
from switchboard.domain.ids import MessageId
from switchboard.domain.message import Author, ChannelType, ConversationMessage, DeliveryState, Direction
from switchboard.flows.channel_status import ask_provider
from switchboard.ports.records import Page
from tests.demo.running import Running, eventually, running
from tests.demo.test_rich_channels import ADDRESSES, answer, wrote

CHATS = tuple(PICTURE_HOSTS)
ECHOING = (ChannelType.FACEBOOK, ChannelType.INSTAGRAM, ChannelType.TWITTER)
ARRIVED = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path / "data") as world:
        yield world


async def message(demo: Running, message_id: MessageId) -> ConversationMessage:
    found = await demo.system.app.store.read(lambda work: work.messages.get(message_id))
    assert found is not None
    return found


async def becomes(demo: Running, message_id: MessageId, *states: DeliveryState) -> bool:
    async def so() -> bool:
        return (await message(demo, message_id)).delivery in states

    return await eventually(so)


async def ours(demo: Running, asked: ConversationMessage) -> list[ConversationMessage]:
    said = await demo.system.app.store.read(lambda work: work.messages.newest(asked.conversation_id))
    return [m for m in said if m.direction is Direction.OUTBOUND and m.author is not Author.AUTOMATION]


def heard(demo: Running, channel: ChannelType, words: str) -> int:
    return sum(words in each.text for each in demo.world.shown(channel, ADDRESSES[channel]))


async def answered(demo: Running) -> dict[ChannelType, MessageId]:
    """Somebody is answered on every channel."""
    asked = {channel: await wrote(demo, channel, "hello") for channel in CHATS}
    return {channel: await answer(demo, question, "Good day.") for channel, question in asked.items()}


class TestAllProviders:
    @pytest.mark.parametrize("trouble", ["throttle", "errors", "unreachable"])
    async def test_in_trouble_are_tried_again_and_get_it_once(self, demo: Running, trouble: str) -> None:
        setattr(demo.world.faults, trouble, len(CHATS))

        for channel, sent in (await answered(demo)).items():
            assert await becomes(demo, sent, *ARRIVED), channel
            assert heard(demo, channel, "Good day.") == 1

    async def test_whose_answer_is_lost_are_not_asked_twice(self, demo: Running) -> None:
        demo.world.faults.lost = len(CHATS)

        for channel, sent in (await answered(demo)).items():
            assert await becomes(demo, sent, DeliveryState.UNKNOWN, DeliveryState.DELIVERED, DeliveryState.READ)
            assert heard(demo, channel, "Good day.") == 1


@pytest.mark.parametrize("channel", CHATS)
class TestAProvider:
    async def test_that_repeats_itself_changes_nothing(self, demo: Running, channel: ChannelType) -> None:
        demo.world.faults.duplicates = 1

        asked = await wrote(demo, channel, "hello")

        payloads = await demo.system.app.store.read(lambda work: work.payloads.page(Page(limit=10)))
        stored = [event.fate.value for payload in payloads.items for event in payload.events]
        assert sorted(stored) == ["duplicate", "stored"]
        assert asked.content.text == "hello"

    async def test_in_whose_app_a_colleague_answers_tells_us(self, demo: Running, channel: ChannelType) -> None:
        asked = await wrote(demo, channel, "hello")

        await demo.world.write_elsewhere(channel, ADDRESSES[channel], "I am on it.")

        (theirs,) = await ours(demo, asked)
        assert (theirs.content.text, theirs.author) == ("I am on it.", Author.OTHER_TOOL)


@pytest.mark.parametrize("channel", ECHOING)
async def test_our_own_words_that_come_back_before_the_answer_are_known(demo: Running, channel: ChannelType) -> None:
    asked = await wrote(demo, channel, "hello")
    demo.world.faults.echoes = 1

    sent = await answer(demo, asked, "Good day.")

    assert await becomes(demo, sent, *ARRIVED)
    assert [each.message_id for each in await ours(demo, asked)] == [sent]


async def test_what_whatsapp_cannot_deliver_after_all_is_shown(demo: Running) -> None:
    asked = await wrote(demo, ChannelType.WHATSAPP, "hello")
    demo.world.faults.failures = 1

    sent = await answer(demo, asked, "Good day.")

    assert await becomes(demo, sent, DeliveryState.FAILED)
    assert "131026" in ((await message(demo, sent)).delivery_error or "")


@pytest.mark.parametrize("channel", [ChannelType.WHATSAPP, ChannelType.FACEBOOK, ChannelType.INSTAGRAM])
class TestMetaAskedAboutTheAccount:
    async def test_finds_nothing_amiss_where_all_is_set_up(self, demo: Running, channel: ChannelType) -> None:
        found = await ask_provider(demo.system.app, channel, "test")

        assert [one.detail for one in found.findings if not one.well or one.fix] == []

    async def test_names_the_notice_that_somebody_forgot(self, demo: Running, channel: ChannelType) -> None:
        demo.world.faults.unsubscribed.add("messages")

        found = await ask_provider(demo.system.app, channel, "test")

        (fault,) = [one for one in found.findings if not one.well]
        assert fault.what == "webhook messages"
        assert fault.detail.endswith("nothing that customers write comes in")
        assert "messages" in fault.fix
