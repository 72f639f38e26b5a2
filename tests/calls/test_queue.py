"""Waiting for a person in Twilio's queue: the place and the wait are told, music plays, and every way out leads somewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest

from switchboard.calls.rules import CallLimits
from switchboard.demo.simulators.phone import PhoneCall
from switchboard.domain.agent import AgentStatus
from switchboard.domain.call import CallOutcome, CallStage, CallStatus
from switchboard.domain.conversation import Handler
from switchboard.domain.event import EventType
from switchboard.domain.ids import AgentId
from switchboard.domain.message import DeliveryState, Direction
from switchboard.errors import Conflict
from switchboard.flows.agent_actions import reply, set_status
from switchboard.flows.call_desk import take_call, telephones
from switchboard.views.desk import conversation_page
from switchboard.views.line import LineMark, Mark
from tests.calls.exchange import Exchange, open_exchange

MAYA = AgentId("agt_maya")
MUSIC = "https://shop.example/waiting.mp3"


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    """Maya has a telephone, but she is away."""
    async with open_exchange(colleagues={MAYA: "+4930123"}, music=MUSIC) as opened:
        await opened.world.hire("Maya")
        await set_status(opened.world.app, MAYA, AgentStatus.OFFLINE, "maya")
        yield opened


async def waits(exchange: Exchange, caller: str = "+14155550100") -> PhoneCall:
    """Somebody asks for a person and is in the queue now."""
    call = await exchange.dial_in(caller)
    await exchange.asks(call, "I want to talk to somebody")
    await exchange.rest(call)
    assert call.queue is not None
    return call


async def comes_back(exchange: Exchange) -> None:
    await set_status(exchange.world.app, MAYA, AgentStatus.AVAILABLE, "maya")


class TestSomebodyWaits:
    async def test_place_and_wait_are_told_and_the_keys_and_music_follows(self, exchange: Exchange) -> None:
        call = await waits(exchange)

        assert call.heard[-3:-1] == [
            "You are number 1 in the line.",
            "A colleague will take care of it. Nobody is free right now.",
        ]
        assert "press 2" in call.heard[-1]
        assert call.verb.findtext("Play") == MUSIC
        assert (await exchange.record(call)).stage is CallStage.QUEUED

    async def test_the_desk_is_told_at_once(self, exchange: Exchange) -> None:
        await waits(exchange)

        told = [e.dimensions["stage"] for e in await exchange.world.events() if e.type is EventType.CALL_PROGRESS]
        assert told == ["queued"]

    async def test_the_second_caller_is_told_to_be_the_second(self, exchange: Exchange) -> None:
        await waits(exchange)

        second = await waits(exchange, "+14155550101")

        assert "You are number 2 in the line." in second.heard

    async def test_the_wait_is_told_again_after_a_minute_and_not_before(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        before = len(call.heard)

        await exchange.rest(call, 20)
        assert len(call.heard) == before
        await exchange.rest(call, 50)

        assert call.heard[before] == "You are number 1 in the line."

    async def test_without_music_there_is_silence(self) -> None:
        async with open_exchange(colleagues={MAYA: "+4930123"}) as exchange:
            call = await waits(exchange)

            assert call.verb.find("Pause") is not None

    async def test_key_0_tells_the_place_again_and_other_keys_mean_nothing(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        said = await exchange.transcript(call)

        await call.press("0")
        assert call.heard[-3] == "You are number 1 in the line."
        await call.press("7")

        assert call.queue is not None
        assert "customer: 7" not in await exchange.transcript(call)
        assert len(await exchange.transcript(call)) <= len(said) + 1

    async def test_where_nobody_has_a_telephone_the_caller_waits_with_us(self) -> None:
        async with open_exchange() as exchange:
            call = await exchange.dial_in()
            await exchange.asks(call, "I want to talk to somebody")
            await exchange.rest(call)

            assert call.queue is None
            assert call.verb.get("input") == "speech dtmf"

    async def test_a_full_queue_lets_them_wait_with_us(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()
        await exchange.asks(call, "I want to talk to somebody")
        exchange.world.clock.move(seconds=3)
        call.queue_is_full = True
        await call.stay_silent()

        assert call.queue is None
        assert call.waits_for == "Gather"
        assert (await exchange.record(call)).stage is CallStage.WAITING


class TestAWayOutByKey:
    async def test_2_promises_a_call_back(self, exchange: Exchange) -> None:
        call = await waits(exchange)

        await call.press("2")

        assert "We will call you back" in call.heard[-1]
        assert call.waits_for is None
        assert (await exchange.record(call)).outcome is CallOutcome.CALL_BACK
        assert "customer: 2: Please call me back" in await exchange.transcript(call)

    async def test_3_leads_to_the_tone(self, exchange: Exchange) -> None:
        call = await waits(exchange)

        await call.press("3")
        assert call.waits_for == "Record"
        await call.leave_message(7)

        assert (await exchange.record(call)).outcome is CallOutcome.VOICE_MESSAGE

    async def test_2_from_a_hidden_number_leads_to_the_tone(self, exchange: Exchange) -> None:
        call = await waits(exchange, "anonymous")

        await call.press("2")

        assert "hidden" in call.heard[-2]
        assert call.waits_for == "Record"


class TestNobodyComes:
    async def test_the_longest_wait_ends_with_a_promise(self) -> None:
        async with open_exchange(colleagues={MAYA: "+4930123"}, limits=CallLimits(wait_s=100)) as exchange:
            call = await waits(exchange)

            await exchange.rest(call, 101)

            assert "We will call you back" in call.heard[-1]
            assert (await exchange.record(call)).outcome is CallOutcome.CALL_BACK

    async def test_a_hidden_number_is_led_to_the_tone(self) -> None:
        async with open_exchange(colleagues={MAYA: "+4930123"}, limits=CallLimits(wait_s=100)) as exchange:
            call = await waits(exchange, "anonymous")

            await exchange.rest(call, 101)

            assert call.waits_for == "Record"

    async def test_who_hangs_up_gave_up_waiting_and_still_waits_for_an_answer(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        exchange.world.clock.move(seconds=120)

        await call.hang_up(140)

        record = await exchange.record(call)
        assert (record.outcome, record.waited_s, record.duration_s) == (CallOutcome.GAVE_UP, 120.0, 140)
        talk = await exchange.conversation(call)
        assert (talk.state.handler, talk.needs_reply_since is not None) == (Handler.QUEUE, True)
        page = await exchange.world.read(lambda work: conversation_page(work, talk.conversation_id, None))
        (ended,) = [m for m in page.timeline.items if isinstance(m, LineMark) and m.kind is Mark.CALL_ENDED]
        assert ended.detail == "gave up waiting after 2 min"
        assert sum(e.type is EventType.CALL_ENDED for e in await exchange.world.events()) == 1


class TestSomebodyTakesTheCall:
    async def test_an_agent_who_is_free_again_is_rung_at_the_next_question(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        await comes_back(exchange)
        await exchange.world.drain()

        await exchange.rest(call, 11)

        assert (call.queue, call.waits_for) == (None, "Dial")
        assert call.verb.findtext("Number") == "+4930123"

    async def test_take_the_call_fetches_the_caller_at_once(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        talk = await exchange.conversation(call)
        await comes_back(exchange)
        assert telephones(exchange.world.app) == {MAYA}

        await take_call(exchange.world.app, talk.conversation_id, MAYA, "maya")

        ((sid, query),) = exchange.fetched
        assert sid == call.sid
        await call.called_out_of_queue(query)
        assert call.waits_for == "Dial"
        told = await call.colleague("completed", 184)
        assert [words.partition(". ")[2] for words in told] == ["Press any key to take the call."]
        record = await exchange.record(call)
        assert record.outcome is CallOutcome.CONNECTED
        assert (await exchange.conversation(call)).state.assigned_agent_id == MAYA

    async def test_take_the_call_works_where_twilio_does_not_fetch(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        talk = await exchange.conversation(call)
        await comes_back(exchange)
        exchange.deaf = True

        await take_call(exchange.world.app, talk.conversation_id, MAYA, "maya")
        await exchange.rest(call, 10)

        assert call.waits_for == "Dial"

    async def test_a_mailbox_that_answers_does_not_take_the_call(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        await comes_back(exchange)
        await exchange.world.drain()
        await exchange.rest(call, 11)

        await call.colleague("completed", 9, presses=False)

        assert "nobody could take your call" in call.heard[-2]
        assert (await exchange.record(call)).outcome is not CallOutcome.CONNECTED

    async def test_nothing_is_said_twice_on_the_way_back_into_the_queue(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        await comes_back(exchange)
        await exchange.world.drain()
        await exchange.rest(call, 11)
        await call.colleague("no-answer", 0)
        before = len(call.heard)

        await call.press("0")
        await exchange.rest(call)

        assert call.queue is not None
        assert call.heard[before] == "One moment, please. We are looking for a colleague."
        assert call.heard[before] not in call.heard[before + 1 :]

    async def test_who_was_missed_can_take_the_call_again(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        await comes_back(exchange)
        await exchange.world.drain()
        await exchange.rest(call, 11)
        await call.colleague("no-answer", 0)
        await call.press("0")
        await exchange.rest(call)
        assert call.queue is not None
        talk = await exchange.conversation(call)

        await take_call(exchange.world.app, talk.conversation_id, MAYA, "maya")
        await exchange.rest(call, 10)

        assert call.waits_for == "Dial"

    async def test_nobody_takes_a_call_that_is_over(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        talk = await exchange.conversation(call)
        await call.hang_up()

        with pytest.raises(Conflict, match="nobody waits"):
            await take_call(exchange.world.app, talk.conversation_id, MAYA, "maya")

        assert (await exchange.conversation(call)).state.assigned_agent_id is None

    async def test_who_has_no_telephone_cannot_take_it(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        talk = await exchange.conversation(call)

        with pytest.raises(Conflict, match="no telephone is set up for you"):
            await take_call(exchange.world.app, talk.conversation_id, AgentId("agt_sam"), "sam")

    async def test_what_an_agent_writes_is_spoken_and_the_caller_can_answer(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        talk = await exchange.conversation(call)

        message = await reply(exchange.world.app, talk.conversation_id, "Maya here.", agent_id=None, actor="boss")
        await exchange.world.drain()
        await exchange.rest(call, 10)

        assert call.heard[-1] == "Maya here."
        assert call.verb.get("input") == "speech dtmf"
        assert (await exchange.world.message(message.message_id)).delivery is DeliveryState.SENT


class TestTwilioAsksTwice:
    async def test_each_question_in_the_queue_hears_the_same_again(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        assert await call.repeat() == call.documents[-1]
        before = await exchange.record(call)

        await call.repeat()

        assert await exchange.record(call) == before

    async def test_leaving_the_queue_is_answered_once(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        await comes_back(exchange)
        await exchange.world.drain()
        await exchange.rest(call, 11)
        after = await exchange.record(call)

        again = await call.repeat()

        assert again == call.documents[-1]
        assert await exchange.record(call) == after

    async def test_a_message_asked_for_in_the_queue_is_written_down_once(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        await call.press("3")

        assert await call.repeat() == call.documents[-1]

        wishes = [m for m in await exchange.messages(call) if m.direction is Direction.INBOUND]
        assert len(wishes) == 1

    async def test_the_end_is_told_by_the_queue_and_by_the_line_and_counts_once(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        await call.hang_up(140)
        before = await exchange.record(call)

        await call.notify(call._left_to, {**call._fields(), "QueueResult": "hangup", "QueueTime": "99"})

        assert await exchange.record(call) == before
        assert sum(e.type is EventType.CALL_ENDED for e in await exchange.world.events()) == 1

    async def test_a_late_question_for_somebody_who_left_the_queue_moves_nothing(self, exchange: Exchange) -> None:
        call = await waits(exchange)
        waiting_at = call._last
        await call.press("3")
        for _ in range(3):
            await call.notify(*waiting_at)

        assert (await exchange.record(call)).stage is CallStage.RECORDING
        assert (await exchange.record(call)).status is CallStatus.IN_PROGRESS


async def test_the_first_document_in_the_queue_is_what_twilio_allows_there(exchange: Exchange) -> None:
    call = await waits(exchange)

    enqueue, wait = (ElementTree.fromstring(document) for document in call.documents[-2:])
    assert [verb.tag for verb in enqueue] == ["Say", "Enqueue", "Redirect"]
    assert [verb.tag for verb in wait] == ["Gather", "Redirect"]
    assert enqueue.find("Enqueue") is not None
