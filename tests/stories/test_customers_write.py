"""Customers write, over any channel, at any moment: one person, one conversation, nothing twice, nothing lost."""

from __future__ import annotations

import asyncio

from switchboard.domain.customer import Evidence
from switchboard.domain.event import EventType
from switchboard.domain.inbound import Fate, InboundKind
from switchboard.domain.message import ChannelType, DeliveryState, MessageContent
from switchboard.flows.agent_actions import resolve
from switchboard.flows.customers import erase_customer, link_identity
from switchboard.flows.merge import merge_customers, unmerge_customers
from switchboard.ports.records import JobKind, Page
from switchboard.stores import open_sqlite
from tests.kit import ADDRESSES, MASTER, World, open_world, said

WHATSAPP, EMAIL, VOICE = ChannelType.WHATSAPP, ChannelType.EMAIL, ChannelType.VOICE


class TestACustomerOnTwoChannels:
    async def test_goes_on_by_verified_mail_where_they_began_on_whatsapp(self) -> None:
        async with open_world() as world:
            first = await world.say("My grinder is loud")
            await link_identity(
                world.app, first.customer_id, EMAIL, ADDRESSES[EMAIL], account="", evidence=Evidence.LINKED_BY_AGENT,
                actor="maya",
            )  # fmt: skip

            second = await world.say("As I wrote before", EMAIL)

            assert second.conversation_id == first.conversation_id
            assert (await world.conversation(first.conversation_id)).channels == (WHATSAPP, EMAIL)

    async def test_calls_from_the_number_they_write_from(self) -> None:
        async with open_world() as world:
            first = await world.say("My grinder is loud", WHATSAPP)
            second = await world.say("It is still loud", VOICE)
            assert second.conversation_id == first.conversation_id

    async def test_with_unverified_mail_stays_apart_from_the_proven_owner(self) -> None:
        async with open_world() as world:
            real = await world.say("It is me", EMAIL)
            forged = await world.say("It is me, too", EMAIL, verified=False)
            again = await world.say("Hello?", EMAIL, verified=False)

            assert forged.customer_id != real.customer_id
            assert (forged.verified, again.conversation_id) == (False, forged.conversation_id)

    async def test_merged_by_hand_and_parted_again_loses_nothing(self) -> None:
        async with open_world() as world:
            ana = await world.say("from Ana", WHATSAPP)
            bea = await world.say("from Bea", ChannelType.INSTAGRAM)
            now = world.clock.now()

            kept = await world.write(
                lambda w: merge_customers(
                    w, kept=ana.customer_id, merged=bea.customer_id, actor="maya", evidence="same person", now=now
                )
            )
            together = await world.read(lambda w: w.messages.of_customer(kept))
            (merge,) = await world.read(lambda w: w.customers.merges(kept))
            await world.write(lambda w: unmerge_customers(w, merge.merge_id, actor="maya", now=now))
            apart = [
                [m.content.text for m in await world.read(lambda w, c=c: w.messages.of_customer(c))]  # type: ignore[misc]  # bound now
                for c in (ana.customer_id, bea.customer_id)
            ]

            assert {m.content.text for m in together} == {"from Ana", "from Bea"}
            assert apart == [["from Ana"], ["from Bea"]]

    async def test_of_two_merged_open_conversations_one_stays_open(self) -> None:
        async with open_world() as world:
            ana = await world.say("from Ana", WHATSAPP)
            bea = await world.say("from Bea", ChannelType.INSTAGRAM)
            await world.drain()
            now = world.clock.now()
            await world.write(
                lambda w: merge_customers(
                    w, kept=ana.customer_id, merged=bea.customer_id, actor="maya", evidence="same person", now=now
                )
            )
            after = await world.say("and now?", ChannelType.INSTAGRAM)
            await world.drain()

            states = [(await world.conversation(m.conversation_id)).is_open for m in (ana, bea)]
            assert sorted(states) == [False, True]
            assert (await world.conversation(after.conversation_id)).is_open


class TestAProviderThatRepeatsItself:
    async def test_fifty_times_at_once_gives_one_message(self) -> None:
        async with open_world() as world:
            event = said("only once", external_id="wamid.1")
            taken = await asyncio.gather(*(world.hear(event) for _ in range(50)))

            fates = [one.accepted[0].fate for one in taken]
            assert fates.count(Fate.STORED) == 1
            assert fates.count(Fate.DUPLICATE) == 49
            assert len(await world.timeline(taken[0].accepted[0].conversation_id)) == 1  # type: ignore[arg-type]  # it was stored
            assert sum(e.type is EventType.MESSAGE_RECEIVED for e in await world.events()) == 1

    async def test_also_in_one_payload(self) -> None:
        async with open_world() as world:
            event = said("only once", external_id="wamid.1")
            taken = await world.hear(event, event, said("and another", external_id="wamid.2"))
            assert [one.fate for one in taken.accepted] == [Fate.STORED, Fate.DUPLICATE, Fate.STORED]


