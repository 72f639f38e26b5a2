"""An import is history: nobody is told, nothing is counted, and what goes on today is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.domain.conversation import ConversationStatus
from switchboard.domain.event import EventType
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import ChannelType, MessageKind
from switchboard.flows.archive import archive_quiet
from switchboard.flows.bring_in import Bringing, Piece, bring_in, conclude_import
from switchboard.flows.customers import erase_customer
from switchboard.flows.reconcile import reconcile
from switchboard.flows.tell_webhooks import fan_out, new_endpoint
from switchboard.importing.exports import messages_of
from switchboard.ports.channel import Parsed
from switchboard.ports.records import JobKind, Page, View
from switchboard.ports.store import Work
from switchboard.stores.database import sql
from switchboard.stores.session import Session
from tests.kit import World, open_world, play

ANA = {"id": 5, "name": "Ana", "email": "ana@customers.example"}


def ticket(key: int, *words: str, start: str = "2021-03-01T10:00:00+00:00", step_h: int = 1) -> dict[str, object]:
    """The customer and the desk in turn."""
    begin = datetime.fromisoformat(start)
    comments = [
        {"id": key * 100 + n, "author_id": 5 if n % 2 == 0 else 9, "body": text, "public": True,
         "created_at": (begin + timedelta(hours=n * step_h)).isoformat()}
        for n, text in enumerate(words)
    ]  # fmt: skip
    return {"id": key, "subject": f"ticket {key}", "requester": ANA, "comments": comments}


def events_of(*tickets: dict[str, object]) -> list[InboundEvent]:
    found = [one for document in tickets for one in messages_of(Path("export.json"), document)]
    return [one for one in found if isinstance(one, InboundEvent)]


async def bring(world: World, *tickets: dict[str, object]) -> Bringing:
    bringing = Bringing()
    pieces = [Piece(source="export.json", parsed=Parsed(events=(event,))) for event in events_of(*tickets)]
    await bring_in(world.app, bringing, pieces)
    await conclude_import(world.app, bringing, lambda done: None)
    return bringing


async def told(world: World) -> list[tuple[EventType, str]]:
    events = await world.read(lambda work: work.events.after(0))
    return [(event.type, event.dimensions.get("imported", "")) for event in events]


class TestNobody:
    async def test_is_told_by_webhook_and_nothing_is_sent_or_waits(self) -> None:
        async with open_world() as world:
            endpoint = new_endpoint("https://hooks.example/x", frozenset(), world.clock.now())
            await world.write(lambda work: work.webhooks.save(endpoint))
            await fan_out(world.app)
            await bring(world, ticket(1, "Where is it?", "On its way.", "Thanks"))
            world.clock.move(hours=2)
            await archive_quiet(world.app)
            made = await fan_out(world.app)
            waiting = await world.read(lambda work: [work.jobs.backlog(kind).waiting for kind in JobKind])
            await world.say("hello today")
            later = await fan_out(world.app)

        assert made == 0
        assert later > 0
        assert not any(waiting)
        assert not world.sent

    async def test_counts_old_messages_as_received_answered_or_archived(self) -> None:
        async with open_world() as world:
            await bring(world, ticket(1, "Where is it?", "On its way."))
            await archive_quiet(world.app)

            assert await told(world) == [(EventType.MESSAGE_UNDERSTOOD, "yes")]

    async def test_is_disturbed_in_a_conversation_that_goes_on(self) -> None:
        async with open_world() as world:
            message = await world.say("My parcel is late", ChannelType.EMAIL, address="ana@customers.example")
            before = await world.read(lambda work: work.conversations.get(message.conversation_id))
            await bring(world, ticket(1, "An old matter", "Long done."))
            after = await world.read(lambda work: work.conversations.get(message.conversation_id))

        assert after == before


class TestTheHistory:
    async def test_has_the_times_of_the_messages_and_a_conversation_for_each_ticket(self) -> None:
        async with open_world() as world:
            await bring(world, ticket(1, "One", "Two"), ticket(2, "Three", start="2021-03-01T10:30:00+00:00"))
            talks = await world.read(lambda work: work.conversations.page(View.ALL, Page(limit=50)).items)
            first = next(talk for talk in talks if talk.subject == "ticket 1")
            messages = await world.read(lambda work: work.messages.of_conversation(first.conversation_id))

        assert [message.timestamp for message in messages] == [
            datetime(2021, 3, 1, 10, tzinfo=UTC),
            datetime(2021, 3, 1, 11, tzinfo=UTC),
        ]
        assert {talk.state.status for talk in talks} == {ConversationStatus.ARCHIVED}
        assert sorted(str(talk.subject) for talk in talks) == ["ticket 1", "ticket 2"]
        assert len({talk.customer_id for talk in talks}) == 1

    async def test_keeps_notes_as_notes(self) -> None:
        document = ticket(1, "One", "He is angry")
        document["comments"][1]["public"] = False  # type: ignore[index]  # a list of comments
        async with open_world() as world:
            bringing = await bring(world, document)
            keys = list(bringing.read)
            messages = await world.read(lambda work: [work.messages.find_external(*key) for key in keys])

        assert [m.kind for m in messages if m is not None] == [MessageKind.TEXT, MessageKind.NOTE]


class TestTheProof:
    async def test_sees_one_changed_word(self) -> None:
        async with open_world() as world:
            bringing = await bring(world, ticket(1, "One", "Two"))
            assert (await reconcile(world.app, bringing.read)).whole
            await self._reword(world, bringing)
            proof = await reconcile(world.app, bringing.read)

        assert not proof.whole
        assert proof.changed == ("zendesk:1:100",)
        assert (proof.read, proof.held) == (2, 2)
        assert proof.read_hash != proof.held_hash

    async def test_sees_a_row_that_was_tampered_with(self) -> None:
        async with open_world() as world:
            bringing = await bring(world, ticket(1, "One", "Two"))
            await world.write(_tamper)
            proof = await reconcile(world.app, bringing.read)

        assert not proof.whole
        assert proof.changed == ("zendesk:1:101",)

    async def test_sees_a_conversation_that_went(self) -> None:
        async with open_world() as world:
            bringing = await bring(world, ticket(1, "One", "Two"), ticket(2, "Three"))
            talks = await world.read(lambda work: work.conversations.page(View.ALL, Page(limit=50)).items)
            gone = next(talk for talk in talks if talk.subject == "ticket 2")
            await world.write(lambda work: work.conversations.delete(gone.conversation_id))
            proof = await reconcile(world.app, bringing.read)

        assert proof.missing == ("zendesk:2:200",)

    async def test_leaves_out_whoever_was_erased_since_and_brings_nobody_back(self) -> None:
        async with open_world() as world:
            bringing = await bring(world, ticket(1, "One", "Two"))
            (person,) = await world.read(lambda work: work.customers.page(Page(limit=5)).items)
            await erase_customer(world.app, person.customer_id, "tester")
            again = await bring(world, ticket(1, "One", "Two"))
            proof = await reconcile(world.app, again.read)
            people = await world.read(lambda work: work.customers.page(Page(limit=5)).items)

        assert len(bringing.read) == 2
        assert proof.whole
        assert (proof.erased, proof.read) == (2, 0)
        assert people == ()

    async def _reword(self, world: World, bringing: Bringing) -> None:
        key = sorted(bringing.read)[0]

        def story(work: Work) -> None:
            message = work.messages.find_external(*key)
            assert message is not None
            content = replace(message.content, text="Another word")
            work.messages.replace_content(message.message_id, content, world.clock.now())

        await world.write(story)

    @settings(max_examples=40, deadline=None)
    @given(words=st.lists(st.text(min_size=1, max_size=40).filter(str.strip), min_size=1, max_size=6))
    def test_is_whole_for_any_words(self, words: list[str]) -> None:
        async def story(world: World) -> None:
            bringing = await bring(world, ticket(1, *words))
            assert (await reconcile(world.app, bringing.read)).whole

        play(story)


def _tamper(work: Work) -> None:
    """Somebody changes one byte in the database."""
    session: Session = work.session  # type: ignore[attr-defined]  # the SQL store's own
    row = session.one(sql("SELECT sealed FROM messages WHERE sequence = 2"))
    assert row is not None
    changed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    session.run(sql("UPDATE messages SET sealed = :sealed WHERE sequence = 2"), sealed=changed)


class TestSomebodyWhoIsKnownFromTheHistory:
    async def test_is_found_by_the_address_that_the_other_desk_knew(self) -> None:
        async with open_world() as world:
            bringing = await bring(world, ticket(1, "Broken", "Sorry."))
            key = next(iter(bringing.read))
            old = await world.read(lambda work: work.messages.find_external(*key))
            owner = await world.read(lambda work: work.customers.knows_address("ana@customers.example"))

        assert old is not None
        assert owner == old.customer_id
