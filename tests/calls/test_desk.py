"""What the team sees of a call: who is on the phone now, how long it took, what it came to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from switchboard.views.desk import conversation_page
from switchboard.views.line import LineMark, Mark
from tests.calls.exchange import Exchange, open_exchange
from tests.kit import ASKS_DELIVERY


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with open_exchange(colleagues={"agt_maya": "client:maya"}) as opened:
        yield opened


async def test_somebody_is_on_the_phone_until_they_hang_up(exchange: Exchange) -> None:
    call = await exchange.dial_in()
    await exchange.asks(call, ASKS_DELIVERY)
    talk = await exchange.conversation(call)
    during = await exchange.world.read(lambda work: conversation_page(work, talk.conversation_id, None))

    await call.hang_up()

    after = await exchange.world.read(lambda work: conversation_page(work, talk.conversation_id, None))
    assert during.call is not None
    assert during.call.call_id == call.sid
    assert after.call is None


async def test_the_line_shows_the_call_with_its_length_and_who_spoke(exchange: Exchange) -> None:
    await exchange.world.hire("Maya")
    call = await exchange.dial_in()
    await exchange.asks(call, "I want to talk to somebody")
    await exchange.rest(call)
    await call.colleague("completed", 184)
    talk = await exchange.conversation(call)

    page = await exchange.world.read(lambda work: conversation_page(work, talk.conversation_id, None))

    marks = {item.kind: item for item in page.timeline.items if isinstance(item, LineMark)}
    assert (marks[Mark.CALL_CONNECTED].name, marks[Mark.CALL_CONNECTED].amount) == ("Maya", 184.0)
    assert (marks[Mark.CALL_ENDED].detail, marks[Mark.CALL_ENDED].amount) == ("a colleague spoke with the caller", 42.0)
    first = page.timeline.items[0]
    assert isinstance(first, LineMark)
    assert (first.kind, first.detail) == (Mark.CALL_STARTED, "the customer called")
