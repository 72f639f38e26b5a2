"""What a caller lives through: answers, silence, keys, waiting, colleagues, voice messages, being called back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from xml.etree import ElementTree

import pytest

from switchboard.calls.rules import CallLimits
from switchboard.channels.twiml import Speaker
from switchboard.demo.simulators.twilio import spoken_sound
from switchboard.domain.call import CallOutcome, CallStage, CallStatus
from switchboard.domain.conversation import Handler
from switchboard.domain.event import EventType
from switchboard.domain.inbound import Fate
from switchboard.domain.message import Author, ChannelType, DeliveryState, Direction, FileState
from switchboard.errors import BadSignature
from switchboard.flows.agent_actions import reply
from switchboard.flows.call_end import end_silent_calls
from switchboard.flows.intake import receive_request
from switchboard.ports.records import Page
from tests.calls.exchange import CALLER, NUMBER, Exchange, open_exchange
from tests.kit import ASKS_DELIVERY, read_as

VOICE = ChannelType.VOICE
DELIVERY = "Standard delivery takes 2 to 4 working days."


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with open_exchange() as opened:
        yield opened


@pytest.fixture
async def helpful() -> AsyncIterator[Exchange]:
    """Automation knows the answer."""
    async with open_exchange() as opened:
        await opened.world.allow_automation()
        yield opened


class TestACallThatIsAnswered:
    async def test_begins_with_a_greeting_that_says_it_is_a_machine(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()

        assert "automated assistant" in call.heard[0]
        assert (call.waits_for, call.verb.get("input")) == ("Gather", "speech dtmf")

    async def test_holds_the_line_and_then_speaks_the_answer(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()
        await helpful.asks(call, ASKS_DELIVERY)
        assert call.holds
        assert "looking into it" in call.heard[-1]

        await helpful.rest(call)

        assert DELIVERY in call.heard[-1]
        assert "[1]" not in call.heard[-1]
        assert call.verb.get("input") == "speech dtmf"

    async def test_is_a_conversation_with_both_sides_in_order(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()
        await helpful.asks(call, ASKS_DELIVERY)
        await helpful.rest(call)
        await helpful.asks(call, "Thank you, and by express?")
        await helpful.rest(call)
        await call.hang_up(95)

        said = await helpful.transcript(call)
        assert [line.partition(":")[0] for line in said] == ["customer", "automation", "customer", "automation"]
        record = await helpful.record(call)
        assert (record.status, record.duration_s, record.outcome) == (CallStatus.COMPLETED, 95, CallOutcome.ANSWERED)
        assert not record.live

    async def test_the_next_turn_proves_that_the_answer_was_heard(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()
        await helpful.asks(call, ASKS_DELIVERY)
        await helpful.rest(call)
        (_, answer) = await helpful.messages(call)
        assert answer.delivery is DeliveryState.SENT

        await call.say("Thank you")

        assert (await helpful.world.message(answer.message_id)).delivery is DeliveryState.DELIVERED

    async def test_ends_friendly_when_there_is_nothing_to_add(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()
        await helpful.asks(call, ASKS_DELIVERY)
        await helpful.rest(call)

        await helpful.rest(call)
        assert "anything else" in call.heard[-1]
        await helpful.rest(call)

        assert "Goodbye" in call.heard[-1]
        assert call.waits_for is None
        assert (await helpful.record(call)).status is CallStatus.COMPLETED

    async def test_key_1_says_the_answer_again(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()
        await helpful.asks(call, ASKS_DELIVERY)
        await helpful.rest(call)
        answer = call.heard[-1]

        await call.press("1")

        assert call.heard[-1] == answer
        assert len(await helpful.messages(call)) == 2

    async def test_that_takes_too_long_ends_with_a_promise_and_the_answer_is_called_after(
        self, helpful: Exchange
    ) -> None:
        call = await helpful.dial_in()
        await call.say(ASKS_DELIVERY)  # nobody works on it
        for _ in range(CallLimits().holds + 1):
            await call.stay_silent()
        assert "We will call you back" in call.heard[-1]
        assert call.waits_for is None

        await helpful.world.drain()

        assert [form["To"] for form in helpful.placed] == [CALLER]


class TestSilence:
    async def test_is_asked_about_twice_then_a_person_or_a_message_is_offered_then_the_tone_comes(
        self, exchange: Exchange
    ) -> None:
        call = await exchange.dial_in()

        heard = []
        for _ in range(4):
            await call.stay_silent()
            heard.append(call.heard[-1])

        assert ["did not hear" in words for words in heard] == [True, True, False, False]
        assert "Press 0 for a person" in heard[2]
        assert call.waits_for == "Record"

    async def test_alone_opens_no_conversation(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()
        await call.stay_silent()
        await call.hang_up(12)

        record = await exchange.record(call)
        assert (record.conversation_id, record.outcome) == (None, CallOutcome.ABANDONED)


class TestWordsThatWereHardlyUnderstood:
    async def test_are_kept_and_asked_again_and_not_answered(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()

        await call.say("mumble mumble", confidence=0.2)
        await helpful.world.drain()

        assert "say it again" in call.heard[-1]
        first = (await helpful.messages(call))[0]
        assert (first.content.text, first.metadata["unclear"]) == ("mumble mumble", "yes")
        assert (await helpful.conversation(call)).state.handler is Handler.NOBODY

    async def test_go_to_a_person_if_nothing_clearer_follows(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()
        await call.say("mumble mumble", confidence=0.2)
        await exchange.world.drain()

        await call.hang_up()

        assert (await exchange.conversation(call)).state.handler is Handler.QUEUE

    async def test_clearer_words_are_answered(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()
        await call.say("mumble mumble", confidence=0.2)
        await helpful.asks(call, ASKS_DELIVERY)

        await helpful.rest(call)

        assert DELIVERY in call.heard[-1]


class TestKeys:
    async def test_0_asks_for_a_person_even_where_automation_could_answer(self, helpful: Exchange) -> None:
        await helpful.world.hire("Maya")
        call = await helpful.dial_in()

        await call.press("0")
        await helpful.world.drain()

        talk = await helpful.conversation(call)
        assert talk.state.assigned_agent_id == "agt_maya"
        assert (await helpful.transcript(call))[0] == "customer: 0: A person, please"

    async def test_2_promises_a_call_back_with_an_honest_wait(self, exchange: Exchange) -> None:
        await exchange.world.hire("Maya")
        call = await exchange.dial_in()

        await call.press("2")
        await exchange.world.drain()

        assert "We will call you back. The wait is about 1 minute" in call.heard[-1]
        assert call.waits_for is None
        assert (await exchange.record(call)).outcome is CallOutcome.CALL_BACK
        assert (await exchange.conversation(call)).state.handler is Handler.AGENT

    async def test_2_promises_nothing_when_nobody_can_tell(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()

        await call.press("2")

        assert "as soon as somebody is there" in call.heard[-1]

    async def test_2_from_a_hidden_number_asks_for_a_number(self, exchange: Exchange) -> None:
        call = await exchange.dial_in("+266696687")

        await call.press("2")

        assert "hidden" in " ".join(call.heard[-2:])
        assert call.waits_for == "Record"

    async def test_other_digits_are_what_the_caller_says(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()

        await call.press("471100")
        await helpful.world.drain()

        assert (await helpful.transcript(call))[0] == "customer: 471100"


class TestWaitingForAPerson:
    async def test_the_wait_is_announced_and_a_call_back_offered(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()
        await exchange.asks(call, "I want to talk to somebody")

        await exchange.rest(call)

        assert "passing you to a member of our team" in call.heard[-2]
        assert "press 2" in call.heard[-1]
        assert (await exchange.record(call)).stage is CallStage.WAITING

    async def test_the_wait_is_told_again_after_a_minute(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()
        await exchange.asks(call, "I want to talk to somebody")
        await exchange.rest(call)
        before = len(call.heard)

        await exchange.rest(call, 11)
        assert len(call.heard) == before
        await exchange.rest(call, 61)

        assert "Nobody is free" in call.heard[before]

    async def test_ends_with_a_promise_after_the_longest_wait(self) -> None:
        async with open_exchange(limits=CallLimits(wait_s=100)) as exchange:
            call = await exchange.dial_in()
            await exchange.asks(call, "I want to talk to somebody")
            await exchange.rest(call)

            await exchange.rest(call, 101)

            assert "We will call you back" in call.heard[-1]
            assert call.waits_for is None

    async def test_an_agent_without_a_telephone_writes_and_the_caller_hears_it(self, exchange: Exchange) -> None:
        maya = await exchange.world.hire("Maya")
        call = await exchange.dial_in()
        await exchange.asks(call, "I want to talk to somebody")
        await exchange.rest(call)
        assert "A colleague has your matter" in " ".join(call.heard)
        talk = await exchange.conversation(call)

        await reply(exchange.world.app, talk.conversation_id, "Hello, **Maya** here.", agent_id=maya, actor="maya")
        await exchange.rest(call, 11)

        assert call.heard[-1] == "Hello, Maya here."
        assert (await exchange.messages(call))[-1].author is Author.AGENT

    async def test_what_is_said_meanwhile_goes_to_that_person(self, exchange: Exchange) -> None:
        await exchange.world.hire("Maya")
        call = await exchange.dial_in()
        await exchange.asks(call, "I want to talk to somebody")
        await exchange.rest(call)

        await exchange.asks(call, "It is about the grinder")

        assert "passed that on" in call.heard[-1]
        assert "customer: It is about the grinder" in await exchange.transcript(call)


class TestAColleagueWithATelephone:
    @pytest.fixture
    async def staffed(self) -> AsyncIterator[Exchange]:
        async with open_exchange(colleagues={"agt_maya": "client:maya"}) as opened:
            await opened.world.hire("Maya")
            yield opened

    async def test_is_dialled_with_our_number_shown(self, staffed: Exchange) -> None:
        call = await staffed.dial_in()
        await staffed.asks(call, "I want to talk to somebody")

        await staffed.rest(call)

        assert call.waits_for == "Dial"
        client = call.verb.find("Client")
        assert client is not None
        assert client.text == "maya"
        assert "connected" in call.heard[-1]

    async def test_who_spoke_with_the_caller_settles_the_call(self, staffed: Exchange) -> None:
        call = await staffed.dial_in()
        await staffed.asks(call, "I want to talk to somebody")
        await staffed.rest(call)

        await call.colleague("completed", 184)

        assert "Goodbye" in call.heard[-1]
        assert (await staffed.record(call)).outcome is CallOutcome.CONNECTED
        assert (await staffed.conversation(call)).needs_reply_since is None
        (talked,) = [e for e in await staffed.world.events() if e.type is EventType.CALL_CONNECTED]
        assert (talked.metrics["duration_s"], talked.dimensions["agent_id"]) == (184.0, "agt_maya")

    @pytest.mark.parametrize("status", ["no-answer", "busy", "failed"])
    async def test_who_does_not_answer_leaves_the_caller_a_choice(self, staffed: Exchange, status: str) -> None:
        call = await staffed.dial_in()
        await staffed.asks(call, "I want to talk to somebody")
        await staffed.rest(call)

        await call.colleague(status, 0)

        assert "nobody could take your call" in call.heard[-2]
        assert "or 3 to leave a message" in call.heard[-1]
        await call.press("3")
        assert call.waits_for == "Record"

    async def test_a_number_shows_ours_as_the_caller(self) -> None:
        async with open_exchange(colleagues={"agt_maya": "+4930999"}) as exchange:
            await exchange.world.hire("Maya")
            call = await exchange.dial_in()
            await exchange.asks(call, "I want to talk to somebody")

            await exchange.rest(call)

            assert (call.verb.get("callerId"), call.verb.findtext("Number")) == (NUMBER, "+4930999")


class TestAVoiceMessage:
    async def test_is_kept_with_its_recording_and_its_words(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()
        await call.press("3")

        recording = await call.leave_message(7, "Please send me the manual")

        first, *_, words = [m for m in await exchange.messages(call) if m.direction is Direction.INBOUND]
        (file,) = first.content.attachments
        assert (file.kind, file.provider_id, file.details["duration_seconds"]) == ("audio", recording, "7")
        assert words.content.text == "Please send me the manual"
        assert "Thank you for your message" in call.heard[-1]
        assert (await exchange.record(call)).outcome is CallOutcome.VOICE_MESSAGE

    async def test_is_fetched_with_our_credentials_sealed_and_deleted_at_twilio(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()
        await call.press("3")
        recording = await call.leave_message(7)
        await exchange.fetch_files()
        first, *_ = await exchange.messages(call)
        assert first.content.attachments[0].state is FileState.WAITING  # Twilio is still writing the file

        exchange.recordings[recording] = spoken_sound(2)
        exchange.world.clock.move(minutes=1)
        await exchange.fetch_files()

        first, *_ = await exchange.messages(call)
        (file,) = first.content.attachments
        assert (file.state, file.blob_id is not None) == (FileState.STORED, True)
        kept = exchange.world.app.blobs.get(file.blob_id or "")
        assert b"RIFF" not in kept
        opened = await exchange.world.read(lambda work: work.open_blob(first.customer_id, file.blob_id or "", kept))
        assert opened == spoken_sound(2)
        assert exchange.recordings == {}

    async def test_goes_to_a_person(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()
        await call.press("3")
        await call.leave_message(7)

        await exchange.world.drain()

        assert (await exchange.conversation(call)).state.handler is Handler.QUEUE


class TestWhenTheCallerIsGone:
    async def test_the_answer_is_called_after_them_and_they_can_go_on_talking(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()
        await call.say(ASKS_DELIVERY)
        await call.hang_up()
        await helpful.world.drain()
        (form,) = helpful.placed
        assert (form["To"], form["From"]) == (CALLER, NUMBER)

        back = await helpful.pick_up(form, "CA" + "1".rjust(32, "0"))
        assert DELIVERY in back.heard[-1]
        await helpful.asks(back, "And by express?")
        await helpful.rest(back)
        await back.hang_up()

        assert (await helpful.conversation(back)).conversation_id == (await helpful.conversation(call)).conversation_id
        assert (await helpful.messages(back))[1].delivery is DeliveryState.DELIVERED
        assert len(helpful.placed) == 1

    async def test_the_wait_on_the_line_is_not_called_after_them(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()
        await exchange.asks(call, "I want to talk to somebody")

        await call.hang_up()
        await exchange.world.drain()

        assert exchange.placed == []
        assert (await exchange.messages(call))[-1].delivery is DeliveryState.CANCELLED

    async def test_somebody_who_does_not_pick_up_shows_as_a_failed_delivery(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()
        await call.say(ASKS_DELIVERY)
        await call.hang_up()
        await helpful.world.drain()
        (form,) = helpful.placed
        sid = "CA" + "1".rjust(32, "0")

        key = form["StatusCallback"].partition("=")[2]
        ended = {"CallSid": sid, "CallStatus": "no-answer", "Direction": "outbound-api", "From": NUMBER, "To": CALLER}
        await call.notify(form["StatusCallback"], ended)

        answer = (await helpful.messages(call))[1]
        assert (answer.message_id, answer.delivery) == (key, DeliveryState.FAILED)

    async def test_a_hidden_number_is_not_called(self, helpful: Exchange) -> None:
        call = await helpful.dial_in("anonymous")
        await call.say(ASKS_DELIVERY)
        await call.hang_up()

        await helpful.world.drain()

        assert helpful.placed == []
        assert (await helpful.conversation(call)).state.handler is Handler.QUEUE

    async def test_two_hidden_callers_are_two_customers(self, helpful: Exchange) -> None:
        customers = set()
        for number in ("+266696687", "Restricted"):
            call = await helpful.dial_in(number)
            await call.say("Where is my parcel?")
            customers.add((await helpful.conversation(call)).customer_id)

        assert len(customers) == 2

    async def test_a_line_of_which_nothing_is_heard_any_more_is_over(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()
        await call.say(ASKS_DELIVERY)  # and then Twilio never says that the call ended
        await helpful.world.drain()
        helpful.world.clock.move(minutes=6)

        await end_silent_calls(helpful.world.app)
        await helpful.world.drain()

        assert not (await helpful.record(call)).live
        assert len(helpful.placed) == 1

    async def test_neither_is_one_that_we_ended_for_ever_on_the_line(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()
        await call.say(ASKS_DELIVERY)
        call.status = "lost"  # Twilio will not say that the call ended
        for _ in range(CallLimits().holds + 1):
            await call.stay_silent()
        await helpful.world.drain()
        assert helpful.placed == []
        helpful.world.clock.move(minutes=6)

        await end_silent_calls(helpful.world.app)
        await helpful.world.drain()

        assert len(helpful.placed) == 1


class TestTwilioAsksTwice:
    async def test_the_same_step_hears_the_same_and_stores_nothing_twice(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()
        await helpful.asks(call, ASKS_DELIVERY)
        assert await call.repeat() == call.documents[-1]
        await helpful.rest(call)

        again = await call.repeat()

        assert again == call.documents[-1]
        assert len(await helpful.messages(call)) == 2
        await call.say("Thank you")
        assert await call.repeat() == call.documents[-1]

    async def test_the_end_is_counted_once(self, helpful: Exchange) -> None:
        call = await helpful.dial_in()
        await helpful.asks(call, ASKS_DELIVERY)
        await call.hang_up(30)

        await call.notify(helpful.line.webhook, {"CallStatus": "completed", "CallDuration": "31", "From": CALLER})

        assert (await helpful.record(call)).duration_s == 30
        assert sum(e.type is EventType.CALL_ENDED for e in await helpful.world.events()) == 1

    async def test_a_talk_with_a_colleague_is_counted_once_also_after_the_end(self) -> None:
        async with open_exchange(colleagues={"agt_maya": "client:maya"}) as exchange:
            await exchange.world.hire("Maya")
            call = await exchange.dial_in()
            await exchange.asks(call, "I want to talk to somebody")
            await exchange.rest(call)
            await call.colleague("completed", 184)

            await call.repeat()

            assert sum(e.type is EventType.CALL_CONNECTED for e in await exchange.world.events()) == 1
            assert (await exchange.record(call)).status is CallStatus.COMPLETED


class TestAnotherLanguage:
    async def test_each_number_speaks_its_own(self) -> None:
        german = Speaker(language="de-DE", voice="Polly.Vicki", hints=("Mühle", "Entkalker"))
        async with open_exchange(speakers={NUMBER: german}) as exchange:
            call = await exchange.dial_in()

            document = ElementTree.fromstring(call.documents[0])
            gather, say = document.find("Gather"), document.find(".//Say")
            assert gather is not None
            assert say is not None
            assert "Wie können wir Ihnen helfen?" in call.heard[0]
            assert (gather.get("language"), gather.get("hints")) == ("de-DE", "Mühle,Entkalker")
            assert (say.get("language"), say.get("voice")) == ("de-DE", "Polly.Vicki")

    async def test_the_business_greets_in_its_own_words(self) -> None:
        async with open_exchange(speaker=Speaker(greeting="Larkfield, a robot speaking.")) as exchange:
            call = await exchange.dial_in()

            assert call.heard == ["Larkfield, a robot speaking."]


class TestWhatIsNotFromTwilio:
    async def test_a_wrong_signature_is_refused_and_moves_nothing(self, exchange: Exchange) -> None:
        call = await exchange.dial_in()
        request = exchange.request(
            exchange.line.webhook + "?step=1",
            {"x-twilio-signature": "AAAA", "content-type": "application/x-www-form-urlencoded"},
            f"CallSid={call.sid}&SpeechResult=hi&From=%2B14155550100&To=%2B1".encode(),
        )

        with pytest.raises(BadSignature):
            await receive_request(exchange.world.app, VOICE, request)

        assert (await exchange.record(call)).conversation_id is None
        newest = await exchange.world.read(lambda work: work.payloads.page(Page(limit=1)))
        assert newest.items[0].fate is Fate.REFUSED


async def test_a_restart_in_mid_call_goes_on_at_the_next_request() -> None:
    async with open_exchange() as exchange:
        await exchange.world.allow_automation()
        exchange.world.understanding.readings["Hello"] = read_as()
        call = await exchange.dial_in()
        await exchange.asks(call, ASKS_DELIVERY)
        exchange.world.app.talks = {
            VOICE: type(exchange.phone)(line=exchange.phone.line)
        }  # nothing is remembered outside the store

        await exchange.rest(call)

        assert DELIVERY in call.heard[-1]
