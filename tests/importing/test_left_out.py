"""What an import leaves out is named: nobody finds out later that words are gone."""

from __future__ import annotations

from dataclasses import replace

from switchboard.domain.inbound import InboundEvent, InboundKind
from switchboard.flows.bring_in import Bringing, Piece, bring_in
from switchboard.ports.channel import Parsed
from tests.importing.test_silence import events_of, ticket
from tests.kit import open_world


async def left_out(*events: InboundEvent) -> list[str]:
    bringing = Bringing()
    async with open_world() as world:
        pieces = [Piece(source=f"{n}.eml", parsed=Parsed(events=(event,))) for n, event in enumerate(events, 1)]
        await bring_in(world.app, bringing, pieces)
    return bringing.left_out


class TestTwoMailsWithOneId:
    async def test_the_second_is_named_if_its_words_differ(self) -> None:
        first = events_of(ticket(1, "Where is it?"))[0]
        other = replace(first, content=replace(first.content, text="I want my money back."))

        found = await left_out(first, other)

        assert found == [
            f"2.eml: {first.external_id}: another message has this id and other contents; that one is kept"
        ]

    async def test_a_copy_is_not_worth_a_word(self) -> None:
        first = events_of(ticket(1, "Where is it?"))[0]

        assert await left_out(first, first) == []


class TestAReportOfAServer:
    async def test_is_named(self) -> None:
        report = replace(events_of(ticket(1, "returned"))[0], kind=InboundKind.STATUS)

        assert await left_out(report) == [f"1.eml: {report.external_id}: status: nothing to keep"]
