"""What holds for every message, conversation and customer, whoever writes what on which channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from switchboard.domain.conversation import ConversationStatus
from switchboard.domain.customer import CustomerValue, Evidence, Issue, Purchase
from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.domain.inbound import InboundEvent, SenderAddress
from switchboard.domain.message import Attachment, ChannelType, MessageContent
from switchboard.domain.reading import IntentCategory
from switchboard.flows.agent_actions import conversation_named
from switchboard.flows.archive import archive_quiet
from switchboard.flows.customers import ProfileChange, change_profile, customer_named
from switchboard.ports.records import Page
from switchboard.ports.store import Work
from tests.kit import ADDRESSES, MONDAY, STORY, World, play, read_as, said
from tests.properties import design_property

CHANNELS = st.sampled_from(list(ChannelType))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40)
VISIBLE = TEXTS.filter(lambda text: bool(text.strip()))
ONE_PERSON = tuple(
    SenderAddress(channel=channel, address=address, verified=True, evidence=Evidence.LINKED_BY_API)
    for channel, address in ADDRESSES.items()
)


def by_ana(text: str, channel: ChannelType) -> InboundEvent:
    mine = next(address for address in ONE_PERSON if address.channel is channel)
    return said(text, channel, senders=(mine, *(a for a in ONE_PERSON if a is not mine)))


class TestAMessageOfAnyChannel:
    @design_property(1)
    @STORY
    @given(CHANNELS, TEXTS, st.lists(st.tuples(TEXTS, st.sampled_from(["image", "video", "document"])), max_size=3))
    def test_is_complete_and_keeps_its_content(
        self, channel: ChannelType, text: str, files: list[tuple[str, str]]
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 1: Message Normalization Completeness"""
        content = MessageContent(
            text=text,
            attachments=tuple(
                Attachment(kind=kind, name=name, url=f"https://media.example/{i}")
                for i, (name, kind) in enumerate(files)
            ),
            media_urls=tuple(f"https://media.example/{i}" for i in range(len(files))),
        )

        async def story(world: World) -> None:
            message = await world.say(text, channel, content=content)

            assert message.message_id
            assert message.conversation_id
            assert message.customer_id
            assert (message.channel, message.timestamp, message.content) == (channel, world.clock.now(), content)

        play(story)


