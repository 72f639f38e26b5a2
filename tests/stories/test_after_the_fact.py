"""Corrections, withdrawals, late failures and our own public words: in any order, however often they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from switchboard.domain.conversation import Handler
from switchboard.domain.inbound import ATTENTION, Fate, InboundEvent, InboundKind
from switchboard.domain.message import ChannelType, ConversationMessage, DeliveryState, Direction, MessageKind
from switchboard.errors import DeliveryUnknown
from switchboard.flows import attention
from switchboard.flows.intake import receive_events
from switchboard.ports.channel import Outgoing, Parsed, Receipt
from switchboard.ports.records import Page, View
from tests.kit import ASKS_DELIVERY, MONDAY, RecordingChannel, World, open_world, said

WHATSAPP, TWITTER = ChannelType.WHATSAPP, ChannelType.TWITTER


def edit(words: str, *, minute: int) -> InboundEvent:
    at = MONDAY + timedelta(minutes=minute)
    return said(words, kind=InboundKind.EDIT, target="m1", external_id=f"e{minute}", sent_at=at)


def withdrawal() -> InboundEvent:
    return said("", kind=InboundKind.DELETE, target="m1")


async def fate(world: World, event: InboundEvent) -> Fate:
    return (await world.hear(event)).accepted[0].fate


class TestACorrection:
    async def test_that_overtook_its_message_is_the_only_one(self) -> None:
        async with open_world() as world:
            taken = await world.hear(edit("Order 13", minute=1))

            assert await fate(world, said("Order 12", external_id="m1")) is Fate.DUPLICATE
            message_id = taken.accepted[0].message_id
            assert message_id is not None
            assert (await world.message(message_id)).content.text == "Order 13"

    async def test_delivered_again_changes_nothing(self) -> None:
        async with open_world() as world:
            await world.say("Order 12", external_id="m1")
            assert [await fate(world, edit("Order 13", minute=1)) for _ in range(2)] == [Fate.APPLIED, Fate.DUPLICATE]

    async def test_that_is_older_than_the_last_one_changes_nothing(self) -> None:
        async with open_world() as world:
            message = await world.say("Order 12", external_id="m1")
            await world.hear(edit("Order 14", minute=2))

            assert await fate(world, edit("Order 13", minute=1)) is Fate.IGNORED
            assert (await world.message(message.message_id)).content.text == "Order 14"

    async def test_shows_in_the_list(self) -> None:
        async with open_world() as world:
            message = await world.say("Order 12", external_id="m1")
            await world.hear(edit("Order 13", minute=1))

            assert (await world.conversation(message.conversation_id)).snippet == "Order 13"

    async def test_without_words_empties_nothing_and_starts_nothing(self) -> None:
        """Meta sends such ones for messages that it does not let an app read."""
        async with open_world() as world:
            message = await world.say("Order 12", external_id="m1")

            assert await fate(world, edit("", minute=1)) is Fate.IGNORED
            assert (await world.message(message.message_id)).content.text == "Order 12"
            assert await fate(world, said("", kind=InboundKind.EDIT, target="m2")) is Fate.IGNORED


def elsewhere(of: str, target: str = "out1", words: str = "", **metadata: str) -> InboundEvent:
    event = said(words, kind=InboundKind.ECHO, target=target, external_id=f"{of}1")
    return replace(event, metadata={"of": of, **metadata})


class TestAColleagueInThePhoneApp:
    async def test_corrects_their_words(self) -> None:
        async with open_world() as world:
            await world.say("Open today?", external_id="m1")
            wrote = await world.hear(said("Til 5", kind=InboundKind.ECHO, external_id="out1"))

            assert await fate(world, elsewhere("edit", words="Till six")) is Fate.APPLIED
            message_id = wrote.accepted[0].message_id
            assert message_id is not None
            assert (await world.message(message_id)).content.text == "Till six"

    async def test_takes_them_back(self) -> None:
        async with open_world() as world:
            asked = await world.say("Open today?", external_id="m1")
            await world.hear(said("No idea", kind=InboundKind.ECHO, external_id="out1"))

            assert await fate(world, elsewhere("revoke")) is Fate.APPLIED
            words = [line.content.text for line in await world.timeline(asked.conversation_id)]
            assert "No idea" not in words
            assert "[taken back by our side in another app]" in words

    async def test_who_only_likes_what_a_customer_wrote_has_answered_nothing(self) -> None:
        async with open_world() as world:
            asked = await world.say("Thanks!", external_id="m1")
            before = await world.conversation(asked.conversation_id)

            assert await fate(world, elsewhere("reaction", "m1", emoji="👍")) is Fate.APPLIED
            after = await world.conversation(asked.conversation_id)
            assert (after.last_sequence, after.needs_reply_since) == (before.last_sequence, before.needs_reply_since)
            assert (await world.message(asked.message_id)).metadata["reaction:us"] == "👍"

    async def test_changes_of_what_never_reached_us_are_nobody_s_message(self) -> None:
        async with open_world() as world:
            kinds = [elsewhere("edit", words="new"), elsewhere("revoke"), elsewhere("reaction", emoji="x")]

            assert [await fate(world, event) for event in kinds] == [Fate.IGNORED] * 3

    async def test_sends_something_that_cannot_be_shown(self) -> None:
        async with open_world() as world:
            asked = await world.say("Which?", external_id="m1")
            await world.hear(elsewhere("poll", "x"))

            shown = (await world.timeline(asked.conversation_id))[-1]
            assert shown.kind is MessageKind.PLACEHOLDER
            assert "sent in another app" in shown.content.text


class TestAWithdrawal:
    async def test_hides_the_words_in_the_list_too(self) -> None:
        async with open_world() as world:
            message = await world.say("my card is 4111", external_id="m1")
            await world.hear(withdrawal())

            assert "4111" not in ((await world.conversation(message.conversation_id)).snippet or "")

    async def test_is_never_undone_by_what_comes_late(self) -> None:
        async with open_world() as world:
            message = await world.say("my card is 4111", external_id="m1")
            await world.hear(withdrawal())

            assert await fate(world, edit("my card is 4112", minute=1)) is Fate.IGNORED
            assert await fate(world, said("my card is 4111", external_id="m1")) is Fate.DUPLICATE
            found = await world.message(message.message_id)
            assert found.withdrawn
            assert "411" not in found.content.text

    async def test_that_overtook_its_message_keeps_it_away(self) -> None:
        async with open_world() as world:
            await world.hear(withdrawal())

            assert await fate(world, said("my card is 4111", external_id="m1")) is Fate.IGNORED
            assert (await world.read(lambda work: work.conversations.page(View.ALL, Page()))).items == ()

    async def test_of_one_message_keeps_no_other_away(self) -> None:
        async with open_world() as world:
            await world.hear(withdrawal())

            assert await fate(world, said("hello", external_id="m2")) is Fate.STORED


async def answered(world: World) -> ConversationMessage:
    """Automation's answer to a question, as it went out."""
    await world.allow_automation()
    asked = await world.say(ASKS_DELIVERY)
    await world.drain()
    (answer,) = [m for m in await world.timeline(asked.conversation_id) if m.direction is Direction.OUTBOUND]
    return answer


