"""What the business no longer needs goes, when it said so and not before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from switchboard.domain.ids import ConversationId
from switchboard.domain.message import ChannelType
from switchboard.flows.archive import archive_quiet
from switchboard.flows.retention import apply_retention
from switchboard.ports.records import Page
from tests.kit import STORY, World, open_world, play
from tests.properties import design_property

TEXT = "My parcel is late, call me on +49 151 23456789"


async def old_conversation(world: World, days: int) -> ConversationId:
    """Archived after a day, and then as old as told."""
    message = await world.say(TEXT, name="Ana Lima")
    await world.drain()
    world.clock.move(days=1, seconds=1)
    await archive_quiet(world.app)
    world.clock.move(days=days - 1)
    return message.conversation_id


class TestAnOldConversation:
    @design_property(56)
    @STORY
    @given(st.integers(1, 60), st.integers(2, 60), st.sampled_from(["delete", "anonymise"]), st.booleans())
    def test_is_deleted_or_anonymised_when_its_period_is_over(
        self, period: int, age: int, action: str, look_first: bool
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 56: Retention Policy Application"""

        async def story(world: World) -> None:
            await world.configure("retention", {"days": period, "action": action})
            conversation_id = await old_conversation(world, age)
            if look_first:
                assert (await apply_retention(world.app, dry_run=True)).count == int(age >= period)
            done = await apply_retention(world.app)
            found = await world.read(lambda work: work.conversations.get(conversation_id))
            left = "".join(m.content.text for m in await world.timeline(conversation_id))

            assert done.count == int(age >= period)
            assert (found is None) == (age >= period and action == "delete")
            if age < period:
                assert TEXT in left
            else:
                assert "23456789" not in left
                assert ("parcel is late" in left) == (action == "anonymise")
            assert (await apply_retention(world.app)).count == 0

        play(story)


class TestAnAnonymisedConversation:
    async def test_wakes_when_its_customer_writes_again(self) -> None:
        async with open_world() as world:
            await world.configure("retention", {"days": 5, "action": "anonymise"})
            conversation_id = await old_conversation(world, 6)
            await apply_retention(world.app)

            message = await world.say("hello again", ChannelType.WHATSAPP)
            await world.drain()

            assert message.conversation_id == conversation_id
            assert (await world.timeline(message.conversation_id))[-1].content.text

    async def test_is_found_by_its_words_no_more(self) -> None:
        async with open_world() as world:
            await world.configure("retention", {"days": 5, "action": "anonymise"})
            await old_conversation(world, 6)
            await apply_retention(world.app)

            assert (await world.read(lambda work: work.messages.search(["parcel"], Page()))).items == ()
