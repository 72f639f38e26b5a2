"""Files both ways, receipts in disorder and trouble, against the simulated providers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from switchboard.demo.simulators.carrier import SentFile
from switchboard.demo.world import PICTURE_HOSTS
from switchboard.domain.ids import MessageId
from switchboard.domain.message import ChannelType, ConversationMessage, DeliveryState, FileState
from switchboard.flows.agent_actions import reply
from switchboard.flows.extras import Extras, TemplateChoice
from switchboard.flows.files import hand_in, open_file
from switchboard.flows.templates import refresh_templates
from switchboard.ports.records import Page
from switchboard.ports.store import Work
from tests.demo.running import Running, eventually, running

PICTURE = b"\x89PNG a broken lamp"
WHATSAPP = ChannelType.WHATSAPP
ADDRESSES = {
    ChannelType.WHATSAPP: "+447700900777",
    ChannelType.FACEBOOK: "7234567890123456",
    ChannelType.INSTAGRAM: "72345678901234567",
    ChannelType.TWITTER: "723456789012345678",
}


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path / "data") as world:
        yield world


async def wrote(demo: Running, channel: ChannelType, text: str, picture: SentFile | None = None) -> ConversationMessage:
    """A customer writes; their message as it is stored."""
    await demo.world.write(channel, ADDRESSES[channel], text, name="Kim", picture=picture)

    def find(work: Work) -> ConversationMessage:
        payload = work.payloads.page(Page(limit=10)).items
        stored = [e.message_id for p in payload if p.channel is channel for e in p.events if e.message_id]
        message = work.messages.get(MessageId(stored[0]))
        assert message is not None
        return message

    return await demo.system.app.store.read(find)


async def answer(demo: Running, asked: ConversationMessage, text: str, extras: Extras | None = None) -> MessageId:
    sent = await reply(
        demo.system.app, asked.conversation_id, text, agent_id=None, actor="test", channel=asked.channel, extras=extras
    )
    return sent.message_id


async def delivery(demo: Running, message_id: MessageId) -> DeliveryState | None:
    message = await demo.system.app.store.read(lambda work: work.messages.get(message_id))
    return message.delivery if message is not None else None


class TestPictures:
    async def test_of_customers_are_stored_and_those_of_agents_arrive(self, demo: Running) -> None:
        app = demo.system.app
        for channel in PICTURE_HOSTS:
            asked = await wrote(demo, channel, "look", SentFile(data=PICTURE, content_type="image/png"))

            async def stored(message_id: MessageId = asked.message_id) -> bool:
                message = await app.store.read(lambda work: work.messages.get(message_id))
                assert message is not None
                return [a.state for a in message.content.attachments] == [FileState.STORED]

            assert await eventually(stored)
            assert (await open_file(app, asked.message_id, 0)).data == PICTURE
            upload = await hand_in(app, asked.conversation_id, PICTURE, "map.png", "image/png")
            await answer(demo, asked, "Here is the map.", Extras(uploads=(upload.blob_id or "",)))

            async def arrived(channel: ChannelType = channel) -> bool:
                return any("map.png" in heard.text for heard in demo.world.shown(channel, ADDRESSES[channel]))

            assert await eventually(arrived)


class TestReceipts:
    async def test_in_disorder_and_twice_still_end_at_read(self, demo: Running) -> None:
        demo.world.faults.duplicates, demo.world.faults.disorder = 5, 2
        for channel in (WHATSAPP, ChannelType.FACEBOOK):
            asked = await wrote(demo, channel, "hello")
            sent = await answer(demo, asked, "Good day.")

            async def read(sent: MessageId = sent) -> bool:
                return await delivery(demo, sent) is DeliveryState.READ

            assert await eventually(read)


class TestTrouble:
    async def test_with_the_token_is_shown_until_something_is_sent(self, demo: Running) -> None:
        app = demo.system.app
        asked = await wrote(demo, WHATSAPP, "hello")
        demo.world.faults.refused = 1
        first = await answer(demo, asked, "One.")

        async def failed() -> bool:
            return await delivery(demo, first) is DeliveryState.FAILED

        assert await eventually(failed)
        assert "token" in app.attention[WHATSAPP]
        await answer(demo, asked, "Two.")

        async def well() -> bool:
            return not app.attention

        assert await eventually(well)


class TestTemplates:
    async def test_approved_ones_are_fetched_and_go_out(self, demo: Running) -> None:
        asked = await wrote(demo, WHATSAPP, "hello")
        await refresh_templates(demo.system.app, WHATSAPP)
        chosen = TemplateChoice(name="order_update", variables={"1": "Kim", "2": "4711"})

        await answer(demo, asked, "", Extras(template=chosen))

        async def arrived() -> bool:
            heard = demo.world.shown(WHATSAPP, ADDRESSES[WHATSAPP])
            return any("order_update" in message.text and "4711" in message.text for message in heard)

        assert await eventually(arrived)
