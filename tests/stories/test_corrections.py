"""People correct what the machine read; their word is shown, counted and exported."""

from __future__ import annotations

import pytest

from switchboard.domain.event import EventType
from switchboard.domain.ids import MessageId
from switchboard.domain.message import ConversationMessage
from switchboard.domain.reading import EntityType, IntentCategory, Topic
from switchboard.errors import Conflict, InvalidInput, NotFound
from switchboard.flows.correct import NamedEntity, Right, correct_reading
from switchboard.flows.customers import erase_customer
from switchboard.flows.export_labels import export_labels
from tests.kit import World, open_world


async def read_message(world: World, text: str) -> ConversationMessage:
    message = await world.say(text)
    await world.drain()
    return await world.message(message.message_id)


class TestACorrection:
    async def test_stands_beside_the_machines_reading_which_stays(self) -> None:
        async with open_world() as world:
            message = await read_message(world, "My grinder died again")
            await correct_reading(world.app, message.message_id, Right(intent=IntentCategory.COMPLAINT), "usr_maya")
            reading = (await world.message(message.message_id)).reading

        assert reading is not None
        assert reading.correction is not None
        assert reading.correction.intent is IntentCategory.COMPLAINT
        assert reading.primary.category is IntentCategory.INQUIRY

    async def test_of_the_newest_message_changes_what_the_conversation_is_about(self) -> None:
        async with open_world() as world:
            message = await read_message(world, "My grinder died again")
            right = Right(intent=IntentCategory.COMPLAINT, topic=Topic.PRODUCT_QUALITY, score=-0.4)
            await correct_reading(world.app, message.message_id, right, "usr_maya")
            conversation = await world.conversation(message.conversation_id)

        assert (conversation.intent, conversation.topic) == ("complaint", "product_quality")
        assert conversation.sentiment_score == -0.4

    async def test_is_counted_with_what_it_was_and_what_it_is(self) -> None:
        async with open_world() as world:
            message = await read_message(world, "My grinder died again")
            await correct_reading(world.app, message.message_id, Right(intent=IntentCategory.COMPLAINT), "usr_maya")
            (event,) = [e for e in await world.events() if e.type is EventType.READING_CORRECTED]

        assert event.dimensions["changed"] == "intent"
        assert (event.dimensions["was_intent"], event.dimensions["intent"]) == ("inquiry", "complaint")

    async def test_without_anything_changed_confirms_the_reading(self) -> None:
        async with open_world() as world:
            message = await read_message(world, "Where is my order?")
            await correct_reading(world.app, message.message_id, Right(), "usr_maya")
            (event,) = [e for e in await world.events() if e.type is EventType.READING_CORRECTED]

        assert event.dimensions["changed"] == ""


class TestAWrongCorrection:
    async def test_names_the_entity_that_the_message_does_not_contain(self) -> None:
        async with open_world() as world:
            message = await read_message(world, "Where is LF-1?")
            entities = [NamedEntity(type=EntityType.ORDER_NUMBER, value="LF-1")] * 2
            entities.append(NamedEntity(type=EntityType.PERSON, value="Nobody"))
            with pytest.raises(InvalidInput) as told:
                await correct_reading(world.app, message.message_id, Right(entities=entities), "usr_maya")

        assert told.value.field == "entities[2].value"

    async def test_of_a_message_that_was_not_read_yet_asks_for_patience(self) -> None:
        async with open_world() as world:
            message = await world.say("hello?")
            with pytest.raises(Conflict):
                await correct_reading(world.app, message.message_id, Right(), "usr_maya")

    async def test_of_no_message_is_not_found(self) -> None:
        async with open_world() as world:
            with pytest.raises(NotFound):
                await correct_reading(world.app, MessageId("msg_none"), Right(), "usr_maya")


class TestTheExport:
    async def test_gives_what_people_said_with_personal_data_masked(self) -> None:
        async with open_world() as world:
            message = await read_message(world, "Still no parcel LF-20417, write to ana@mail.example")
            right = Right(
                intent=IntentCategory.COMPLAINT,
                secondary=[IntentCategory.REQUEST],
                topic=Topic.DELIVERY_FULFILMENT,
                score=-0.3,
                entities=[NamedEntity(type=EntityType.ORDER_NUMBER, value="LF-20417")],
            )
            await correct_reading(world.app, message.message_id, right, "usr_maya")
            (label,) = await export_labels(world.app, "command line")

        assert label.text == "Still no parcel LF-20417, write to [email]"
        assert (label.intent, label.secondary, label.topic) == ("complaint", ("request",), "delivery_fulfilment")
        assert label.entities == ({"type": "order_number", "value": "LF-20417"},)
        assert (label.score, label.source) == (-0.3, "whatsapp")

    async def test_has_each_message_once_with_the_last_word(self) -> None:
        async with open_world() as world:
            message = await read_message(world, "ok")
            await correct_reading(world.app, message.message_id, Right(intent=IntentCategory.COMPLAINT), "usr_maya")
            await correct_reading(world.app, message.message_id, Right(no_intent=True), "usr_maya")
            (label,) = await export_labels(world.app, "command line")

        assert label.intent == "none"

    async def test_knows_nothing_of_an_erased_customer(self) -> None:
        async with open_world() as world:
            message = await read_message(world, "My grinder died again")
            await correct_reading(world.app, message.message_id, Right(intent=IntentCategory.COMPLAINT), "usr_maya")
            await erase_customer(world.app, message.customer_id, "usr_privacy")

            assert await export_labels(world.app, "command line") == []