class TestOneCustomerOnManyChannels:
    @design_property(11)
    @STORY
    @given(st.lists(CHANNELS, min_size=2, max_size=4))
    def test_has_one_thread(self, channels: list[ChannelType]) -> None:
        """Feature: omnichannel-cx-platform, Property 11: Cross-Channel Conversation Linking"""

        async def story(world: World) -> None:
            for number, channel in enumerate(channels):
                await world.hear(by_ana(f"message {number}", channel))
            rows = await world.read(lambda work: work.messages.of_customer(_only_customer(work), limit=100))

            assert len({m.conversation_id for m in rows}) == 1
            assert [m.channel for m in rows] == channels

        play(story)

    @design_property(12)
    @STORY
    @given(st.lists(st.tuples(CHANNELS, st.integers(-3600, 3600), st.integers(-5, 60)), min_size=1, max_size=4))
    def test_reads_in_order_of_acceptance_whatever_the_providers_clocks_say(
        self, writings: list[tuple[ChannelType, int, int]]
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 12: Chronological Message Ordering"""

        async def story(world: World) -> None:
            for number, (channel, theirs, ours) in enumerate(writings):
                world.clock.move(seconds=ours)
                event = by_ana(str(number), channel)
                await world.hear(_sent(event, world.clock.now() + timedelta(seconds=theirs)))
            found = await world.read(
                lambda work: work.messages.of_conversation(
                    work.conversations.of_customer(_only_customer(work))[0].conversation_id
                )
            )

            assert [m.content.text for m in found] == [str(number) for number in range(len(writings))]
            assert [m.timestamp for m in found] == sorted(m.timestamp for m in found)
            assert [m.channel for m in found] == [channel for channel, _, _ in writings]

        play(story)

    @design_property(33)
    @STORY
    @given(
        st.lists(
            st.tuples(CHANNELS, st.sampled_from(list(IntentCategory)), st.integers(-100, 100)), min_size=1, max_size=2
        )
    )
    def test_has_every_message_with_its_reading_in_the_timeline(
        self, writings: list[tuple[ChannelType, IntentCategory, int]]
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 33: Unified Timeline Completeness"""

        async def story(world: World) -> None:
            for number, (channel, intent, score) in enumerate(writings):
                text = f"message {number}"
                world.understanding.readings[text] = read_as(intent, score=score / 100)
                await world.hear(by_ana(text, channel))
                await world.drain()
            rows = await world.read(lambda work: work.messages.of_customer(_only_customer(work), limit=100))
            theirs = [m for m in rows if m.processing is not None]

            assert [m.content.text for m in theirs] == [f"message {n}" for n in range(len(writings))]
            assert [
                (m.channel, m.reading.primary.category, m.reading.sentiment.score) for m in theirs if m.reading
            ] == [(channel, intent, score / 100) for channel, intent, score in writings]
            assert all(m.timestamp for m in theirs)

        play(story)


class TestAProfile:
    @design_property(13)
    @STORY
    @given(
        VISIBLE,
        st.dictionaries(VISIBLE, VISIBLE, max_size=3),
        st.sampled_from(list(CustomerValue)),
        st.lists(st.tuples(VISIBLE, st.integers(1, 10**6)), max_size=3),
    )
    def test_once_changed_stays_changed(
        self, name: str, preferences: dict[str, str], value: CustomerValue, bought: list[tuple[str, int]]
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 13: Customer Profile Persistence"""
        purchases = _purchases(bought)

        async def story(world: World) -> None:
            customer_id = (await world.say("hello")).customer_id
            change = ProfileChange(name=name, preferences=preferences, customer_value=value)
            await change_profile(world.app, customer_id, change, "test")
            issue = _issue((await world.read(lambda w: w.conversations.of_customer(customer_id)))[0].conversation_id)
            await world.write(lambda w: _buy(w, customer_id, purchases))
            brief = await world.customer(customer_id)
            await world.write(lambda w: w.customers.save(replace(brief, previous_issues=(issue,))))
            await world.say("hello again", name="Somebody Else")
            found = await world.customer(customer_id)

            assert (found.name, dict(found.preferences), found.customer_value) == (name, preferences, value)
            assert sorted(found.purchase_history, key=lambda p: p.purchase_id) == list(purchases)
            assert found.previous_issues == (issue,)

        play(story)

    @design_property(34)
    @STORY
    @given(CHANNELS, VISIBLE, st.lists(st.tuples(VISIBLE, st.integers(1, 10**6)), max_size=3))
    def test_is_there_for_whoever_opens_a_conversation(
        self, channel: ChannelType, name: str, bought: list[tuple[str, int]]
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 34: Customer Profile Availability"""
        purchases = _purchases(bought)

        async def story(world: World) -> None:
            message = await world.say("hello", channel, name=name)
            await world.write(lambda w: _buy(w, message.customer_id, purchases))
            profile = await world.read(
                lambda w: customer_named(w, conversation_named(w, message.conversation_id).customer_id)
            )

            assert profile.name == name
            assert ADDRESSES[channel] in {identity.address for identity in profile.identities}
            assert sorted(profile.purchase_history, key=lambda p: p.purchase_id) == list(purchases)

        play(story)


class TestAQuietConversation:
    @design_property(14)
    @STORY
    @given(st.integers(1, 72 * 3600), CHANNELS)
    def test_is_archived_after_a_day_and_woken_by_a_message(self, quiet_s: int, channel: ChannelType) -> None:
        """Feature: omnichannel-cx-platform, Property 14: Conversation Archival"""

        async def story(world: World) -> None:
            first = await world.say("hello", channel)
            world.clock.move(seconds=quiet_s)
            await archive_quiet(world.app)
            archived = (await world.conversation(first.conversation_id)).state.status is ConversationStatus.ARCHIVED
            again = await world.say("are you there?", channel)
            after = await world.conversation(first.conversation_id)

            assert archived == (quiet_s >= 24 * 3600)
            assert again.conversation_id == first.conversation_id
            assert after.state.status is ConversationStatus.ACTIVE
            assert [m.content.text for m in await world.timeline(first.conversation_id)] == ["hello", "are you there?"]

        play(story)


def _only_customer(work: Work) -> CustomerId:
    (profile,) = work.customers.page(Page()).items
    return profile.customer_id


def _sent(event: InboundEvent, at: datetime) -> InboundEvent:
    return replace(event, sent_at=at)


def _purchases(bought: Sequence[tuple[str, int]]) -> tuple[Purchase, ...]:
    return tuple(
        Purchase(
            purchase_id=f"p{number}", product=product, amount=Decimal(cents) / 100, currency="EUR", purchased_at=MONDAY
        )
        for number, (product, cents) in enumerate(bought)
    )


def _issue(conversation_id: ConversationId) -> Issue:
    return Issue(issue_id="i1", conversation_id=conversation_id, intent="complaint", topic="general", created_at=MONDAY)


def _buy(work: Work, customer_id: CustomerId, purchases: Sequence[Purchase]) -> None:
    for purchase in purchases:
        work.customers.add_purchase(customer_id, purchase)
