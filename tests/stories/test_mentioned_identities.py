"""A customer names a phone number or an address: it is read, shown to the agent, masked, and joins nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from switchboard.domain.message import ChannelType, ConversationMessage
from switchboard.domain.reading import CountrySource
from switchboard.engines.onnx_encoder import OnnxEncoder
from switchboard.engines.understanding import OnnxUnderstanding
from switchboard.errors import InvalidInput
from switchboard.flows.configure import configure
from switchboard.flows.correct import Right, correct_reading
from switchboard.flows.export_labels import export_labels
from switchboard.ports.engines import TextToRead
from switchboard.views.desk import conversation_page
from tests.kit import World, open_world


class RulesOnly:
    """Real entities and identities, no model."""

    def __init__(self) -> None:
        self._reader = OnnxUnderstanding(OnnxEncoder())

    async def read(self, texts: list[TextToRead]) -> list[object]:
        return [self._reader.by_rules(text) for text in texts]


async def read(world: World, text: str, channel: ChannelType = ChannelType.EMAIL) -> ConversationMessage:
    reading = replace(world, app=replace(world.app, understanding=RulesOnly()))  # type: ignore[arg-type]  # it reads
    message = await reading.say(text, channel)
    await reading.drain()
    return await reading.message(message.message_id)


def told(message: ConversationMessage) -> list[tuple[str, CountrySource | None]]:
    assert message.reading is not None
    return [(one.normalised, one.country_from) for one in message.reading.identities]


class TestANumberWithoutItsCountry:
    async def test_belongs_to_the_country_of_the_customers_own_number(self) -> None:
        async with open_world() as world:
            message = await read(world, "Call 0171 2345678 please", ChannelType.WHATSAPP)

        assert told(message) == [("+491712345678", CountrySource.REGION)]

    async def test_else_belongs_to_the_country_that_the_business_set(self) -> None:
        async with open_world() as world:
            await configure(world.app, "phones", {"region": "GB"}, "usr_maya")
            message = await read(world, "Call 020 7946 0958 please")

        assert told(message) == [("+442079460958", CountrySource.REGION)]

    async def test_else_stays_national(self) -> None:
        async with open_world() as world:
            message = await read(world, "Call 020 7946 0958 please")

        assert told(message) == [("02079460958", CountrySource.UNKNOWN)]

    async def test_cannot_belong_to_a_country_that_does_not_exist(self) -> None:
        async with open_world() as world:
            with pytest.raises(InvalidInput) as refused:
                await configure(world.app, "phones", {"region": "Germany"}, "usr_maya")

        assert refused.value.field == "region"


class TestAMentionedIdentity:
    async def test_joins_nobody(self) -> None:
        async with open_world() as world:
            caller = await read(world, "hello", ChannelType.WHATSAPP)
            writer = await read(world, "my number is +49 30 1234567")

        assert told(writer) == [("+49301234567", CountrySource.PREFIX)]
        assert caller.customer_id != writer.customer_id

    async def test_stands_beside_the_conversation_unless_it_is_the_customers_own(self) -> None:
        async with open_world() as world:
            message = await read(world, "ring +44 20 7946 0958, or write to bob@shop.example or ana@customers.example")
            page = await world.read(lambda work: conversation_page(work, message.conversation_id, None))

        assert {one.normalised for one in page.mentioned} == {"+442079460958", "bob@shop.example"}

    async def test_is_masked_in_the_export_of_labels(self) -> None:
        async with open_world() as world:
            message = await read(world, "ring 07912345678 or +44 20 7946 0958, write to bob@shop.example")
            await correct_reading(world.app, message.message_id, Right(), "usr_maya")
            (label,) = await export_labels(world.app, "command line")

        assert label.text == "ring [phone] or [phone], write to [email]"
