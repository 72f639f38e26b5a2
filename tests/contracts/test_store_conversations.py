"""Conversations and messages in every store: one open, in order, nothing twice, found again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from switchboard.domain.conversation import Conversation
from switchboard.domain.ids import AgentId, CustomerId, new_conversation_id
from switchboard.domain.message import Attachment, ChannelType, DeliveryState, MessageContent, ProcessingState
from switchboard.errors import Conflict, InvalidInput, NotFound
from switchboard.ports.records import Page, View
from switchboard.ports.store import Store, Work
from tests.stores.opening import START
from tests.stores.samples import bound, conversation, customer, message, newcomer, reading, said, state, urgency


class TestAConversation:
    async def test_comes_back_as_it_was_given(self, store: Store) -> None:
        profile = customer()
        given = conversation(
            profile.customer_id,
            subject="Kettle",
            snippet="It leaks",
            channels=(ChannelType.EMAIL, ChannelType.WHATSAPP),
            intent="complaint",
            topic="product_quality",
            language="en",
            sentiment_score=-0.5,
            last_channel=ChannelType.EMAIL,
            needs_reply_since=START,
            queued_at=START,
            required_skills=("billing", "returns"),
            previous_conversation_id=new_conversation_id(),
        )
        await store.write(lambda work: work.customers.add(profile))
        await store.write(lambda work: work.conversations.add(given))
        assert await store.read(lambda work: work.conversations.get(given.conversation_id)) == given
        assert await store.read(lambda work: work.conversations.open_for(profile.customer_id)) == given

    async def test_only_the_first_of_two_rivals_changes_it(self, store: Store) -> None:
        seen = await store.write(newcomer)
        first = await store.write(lambda work: work.conversations.save(replace(seen, topic="general")))
        assert first.version == 2
        with pytest.raises(Conflict):
            await store.write(lambda work: work.conversations.save(replace(seen, topic="billing_payment")))
        now = await store.read(lambda work: work.conversations.get(seen.conversation_id))
        assert now == first

    async def test_a_customer_has_one_open_even_when_eight_messages_come_at_once(self, store: Store) -> None:
        profile = customer()
        await store.write(lambda work: work.customers.add(profile))

        def arrive(work: Work) -> Conversation:
            known = work.conversations.open_for(profile.customer_id)
            if known is not None:
                return known
            started = conversation(profile.customer_id)
            work.conversations.add(started)
            return started

        joined = await asyncio.gather(*(store.write(arrive) for _ in range(8)))
        assert len({each.conversation_id for each in joined}) == 1
        with pytest.raises(Conflict):
            await store.write(lambda work: work.conversations.add(conversation(profile.customer_id)))

    async def test_order_numbers_never_repeat_when_many_write_at_once(self, store: Store) -> None:
        started = await store.write(newcomer)

        def speak(work: Work) -> None:
            now = work.conversations.get(started.conversation_id)
            assert now is not None
            work.conversations.save(replace(now, last_sequence=now.last_sequence + 1))
            work.messages.add(message(now, f"number {now.last_sequence + 1}", now.last_sequence + 1))

        async def insist() -> None:
            # The lost race is told after five runs; whoever speaks then tries again.
            while True:
                try:
                    return await store.write(speak)
                except Conflict:
                    await asyncio.sleep(0)

        await asyncio.gather(*(insist() for _ in range(12)))
        heard = await store.read(lambda work: work.messages.of_conversation(started.conversation_id))
        assert [each.sequence for each in heard] == list(range(1, 13))
        assert [each.content.text for each in heard] == [f"number {n}" for n in range(1, 13)]

    async def test_deleted_takes_its_messages_along(self, store: Store) -> None:
        started = await store.write(newcomer)
        await store.write(lambda work: said(work, started, "please forget"))
        await store.write(lambda work: work.conversations.delete(started.conversation_id))
        assert await store.read(lambda work: work.conversations.get(started.conversation_id)) is None
        assert await store.read(lambda work: work.messages.of_conversation(started.conversation_id)) == ()
        assert (await store.read(lambda work: work.messages.search(["forget"], Page()))).items == ()


class TestTheListsOfTheDesk:
    async def test_show_each_conversation_where_it_belongs(self, store: Store) -> None:
        states = {
            "mine": state("active", "agent", assigned_agent_id="agt_1", priority=3.0),
            "others": state("active", "agent", assigned_agent_id="agt_2", priority=4.0),
            "queue": state("active", "queue", priority=9.5),
            "automation": state("active", "automation", priority=2.0),
            "waiting": state("waiting", "agent", assigned_agent_id="agt_1", priority=1.0),
            "resolved": state("resolved"),
            "archived": state("archived"),
        }

        def fill(work: Work) -> None:
            for number, (name, each) in enumerate(states.items()):
                profile = customer(name)
                work.customers.add(profile)
                at = START + timedelta(hours=number)
                work.conversations.add(conversation(profile.customer_id, at, state=each, topic=name))

        await store.write(fill)

        async def topics(view: View) -> list[str | None]:
            rows = await store.read(lambda work: work.conversations.page(view, Page(), agent_id=agent[view]))
            return [row.topic for row in rows.items]

        agent = dict.fromkeys(View, None) | {View.MINE: AgentId("agt_1")}
        assert await topics(View.MINE) == ["mine", "waiting"]
        assert await topics(View.QUEUE) == ["queue"]
        assert await topics(View.AUTOMATION) == ["automation"]
        assert await topics(View.OPEN) == ["queue", "others", "mine", "automation", "waiting"]
        assert await topics(View.WAITING) == ["waiting"]
        assert await topics(View.RESOLVED) == ["resolved"]
        assert await topics(View.ALL) == list(reversed(states))
        counts = await store.read(lambda work: work.conversations.counts(AgentId("agt_1")))
        assert counts == {
            View.MINE: 2,
            View.QUEUE: 1,
            View.AUTOMATION: 1,
            View.WAITING: 1,
            View.OPEN: 5,
            View.RESOLVED: 1,
            View.ALL: 7,
        }

    @pytest.mark.parametrize("view", [View.OPEN, View.ALL])
    async def test_turn_pages_without_gap_or_repeat_even_where_rows_tie(self, store: Store, view: View) -> None:
        def fill(work: Work) -> list[Conversation]:
            return [newcomer(work, f"Person {n}") for n in range(11)]

        everyone = {each.conversation_id for each in await store.write(fill)}
        seen, cursor = [], None
        while True:
            page = Page(limit=4, cursor=cursor)
            rows = await store.read(bound(lambda work, page: work.conversations.page(view, page), page))
            seen += [row.conversation_id for row in rows.items]
            cursor = rows.next_cursor
            if cursor is None:
                break
        assert len(seen) == 11
        assert set(seen) == everyone

    async def test_a_broken_cursor_or_size_is_told(self, store: Store) -> None:
        for page in (Page(cursor="rubbish"), Page(limit=0), Page(limit=101), Page(cursor="W10")):
            with pytest.raises(InvalidInput):
                await store.read(bound(lambda work, page: work.conversations.page(View.ALL, page), page))

    async def test_the_inactive_come_oldest_first_and_retention_takes_only_archived(self, store: Store) -> None:
        def fill(work: Work) -> None:
            for hours, status in ((3, "active"), (1, "resolved"), (2, "archived"), (50, "waiting")):
                profile = customer(status)
                work.customers.add(profile)
                at = START + timedelta(hours=hours)
                work.conversations.add(conversation(profile.customer_id, at, state=state(status), topic=status))

        await store.write(fill)
        before = START + timedelta(hours=24)
        idle = await store.read(lambda work: work.conversations.inactive(before, 10))
        assert [each.topic for each in idle] == ["resolved", "active"]
        due = await store.read(lambda work: work.conversations.due_for_retention(before, 10))
        assert [each.topic for each in due] == ["archived"]


class TestAMessage:
    async def test_comes_back_as_it_was_given(self, store: Store) -> None:
        started = await store.write(newcomer)
        content = MessageContent(
            text="Hello\u0000 ünïcode 🎈",
            attachments=(Attachment(kind="image", name="kettle.jpg", size=3, details={"w": "1"}),),
            media_urls=("https://files.example/1",),
            subject="Kettle",
            fresh_text="Hello",
            html="<p>Hello</p>",
        )
        given = message(
            started,
            content=content,
            external_id="wamid.1",
            sent_at=START - timedelta(seconds=3),
            metadata={"k": "v"},
            delivery_error="code 17",
            reading=reading(),
            processing=ProcessingState.UNDERSTOOD,
        )
        await store.write(lambda work: work.messages.add(given))
        assert await store.read(lambda work: work.messages.get(given.message_id)) == given

    async def test_of_the_provider_is_stored_once(self, store: Store) -> None:
        started = await store.write(newcomer)
        await store.write(lambda work: work.messages.add(message(started, "once", 1, external_id="wamid.7")))
        with pytest.raises(Conflict):
            await store.write(lambda work: work.messages.add(message(started, "once", 2, external_id="wamid.7")))
        other = message(started, "other number", 2, external_id="wamid.7", account="second")
        await store.write(lambda work: work.messages.add(other))
        found = await store.read(lambda work: work.messages.find_external(ChannelType.WHATSAPP, "acme", "wamid.7"))
        assert found is not None
        assert found.content.text == "once"

    async def test_twenty_copies_at_once_give_one(self, store: Store) -> None:
        started = await store.write(newcomer)

        def accept(work: Work) -> bool:
            if work.messages.find_external(ChannelType.WHATSAPP, "acme", "wamid.9"):
                return False
            work.messages.add(message(started, "copy", 1, external_id="wamid.9"))
            return True

        taken = await asyncio.gather(*(store.write(accept) for _ in range(20)))
        assert sum(taken) == 1

    async def test_names_its_conversation_by_thread_key_strongest_first(self, store: Store) -> None:
        one, two = await store.write(lambda work: [newcomer(work, "Ana"), newcomer(work, "Ben")])
        await store.write(lambda work: work.messages.add(message(one, external_id="<a@x>"), ["token-1"]))
        await store.write(lambda work: work.messages.add(message(two, external_id="<b@x>"), ["token-2"]))
        find = [["nothing", "token-2", "<a@x>"], ["<a@x>", "token-2"], ["nothing"]]
        found = [
            await store.read(
                bound(lambda work, keys: work.messages.find_by_thread_keys(ChannelType.WHATSAPP, keys), keys)
            )
            for keys in find
        ]
        assert found == [two.conversation_id, one.conversation_id, None]

    async def test_is_read_in_order_and_in_windows(self, store: Store) -> None:
        started = await store.write(newcomer)
        await store.write(lambda work: said(work, started, *[str(n) for n in range(1, 11)]))
        cid = started.conversation_id
        windows = await store.read(
            lambda work: [
                work.messages.of_conversation(cid, after=7),
                work.messages.of_conversation(cid, before=4, limit=2),
                work.messages.newest(cid, 3),
                work.messages.of_customer(started.customer_id, limit=2),
            ]
        )
        texts = [[each.content.text for each in window] for window in windows]
        assert texts == [["8", "9", "10"], ["2", "3"], ["8", "9", "10"], ["9", "10"]]

    async def test_gets_its_reading_which_feeds_mood_and_repeated_issues(self, store: Store) -> None:
        started = await store.write(newcomer)
        (first,) = await store.write(lambda work: said(work, started, "It is late"))
        await store.write(lambda work: work.messages.save_reading(first.message_id, reading(), urgency()))
        read = await store.read(lambda work: work.messages.get(first.message_id))
        assert read is not None
        assert read.reading == reading()
        assert read.processing is ProcessingState.UNDERSTOOD
        points = await store.read(lambda work: work.messages.sentiment_points(started.conversation_id))
        assert [(each.score, each.message_id) for each in points] == [(-0.4, first.message_id)]
        past = await store.read(
            lambda work: work.messages.past_readings(started.customer_id, START - timedelta(days=7))
        )
        assert [(each.intent, each.topic, each.embedding) for each in past] == [
            ("complaint", "delivery_fulfilment", (0.5, -0.25, 0.0, 0.125))
        ]
        assert (
            await store.read(lambda work: work.messages.past_readings(started.customer_id, START + timedelta(1))) == ()
        )

    async def test_is_found_by_its_words_newest_first(self, store: Store) -> None:
        started = await store.write(newcomer)
        await store.write(
            lambda work: said(work, started, "The RED kettle leaks", "red cup", "A kettle, red; again", "blue")
        )
        first = await store.read(lambda work: work.messages.search(["Kettle", "red"], Page(limit=1)))
        assert [each.content.text for each in first.items] == ["A kettle, red; again"]
        rest = await store.read(
            lambda work: work.messages.search(["Kettle", "red"], Page(limit=1, cursor=first.next_cursor))
        )
        assert [each.content.text for each in rest.items] == ["The RED kettle leaks"]
        assert rest.next_cursor is None
        assert (await store.read(lambda work: work.messages.search(["'; --"], Page()))).items == ()

    async def test_edited_keeps_the_search_right(self, store: Store) -> None:
        started = await store.write(newcomer)
        (first,) = await store.write(lambda work: said(work, started, "yellow kettle"))
        new = MessageContent(text="green kettle")
        await store.write(lambda work: work.messages.replace_content(first.message_id, new, START, withdrawn=True))
        read = await store.read(lambda work: work.messages.get(first.message_id))
        assert read is not None
        assert (read.content, read.withdrawn) == (new, True)
        hits = [
            len((await store.read(bound(lambda work, word: work.messages.search([word], Page()), word))).items)
            for word in ("yellow", "green")
        ]
        assert hits == [0, 1]

    async def test_carries_reactions(self, store: Store) -> None:
        started = await store.write(newcomer)
        (first,) = await store.write(lambda work: said(work, started, "thanks"))
        await store.write(lambda work: work.messages.add_reaction(first.message_id, "customer", "👍"))
        read = await store.read(lambda work: work.messages.get(first.message_id))
        assert read is not None
        assert read.metadata == {"reaction:customer": "👍"}
        await store.write(lambda work: work.messages.add_reaction(first.message_id, "customer", None))
        read = await store.read(lambda work: work.messages.get(first.message_id))
        assert read is not None
        assert read.metadata == {}


class TestSending:
    async def test_is_marked_once_so_that_a_crash_shows(self, store: Store) -> None:
        started = await store.write(newcomer)
        (out,) = await store.write(lambda work: said(work, started, "reply"))
        mid = out.message_id
        marks = [
            await store.write(bound(lambda work, t: work.messages.mark_sending(mid, t), t)) for t in ("a", "a", "b")
        ]
        assert marks == [True, True, False]
        await store.write(lambda work: work.messages.clear_sending(mid))
        assert await store.write(lambda work: work.messages.mark_sending(mid, "b"))

    async def test_remembers_all_ids_that_the_provider_gave(self, store: Store) -> None:
        started = await store.write(newcomer)
        (out,) = await store.write(lambda work: said(work, started, "reply"))
        await store.write(
            lambda work: work.messages.set_delivery(out.message_id, DeliveryState.SENT, external_ids=["s1", "s2"])
        )
        for name in ("s1", "s2"):
            found = await store.read(
                bound(lambda work, name: work.messages.find_external(ChannelType.WHATSAPP, "acme", name), name)
            )
            assert found is not None
            assert (found.message_id, found.delivery) == (out.message_id, DeliveryState.SENT)
        await store.write(lambda work: work.messages.set_delivery(out.message_id, DeliveryState.FAILED, error="no"))
        failed = await store.read(lambda work: work.messages.get(out.message_id))
        assert failed is not None
        assert failed.delivery_error == "no"

    async def test_of_an_unknown_message_is_told(self, store: Store) -> None:
        unknown = message(conversation(CustomerId("cus"))).message_id
        with pytest.raises(NotFound):
            await store.write(lambda work: work.messages.set_delivery(unknown, DeliveryState.SENT))
