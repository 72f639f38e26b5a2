"""A payload of many messages: nobody waits for all of it, and it is acknowledged whole or comes again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest

from switchboard.domain.ids import MessageId
from switchboard.domain.inbound import Fate, InboundEvent
from switchboard.errors import Unavailable
from switchboard.flows.intake import Taken
from switchboard.flows.underway import SLICE
from switchboard.ports.store import Store, Work
from tests.kit import World, open_world, said

T = TypeVar("T")
MANY = 5 * SLICE + 3
ANA, BEN = "+49400000001", "+49400000002"


def letters(address: str | None = None, *, count: int = MANY) -> list[InboundEvent]:
    """Of one customer, or each of another."""
    return [said(f"{n}", address=address or f"+4930{n:07d}", external_id=f"m{n}") for n in range(count)]


async def begun(world: World, events: list[InboundEvent]) -> asyncio.Task[Taken]:
    """The payload is being stored."""
    arriving = asyncio.create_task(world.hear(*events))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not arriving.done()
    return arriving


async def words_of(world: World, taken: Taken) -> list[str]:
    """What stands in the conversation that the payload's first message joined."""
    first = await world.message(MessageId(taken.accepted[0].message_id or ""))
    return [message.content.text for message in await world.timeline(first.conversation_id)]


class FailingStore:
    """Fails once, after so many transactions."""

    def __init__(self, store: Store, good: int) -> None:
        self._store, self._good = store, good
        self.read, self.close = store.read, store.close

    async def write(self, story: Callable[[Work], T], *, later: bool = False) -> T:
        self._good -= 1
        if self._good == -1:
            raise Unavailable("the disk is full")
        return await self._store.write(story, later=later)


class TestALongPayload:
    async def test_lets_others_be_stored_meanwhile(self) -> None:
        async with open_world() as world:
            arriving = await begun(world, letters())
            await world.say("Hello", address=BEN)
            waited_for_all = arriving.done()
            taken = await arriving

        assert not waited_for_all
        assert [entry.fate for entry in taken.accepted] == [Fate.STORED] * MANY

    async def test_keeps_the_order_of_its_senders_who_go_on_writing(self) -> None:
        async with open_world() as world:
            arriving = await begun(world, letters(ANA))
            await world.say("and one more", address=ANA)
            words = await words_of(world, await arriving)

        assert words == [*map(str, range(MANY)), "and one more"]

    async def test_comes_before_the_next_one_of_its_senders(self) -> None:
        async with open_world() as world:
            arriving = await begun(world, letters(ANA))
            others = [said(f"later {n}", address=ANA, external_id=f"l{n}") for n in range(MANY)]
            await world.hear(*others)
            words = await words_of(world, await arriving)

        assert words == [*map(str, range(MANY)), *(f"later {n}" for n in range(MANY))]

    async def test_is_one_payload_with_the_fate_of_every_event(self) -> None:
        async with open_world() as world:
            taken = await world.hear(*letters())
            record = await world.read(lambda work: work.payloads.get(taken.payload_id))

        assert record is not None
        assert [event.external_id for event in record.events] == [f"m{n}" for n in range(MANY)]
        assert record.body == b"{}"


class TestALongPayloadThatCannotBeStoredToItsEnd:
    @pytest.mark.parametrize("good", [0, 1, 3, 5])
    async def test_is_not_acknowledged_and_stored_once_when_it_comes_again(self, good: int) -> None:
        async with open_world() as world:
            whole = world.app.store
            world.app.store = FailingStore(whole, good)
            with pytest.raises(Unavailable):
                await world.hear(*letters(ANA))
            taken = await world.hear(*letters(ANA))
            words = await words_of(world, taken)

        assert [entry.fate for entry in taken.accepted] == [Fate.DUPLICATE] * good * SLICE + [Fate.STORED] * (
            MANY - good * SLICE
        )
        assert words == [*map(str, range(MANY))]

    async def test_keeps_nobody_waiting(self) -> None:
        async with open_world() as world:
            world.app.store = FailingStore(world.app.store, 2)
            arriving = await begun(world, letters(ANA))
            message = await world.say("Hello?", address=ANA)
            with pytest.raises(Unavailable):
                await arriving

        assert message.content.text == "Hello?"