def failure(**told: str) -> InboundEvent:
    return said(
        "", kind=InboundKind.STATUS, target="out-whatsapp-1", delivery=DeliveryState.FAILED,
        delivery_error="131047: the window has closed", metadata=told,
    )  # fmt: skip


class TestAnAnswerThatFailsLater:
    async def test_becomes_a_persons_matter(self) -> None:
        async with open_world() as world:
            answer = await answered(world)
            before = await world.conversation(answer.conversation_id)
            assert before.state.handler is not Handler.QUEUE

            await world.hear(failure())

            assert (await world.message(answer.message_id)).delivery is DeliveryState.FAILED
            assert (await world.conversation(answer.conversation_id)).state.handler is Handler.QUEUE

    async def test_after_it_was_read_changes_nothing(self) -> None:
        async with open_world() as world:
            answer = await answered(world)
            await world.hear(said("", kind=InboundKind.STATUS, target="out-whatsapp-1", delivery=DeliveryState.READ))

            assert await fate(world, failure()) is Fate.IGNORED
            assert (await world.conversation(answer.conversation_id)).state.handler is not Handler.QUEUE

    async def test_tells_the_operator_where_only_they_can_help(self) -> None:
        async with open_world() as world:
            await answered(world)

            await world.hear(failure(**{ATTENTION: "The account is unpaid"}))

            assert world.app.attention == {WHATSAPP: "The account is unpaid"}


class TestAnAccessThatIsWithdrawn:
    async def test_shows_at_the_channel(self) -> None:
        async with open_world() as world:
            event = said("", TWITTER, kind=InboundKind.SYSTEM, metadata={ATTENTION: "Reconnect the channel"})

            assert await fate(world, event) is Fate.APPLIED
            assert (await world.read(attention.read))[TWITTER].detail == "Reconnect the channel"


class TestAPostOfOurOwn:
    async def test_to_nobody_is_no_conversation(self) -> None:
        async with open_world() as world:
            post = said("We open at nine.", TWITTER, kind=InboundKind.ECHO, senders=())

            assert await fate(world, post) is Fate.IGNORED
            assert (await world.read(lambda work: work.conversations.page(View.ALL, Page()))).items == ()

    async def test_that_answers_a_customer_stands_in_their_conversation(self) -> None:
        async with open_world() as world:
            asked = await world.say("Are you open?", TWITTER, external_id="500")
            post = said("From nine.", TWITTER, kind=InboundKind.ECHO, senders=(), reply_to="500")

            taken = await world.hear(post)

            assert taken.accepted[0].conversation_id == asked.conversation_id


class TestAPayloadOfWhichAPartCannotBeRead:
    async def test_is_a_dead_letter_and_its_message_is_stored(self) -> None:
        async with open_world() as world:
            parsed = Parsed(events=(said("hello"),), unread=("entry.standby",))

            taken = await receive_events(world.app, WHATSAPP, parsed, b"{}", "application/json")

            (record,) = (await world.read(lambda work: work.payloads.page(Page()))).items
            assert (taken.accepted[0].fate, record.fate) == (Fate.STORED, Fate.DEAD_LETTER)
            assert record.reason == "cannot be read: entry.standby"


class HastyChannel(RecordingChannel):
    """The provider reports on a message before it answers that it took it."""

    world: World
    report: DeliveryState

    async def send(self, message: Outgoing) -> Receipt:
        receipt = await super().send(message)
        told = {"key": message.key}
        event = said("", kind=InboundKind.STATUS, target=receipt.external_ids[0], delivery=self.report, metadata=told)
        await self.world.hear(event)
        if self.late:
            raise DeliveryUnknown("the answer was lost")
        return receipt


class TestAReportThatIsFasterThanTheAnswer:
    @pytest.mark.parametrize("report", [DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.FAILED])
    @pytest.mark.parametrize("lost", [False, True])
    async def test_is_not_undone_by_it(self, report: DeliveryState, lost: bool) -> None:
        async with open_world() as world:
            hasty = HastyChannel(WHATSAPP)
            hasty.world, hasty.report, hasty.late = world, report, lost
            world.channels[WHATSAPP] = hasty

            answer = await answered(world)

            assert answer.delivery is report
