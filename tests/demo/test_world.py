"""The demo's customers write on every channel and get their answers where they wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from switchboard.demo.world import Liveliness
from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import CustomerProfile, Evidence, Identity
from switchboard.domain.event import EventType
from switchboard.domain.ids import CustomerId, new_customer_id
from switchboard.domain.inbound import Fate
from switchboard.domain.message import ChannelType, DeliveryState, Direction
from switchboard.errors import InvalidInput, NotFound
from switchboard.flows.agent_actions import reply
from switchboard.ports.records import Page, View
from switchboard.ports.store import Work
from tests.demo.running import Running, eventually, running

ADDRESSES = {
    ChannelType.VOICE: "+447700900555",
    ChannelType.WHATSAPP: "+447700900555",
    ChannelType.EMAIL: "noor@brightmail.example",
    ChannelType.WEB_CHAT: "vis_" + "5" * 32,
    ChannelType.FACEBOOK: "9234567890123456",
    ChannelType.TWITTER: "923456789012345678",
    ChannelType.INSTAGRAM: "92345678901234567",
}
ACCOUNTS = {
    ChannelType.FACEBOOK: "104400270000001",
    ChannelType.INSTAGRAM: "17841400000000001",
    ChannelType.WEB_CHAT: "widget",
}


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path / "data") as world:
        yield world


async def noor(demo: Running) -> CustomerId:
    """One customer with an address on all seven channels."""
    clock = demo.system.app.clock
    profile = CustomerProfile(
        customer_id=new_customer_id(),
        name="Noor Haddad",
        created_at=clock.now(),
        identities=tuple(
            Identity(channel=channel, address=address, account=ACCOUNTS.get(channel, ""), verified=True,
                     evidence=Evidence.LINKED_BY_AGENT, display_name="Noor")
            for channel, address in ADDRESSES.items()
        ),
    )  # fmt: skip
    await demo.system.app.store.write(lambda work: work.customers.add(profile))
    return profile.customer_id


def talk_of(work: Work, customer_id: CustomerId) -> Conversation:
    found = work.conversations.open_for(customer_id)
    assert found is not None
    return found


class TestOneCustomerOnEveryChannel:
    async def test_each_answer_arrives_where_it_was_asked(self, demo: Running) -> None:
        customer_id, app = await noor(demo), demo.system.app

        for channel in ChannelType:
            await demo.world.write_as(customer_id, channel, f"Hello, this is my question on {channel.value}")
            talk = await app.store.read(lambda work: talk_of(work, customer_id))
            answer = f"Here is our answer for {channel.value}."
            await reply(app, talk.conversation_id, answer, agent_id=None, actor="test", channel=channel)

        async def all_heard() -> bool:
            phones = await demo.world.phones(customer_id)
            return all(
                any(f"our answer for {channel.value}" in heard.text for heard in phones[channel])
                for channel in ChannelType
            )

        assert await eventually(all_heard)
        phones = await demo.world.phones(customer_id)
        for channel, thread in phones.items():
            others = [other.value for other in ChannelType if other is not channel]
            assert not any(f"answer for {other}." in heard.text for heard in thread for other in others)

    async def test_all_of_it_is_one_conversation_of_one_customer(self, demo: Running) -> None:
        customer_id, app = await noor(demo), demo.system.app

        for channel in ChannelType:
            await demo.world.write_as(customer_id, channel, "I would like to talk to a person about my order, please")

        talks = await app.store.read(lambda work: work.conversations.of_customer(customer_id))
        assert len(talks) == 1
        assert set(talks[0].channels) == set(ChannelType)

    async def test_receipts_of_the_provider_come_back(self, demo: Running) -> None:
        customer_id, app = await noor(demo), demo.system.app
        receipts = (ChannelType.WHATSAPP, ChannelType.FACEBOOK, ChannelType.INSTAGRAM, ChannelType.TWITTER)
        for channel in receipts:
            await demo.world.write_as(customer_id, channel, f"I ask on {channel.value}")
            talk = await app.store.read(lambda work: talk_of(work, customer_id))
            await reply(app, talk.conversation_id, "Answered.", agent_id=None, actor="test", channel=channel)

        async def read_by_customer() -> bool:
            talk = await app.store.read(lambda work: talk_of(work, customer_id))
            said = await app.store.read(lambda work: work.messages.newest(talk.conversation_id))
            ours = {m.channel: m.delivery for m in said if m.direction is Direction.OUTBOUND and m.author == "agent"}
            return all(ours[channel] is DeliveryState.READ for channel in receipts)

        assert await eventually(read_by_customer)


class TestSomebodyNew:
    async def test_a_stranger_is_answered_by_mail_in_their_own_thread(self, demo: Running) -> None:
        app, address = demo.system.app, "someone.new@quickpost.example"
        await demo.world.write(ChannelType.EMAIL, address, "Do you sell grinders?", name="Someone", subject="Grinders")
        talks = (await app.store.read(lambda work: work.conversations.page(View.ALL, Page()))).items
        await reply(app, talks[0].conversation_id, "Yes, the Brio.", agent_id=None, actor="test")

        async def arrived() -> bool:
            return any("the Brio" in heard.text for heard in demo.world.shown(ChannelType.EMAIL, address))

        assert await eventually(arrived)
        await demo.world.write(ChannelType.EMAIL, address, "Lovely, thanks!", name="Someone")
        again = (await app.store.read(lambda work: work.conversations.page(View.ALL, Page()))).items
        assert demo.world.shown(ChannelType.EMAIL, address)[-1].subject == "Re: Grinders"
        assert [talk.conversation_id for talk in again] == [talks[0].conversation_id]


class TestLife:
    async def test_new_messages_keep_coming_on_many_channels(self, tmp_path: Path) -> None:
        lively = Liveliness(per_minute=1200, patience=0.01, colleagues=False)
        async with running(tmp_path / "data", lively) as demo:
            app = demo.system.app

            async def busy() -> bool:
                events = await app.store.read(lambda work: work.events.after(0, 5000))
                received = [e for e in events if e.type is EventType.MESSAGE_RECEIVED]
                return len(received) >= 20 and len({e.dimensions["channel"] for e in received}) >= 5

            assert await eventually(busy, seconds=40)
            refused = await app.store.read(lambda work: work.payloads.page(Page(limit=100)))
            assert not [p.reason for p in refused.items if p.fate in (Fate.REFUSED, Fate.DEAD_LETTER)]


class TestTroubleAtAProvider:
    async def test_a_lost_answer_leaves_delivery_unknown(self, demo: Running) -> None:
        customer_id, app = await noor(demo), demo.system.app
        await demo.world.write_as(customer_id, ChannelType.WHATSAPP, "I want to speak to a person")
        talk = await app.store.read(lambda work: talk_of(work, customer_id))
        demo.world.faults.lost = 1
        message = await reply(app, talk.conversation_id, "One moment.", agent_id=None, actor="test")

        async def unknown() -> bool:
            found = await app.store.read(lambda work: work.messages.get(message.message_id))
            return found is not None and found.delivery is DeliveryState.UNKNOWN

        assert await eventually(unknown)

    async def test_nobody_else_can_be_reached(self, demo: Running) -> None:
        with pytest.raises(httpx2.ConnectError):
            await demo.world.client.get("https://example.com/")


class TestWhatCannotBeWritten:
    async def test_an_unknown_customer_is_not_found(self, demo: Running) -> None:
        with pytest.raises(NotFound):
            await demo.world.write_as(CustomerId("cus_nobody"), ChannelType.EMAIL, "Hello")

    async def test_an_empty_text_is_refused(self, demo: Running) -> None:
        with pytest.raises(InvalidInput):
            await demo.world.write_as(await noor(demo), ChannelType.EMAIL, "  ")
