"""A colleague calls a customer from the desk: their own telephone rings first, then the customer's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from switchboard.calls.numbers import callable_number
from switchboard.demo.simulators.phone import PhoneCall
from switchboard.domain.call import CallOutcome, CallStatus
from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import Identity
from switchboard.domain.event import EventType
from switchboard.domain.ids import AgentId
from switchboard.domain.message import ChannelType
from switchboard.errors import Conflict, SwitchboardError
from switchboard.flows.agent_actions import reply
from switchboard.flows.call_desk import place_call, telephones
from switchboard.views.desk import conversation_page
from switchboard.views.line import LineMark, Mark
from tests.calls.exchange import CALLER, NUMBER, Exchange, open_exchange

MAYA = AgentId("agt_maya")
SID = "CA" + "1".rjust(32, "0")


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with open_exchange(colleagues={MAYA: "+4930123"}) as opened:
        await opened.world.hire("Maya")
        yield opened


async def somebody_to_call(exchange: Exchange, caller: str = CALLER) -> Conversation:
    """They called, asked, and hung up before anybody answered."""
    call = await exchange.dial_in(caller)
    await call.say("I want to talk to somebody")
    await call.hang_up(9)
    await exchange.world.drain()
    return await exchange.conversation(call)


async def rings(exchange: Exchange) -> PhoneCall:
    """Maya pressed the button, and takes her telephone."""
    talk = await somebody_to_call(exchange)
    assert await place_call(exchange.world.app, talk.conversation_id, MAYA, "maya") == SID
    return await exchange.pick_up(exchange.placed[-1], SID)


async def marks(exchange: Exchange, call: PhoneCall) -> dict[Mark, LineMark]:
    talk = (await exchange.conversation(call)).conversation_id
    page = await exchange.world.read(lambda work: conversation_page(work, talk, None))
    return {item.kind: item for item in page.timeline.items if isinstance(item, LineMark)}


class TestTheColleague:
    async def test_is_rung_first_and_told_whom_the_call_is_for(self, exchange: Exchange) -> None:
        call = await rings(exchange)

        form = exchange.placed[-1]
        assert (form["To"], form["From"]) == ("+4930123", NUMBER)
        assert "your call to the customer. Press any key" in call.heard[-1]
        assert CALLER not in form["Url"]

    async def test_presses_a_key_and_the_customer_is_called_with_our_number_shown(self, exchange: Exchange) -> None:
        call = await rings(exchange)

        await call.press("1")

        assert (call.verb.get("callerId"), call.verb.findtext("Number")) == (NUMBER, CALLER)

    async def test_whose_telephone_is_a_program_is_connected_at_once(self) -> None:
        async with open_exchange(colleagues={MAYA: "client:maya"}) as exchange:
            await exchange.world.hire("Maya")

            call = await rings(exchange)

            assert exchange.placed[-1]["To"] == "client:maya"
            assert call.verb.findtext("Number") == CALLER

    async def test_who_does_not_press_a_key_calls_nobody(self, exchange: Exchange) -> None:
        call = await rings(exchange)

        await call.stay_silent()

        assert call.waits_for is None
        assert (await exchange.record(call)).outcome is CallOutcome.COLLEAGUE_MISSED
        assert (await marks(exchange, call))[Mark.CALL_ENDED].detail == "the colleague's telephone was not answered"

    async def test_whose_telephone_is_busy_stands_in_the_conversation(self, exchange: Exchange) -> None:
        talk = await somebody_to_call(exchange)
        await place_call(exchange.world.app, talk.conversation_id, MAYA, "maya")
        call = PhoneCall(line=exchange.line, caller="+4930123", outbound=True, sid=SID)
        address = exchange.placed[-1]["StatusCallback"]

        for _ in range(2):
            await call.notify(address, {"CallStatus": "busy", "CallDuration": "0"})

        assert (await exchange.record(call)).status is CallStatus.BUSY
        ends = [e for e in await exchange.world.events() if e.dimensions.get("outcome") == "colleague_missed"]
        assert len(ends) == 1


class TestTheCustomer:
    async def test_hears_who_calls_and_is_connected(self, exchange: Exchange) -> None:
        call = await rings(exchange)
        await call.press("1")

        told = await call.colleague("completed", 95)

        assert len(told) == 1
        assert "A colleague of ours wants to talk to you" in told[0]
        record = await exchange.record(call)
        assert (record.outcome, record.far_status) == (CallOutcome.CONNECTED, CallStatus.IN_PROGRESS)
        assert (await exchange.conversation(call)).needs_reply_since is None
        seen = await marks(exchange, call)
        assert (seen[Mark.CALL_CONNECTED].name, seen[Mark.CALL_CONNECTED].amount) == ("Maya", 95.0)

    @pytest.mark.parametrize("status", ["no-answer", "busy", "failed"])
    async def test_who_does_not_answer_is_recorded_and_still_owed(self, exchange: Exchange, status: str) -> None:
        call = await rings(exchange)
        await call.press("1")

        await call.colleague(status, 0)

        assert "Nobody could be reached" in call.heard[-1]
        assert (await exchange.record(call)).outcome is CallOutcome.NOT_REACHED
        assert (await exchange.conversation(call)).needs_reply_since is not None
        assert (await marks(exchange, call))[Mark.CALL_ENDED].detail == "nobody picked up"

    async def test_becomes_nobody_new(self, exchange: Exchange) -> None:
        call = await rings(exchange)
        await call.press("1")
        await call.colleague("completed", 95)

        known = {message.customer_id for message in await exchange.messages(call)}
        assert known == {(await exchange.conversation(call)).customer_id}
        assert not any("+4930123" in line for line in await exchange.transcript(call))


class TestTwilioAsksTwice:
    async def test_each_step_hears_the_same_again_and_is_noted_once(self, exchange: Exchange) -> None:
        call = await rings(exchange)
        assert await call.repeat() == call.documents[-1]
        await call.press("1")
        assert await call.repeat() == call.documents[-1]
        await call.colleague("completed", 95)

        await call.repeat()

        kinds = [e.type for e in await exchange.world.events() if e.dimensions.get("agent_id") == MAYA]
        assert kinds.count(EventType.CALL_STARTED) == 1
        assert kinds.count(EventType.CALL_CONNECTED) == 1

    async def test_the_first_notice_may_come_before_our_own_record(self, exchange: Exchange) -> None:
        talk = await somebody_to_call(exchange)
        query = f"leg=agent&talk={talk.conversation_id}&agent={MAYA}"
        call = PhoneCall(line=exchange.line, caller="+4930123", outbound=True, sid=SID, query=query)

        await call.ring()

        record = await exchange.record(call)
        assert (record.agent_id, record.conversation_id) == (MAYA, talk.conversation_id)


class TestWhatCannotBeCalled:
    async def test_a_hidden_number(self, exchange: Exchange) -> None:
        talk = await somebody_to_call(exchange, "anonymous")

        with pytest.raises(Conflict, match="no telephone number"):
            await place_call(exchange.world.app, talk.conversation_id, MAYA, "maya")

        assert exchange.placed == []

    async def test_somebody_who_is_on_the_phone_already(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()
        await call.say("I want to talk to somebody")
        talk = await exchange.conversation(call)

        with pytest.raises(Conflict, match="goes on"):
            await place_call(exchange.world.app, talk.conversation_id, MAYA, "maya")

    async def test_somebody_twice_by_a_click_in_two_tabs(self, exchange: Exchange) -> None:
        talk = await somebody_to_call(exchange)
        clicks = [place_call(exchange.world.app, talk.conversation_id, MAYA, "maya") for _ in range(2)]

        ended = await asyncio.gather(*clicks, return_exceptions=True)

        assert len(exchange.placed) == 1
        assert [str(one) for one in ended if isinstance(one, Conflict)] == ["this customer is being called already"]

    async def test_somebody_while_the_provider_has_trouble_but_at_once_afterwards(self, exchange: Exchange) -> None:
        talk = await somebody_to_call(exchange)
        exchange.refuses = True
        with pytest.raises(SwitchboardError):
            await place_call(exchange.world.app, talk.conversation_id, MAYA, "maya")
        exchange.refuses = False

        assert await place_call(exchange.world.app, talk.conversation_id, MAYA, "maya") == SID

    async def test_anybody_by_an_agent_without_a_telephone(self, exchange: Exchange) -> None:
        talk = await somebody_to_call(exchange)

        with pytest.raises(Conflict, match="no telephone is set up for you"):
            await place_call(exchange.world.app, talk.conversation_id, AgentId("agt_sam"), "sam")

    async def test_anybody_without_an_account_for_outgoing_calls(self) -> None:
        async with open_exchange(colleagues={MAYA: "+4930123"}, places=False) as exchange:
            talk = await somebody_to_call(exchange)

            assert telephones(exchange.world.app) == frozenset()
            with pytest.raises(Conflict, match="outgoing calls"):
                await place_call(exchange.world.app, talk.conversation_id, MAYA, "maya")


async def test_what_is_written_meanwhile_is_not_kept_for_the_colleagues_call(exchange: Exchange) -> None:
    call = await rings(exchange)
    talk = await exchange.conversation(call)

    await reply(exchange.world.app, talk.conversation_id, "As I said.", agent_id=MAYA, actor="maya")

    assert (await exchange.record(call)).to_say == ()


async def test_a_number_on_whatsapp_can_be_called_and_a_sip_address_cannot(exchange: Exchange) -> None:
    talk = await somebody_to_call(exchange, "sip:anna@example.org")
    customer = await exchange.world.read(lambda work: work.customers.get(talk.customer_id))
    assert customer is not None
    assert callable_number(customer) is None

    other = Identity(channel=ChannelType.WHATSAPP, address="+4915112345678")

    assert callable_number(replace(customer, identities=(other,))) == "+4915112345678"