class TestANewCustomerInAHurry:
    async def test_gets_one_conversation_in_order_from_two_workers(self) -> None:
        async with open_world() as world:
            for number in range(5):
                await world.say(f"{number}")
                world.clock.move(milliseconds=60)

            async def worker() -> None:
                while jobs := await world.claim(JobKind.UNDERSTAND, limit=1):
                    for job in jobs:
                        await asyncio.sleep(0)
                        await world.do(job)

            while not await self._all_read(world):
                await asyncio.gather(worker(), worker())

            messages = await world.read(lambda w: w.messages.of_customer(w.customers.page(Page()).items[0].customer_id))
            theirs = [m for m in messages if m.processing is not None]
            assert [m.content.text for m in theirs] == list("01234")
            assert [m.sequence for m in messages] == list(range(1, len(messages) + 1))
            assert world.understanding.order == list("01234")

    @staticmethod
    async def _all_read(world: World) -> bool:
        return not (await world.read(lambda w: w.jobs.backlog(JobKind.UNDERSTAND))).waiting

    async def test_gets_one_conversation_when_everything_comes_at_once(self) -> None:
        async with open_world() as world:
            world.app.store = open_sqlite(None, MASTER, world.clock)  # with its own thread, as in life
            try:
                taken = await asyncio.gather(*(world.hear(said(f"{n}")) for n in range(20)))
                ids = {one.accepted[0].conversation_id for one in taken}
                assert len(ids) == 1
            finally:
                await world.app.store.close()


class TestAMessageAfterTheFact:
    async def test_is_corrected(self) -> None:
        async with open_world() as world:
            message = await world.say("Order 12", external_id="m1")
            edit = said("Order 13", kind=InboundKind.EDIT, target="m1")
            await world.hear(edit)
            assert (await world.message(message.message_id)).content.text == "Order 13"

    async def test_is_withdrawn(self) -> None:
        async with open_world() as world:
            message = await world.say("my card is 4111", external_id="m1")
            await world.hear(said("", kind=InboundKind.DELETE, target="m1"))
            found = await world.message(message.message_id)
            assert found.withdrawn
            assert "4111" not in found.content.text

    async def test_a_correction_that_overtook_its_message_is_the_message(self) -> None:
        async with open_world() as world:
            taken = await world.hear(said("Order 13", kind=InboundKind.EDIT, target="m1"))
            assert taken.accepted[0].fate is Fate.STORED

    async def test_of_an_erased_customer_is_acknowledged_and_ignored(self) -> None:
        async with open_world() as world:
            message = await world.say("Order 12", external_id="m1")
            await erase_customer(world.app, message.customer_id, "officer")
            for kind in (InboundKind.EDIT, InboundKind.DELETE, InboundKind.REACTION):
                taken = await world.hear(said("Order 13", kind=kind, target="m1"))
                assert taken.accepted[0].fate is Fate.IGNORED

    async def test_a_status_only_climbs(self) -> None:
        async with open_world() as world:
            message = await world.say("hello")
            await world.drain()
            (notice,) = [m for m in await world.timeline(message.conversation_id) if m.delivery is not None]
            seen = []
            for state in (DeliveryState.READ, DeliveryState.DELIVERED, DeliveryState.SENT):
                await world.hear(
                    said("", kind=InboundKind.STATUS, target=notice.external_id or "out-whatsapp-1", delivery=state)
                )
                seen.append((await world.message(notice.message_id)).delivery)
            assert seen == [DeliveryState.READ] * 3


class TestACall:
    async def test_is_a_transcript_in_the_customers_conversation(self) -> None:
        async with open_world() as world:
            before = await world.say("I will call you", WHATSAPP)
            said_first = await world.say("Good morning", VOICE, session="CA1")
            said_then = await world.say("It is about my order", VOICE, session="CA1")

            assert {said_first.conversation_id, said_then.conversation_id} == {before.conversation_id}
            assert (said_first.metadata["session"], said_first.channel) == ("CA1", VOICE)


class TestAfterAResolution:
    async def test_a_message_within_three_days_reopens_it(self) -> None:
        async with open_world() as world:
            first = await world.say("hello")
            await world.drain()
            await resolve(world.app, first.conversation_id, actor="maya")
            world.clock.move(hours=71)
            second = await world.say("not quite")
            assert second.conversation_id == first.conversation_id
            assert (await world.conversation(first.conversation_id)).is_open

    async def test_a_later_one_starts_a_linked_conversation(self) -> None:
        async with open_world() as world:
            first = await world.say("hello")
            await world.drain()
            await resolve(world.app, first.conversation_id, actor="maya")
            world.clock.move(hours=73)
            second = await world.say("something else")
            assert (await world.conversation(second.conversation_id)).previous_conversation_id == first.conversation_id


class TestAutomaticMail:
    async def test_answers_nobody_and_wakes_nothing(self) -> None:
        async with open_world() as world:
            await world.allow_automation()
            message = await world.say("I am out of office", EMAIL, automatic=True)
            await world.drain()
            assert world.sent == []
            assert not (await world.conversation(message.conversation_id)).is_open


class TestAMessageWithoutWords:
    async def test_goes_to_a_person(self) -> None:
        async with open_world() as world:
            await world.allow_automation()
            maya = await world.hire()
            message = await world.say("", kind=InboundKind.UNSUPPORTED, content=MessageContent(text=""))
            await world.drain()
            assert (await world.conversation(message.conversation_id)).state.assigned_agent_id == maya
