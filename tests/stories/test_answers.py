"""Automation answers what it safely can, once; people get the rest with everything they need."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from switchboard.domain.agent import AgentStatus
from switchboard.domain.conversation import ConversationStatus, Handler
from switchboard.domain.event import EventType
from switchboard.domain.message import Author, ChannelType, DeliveryState
from switchboard.domain.reading import IntentCategory, Reading
from switchboard.errors import Conflict, DeliveryUnknown, Unavailable, Undeliverable
from switchboard.flows.agent_actions import assign, reply, resolve, set_status, undo_reply
from switchboard.flows.understand import understand_batch, understand_one
from switchboard.ports.engines import Completion, Prompt, TextToRead
from switchboard.ports.records import DraftOrigin, JobKind, Page
from switchboard.worker.pool import Pool
from tests.kit import ASKS_DELIVERY, open_world, read_as

WHATSAPP = ChannelType.WHATSAPP
ASKS_PERSON = "Let me speak to a human"


class TestAutomation:
    async def test_answers_with_sources_and_leaves_a_trail(self) -> None:
        async with open_world() as world:
            await world.allow_automation()
            asked = await world.say(ASKS_DELIVERY, name="Ana")
            await world.drain()

            (sent,) = world.sent
            (answered,) = [m for m in await world.timeline(asked.conversation_id) if m.author is Author.AUTOMATION]
            draft = await world.read(lambda w: w.drafts.sent_as(answered.message_id))
            entries = (await world.read(lambda w: w.audit.page(Page()))).items
            assert "2 to 4 working days" in sent.text
            assert "Ana" in sent.text
            assert draft is not None
            assert [s.title for s in draft.response.sources if s.title] == ["Delivery times"]
            (logged,) = [e for e in entries if e.action == "reply_sent"]
            assert (logged.details["text"], "[1]" in logged.details["sources"]) == (sent.text, True)
            assert (await world.conversation(asked.conversation_id)).state.status is ConversationStatus.WAITING
            assert (await world.message(answered.message_id)).delivery is DeliveryState.SENT

    async def test_does_not_answer_what_the_knowledge_base_does_not_know(self) -> None:
        async with open_world() as world:
            await world.allow_automation()
            maya = await world.hire()
            asked = await world.say("Is the moon made of cheese?")
            await world.drain()

            found = await world.conversation(asked.conversation_id)
            draft = await world.read(lambda w: w.drafts.latest(asked.conversation_id))
            assert world.sent == []
            assert (found.state.assigned_agent_id, found.state.escalated) == (maya, True)
            assert draft is not None
            assert draft.origin is DraftOrigin.BLOCKED
            assert EventType.REPLY_BLOCKED in {e.type for e in await world.events()}

    async def test_blocked_by_the_rules_never_leaves(self) -> None:
        class Reckless:
            name = "reckless"

            async def complete(self, prompt: Prompt) -> Completion:
                return Completion(
                    statements=(("Write to boss@private.example, we guarantee a refund of 500 EUR.", 1),),
                    confidence=0.99,
                    model="reckless",
                )

        async with open_world() as world:
            await world.allow_automation()
            world.app.language_model = Reckless()
            asked = await world.say(ASKS_DELIVERY)
            await world.drain()

            assert all("boss@private.example" not in sent.text for sent in world.sent)
            assert (await world.conversation(asked.conversation_id)).state.handler is Handler.QUEUE
            draft = await world.read(lambda w: w.drafts.latest(asked.conversation_id))
            assert draft is not None
            assert draft.validation is not None
            assert not draft.validation.is_valid

    async def test_stops_after_three_answers(self) -> None:
        async with open_world() as world:
            await world.allow_automation()
            for _ in range(4):
                asked = await world.say(ASKS_DELIVERY)
                await world.drain()

            answers = [m for m in await world.timeline(asked.conversation_id) if "working days" in m.content.text]
            assert len(answers) == 3
            assert (await world.conversation(asked.conversation_id)).state.escalated

    async def test_leaves_the_word_to_a_newer_message(self) -> None:
        async with open_world() as world:
            await world.allow_automation()
            await world.say(ASKS_DELIVERY)
            for job in await world.claim(JobKind.UNDERSTAND):
                await world.do(job)
            (drafting,) = await world.claim(JobKind.ANSWER)
            knowledge = world.app.knowledge

            class Interrupted:
                async def search(self, *args: object, **more: object):  # type: ignore[no-untyped-def]  # stands before the real one
                    await world.say("Sorry, I meant express delivery")
                    return await knowledge.search(*args, **more)  # type: ignore[arg-type]  # handed through

            world.app.knowledge = Interrupted()
            await world.do(drafting)
            world.app.knowledge = knowledge
            assert world.sent == []
            await world.drain()

            assert len(world.sent) == 1

    async def test_leaves_the_word_to_a_person_who_took_over(self) -> None:
        async with open_world() as world:
            await world.allow_automation()
            maya = await world.hire()
            asked = await world.say(ASKS_DELIVERY)
            for job in await world.claim(JobKind.UNDERSTAND):
                await world.do(job)
            (drafting,) = await world.claim(JobKind.ANSWER)
            await assign(world.app, asked.conversation_id, maya, "maya")
            await world.do(drafting)
            await world.drain()
            assert world.sent == []


class TestASenderThatDies:
    async def test_after_the_provider_accepted_never_sends_twice(self) -> None:
        async with open_world() as world:
            await world.allow_automation()
            channel = world.channels[WHATSAPP]
            channel.late, channel.trouble = True, [asyncio.CancelledError()]
            asked = await world.say(ASKS_DELIVERY)
            with pytest.raises(asyncio.CancelledError):
                await world.drain()
            world.clock.move(minutes=2)  # its lease runs out, another sender takes over
            await world.drain()

            (answered,) = [m for m in await world.timeline(asked.conversation_id) if "working days" in m.content.text]
            assert len([s for s in channel.sent if "working days" in s.text]) == 1
            assert answered.delivery is DeliveryState.UNKNOWN
            assert (await world.conversation(asked.conversation_id)).state.handler is Handler.QUEUE

    async def test_with_an_unknown_outcome_hands_over_to_a_person(self) -> None:
        async with open_world() as world:
            await world.allow_automation()
            maya = await world.hire()
            world.channels[WHATSAPP].trouble = [DeliveryUnknown("the answer was lost")]
            asked = await world.say(ASKS_DELIVERY)
            await world.drain()

            assert (await world.conversation(asked.conversation_id)).state.assigned_agent_id == maya
            assert world.sent == []

    async def test_tries_again_while_the_provider_is_down_for_an_hour(self) -> None:
        async with open_world() as world:
            await world.allow_automation()
            world.channels[WHATSAPP].trouble = [Unavailable("down")] * 5
            await world.say(ASKS_DELIVERY)
            for _ in range(8):
                await world.drain()
                world.clock.move(minutes=20)
            assert len(world.sent) == 1

    async def test_gives_up_at_once_when_the_provider_never_will(self) -> None:
        async with open_world() as world:
            await world.allow_automation()
            world.channels[WHATSAPP].trouble = [Undeliverable("blocked")]
            asked = await world.say(ASKS_DELIVERY)
            await world.drain()
            (failed,) = [m for m in await world.timeline(asked.conversation_id) if "working days" in m.content.text]
            assert (failed.delivery, failed.delivery_error) == (DeliveryState.FAILED, "blocked")


class TestSomebodyWhoWantsAPerson:
    async def test_is_told_how_long_it_takes_once(self) -> None:
        async with open_world() as world:
            await world.hire(current_workload=0, max_workload=0)
            await world.allow_automation()
            world.understanding.readings[ASKS_PERSON] = read_as(IntentCategory.ESCALATION, wants_human=True)
            asked = await world.say(ASKS_PERSON)
            await world.drain()
            await world.say(ASKS_PERSON)
            await world.drain()

            found = await world.conversation(asked.conversation_id)
            assert len(world.sent) == 1
            assert found.state.handler is Handler.QUEUE
            assert found.state.escalated
            assert found.needs_reply_since is not None

    async def test_gets_the_first_who_becomes_available(self) -> None:
        async with open_world() as world:
            maya = await world.hire()
            await set_status(world.app, maya, AgentStatus.OFFLINE, "maya")
            world.understanding.readings[ASKS_PERSON] = read_as(IntentCategory.ESCALATION, wants_human=True)
            asked = await world.say(ASKS_PERSON)
            await world.drain()
            await set_status(world.app, maya, AgentStatus.AVAILABLE, "maya")

            assert (await world.conversation(asked.conversation_id)).state.assigned_agent_id == maya
            assert await world.read(lambda w: w.queue.depth()) == 0

    async def test_gets_the_place_that_a_resolution_frees(self) -> None:
        async with open_world() as world:
            maya = await world.hire()
            ids = []
            for number in range(6):
                ids.append((await world.say(f"m{number}", address=f"+4930555000{number}")).conversation_id)
                await world.drain()
            waiting = ids[-1]
            assert (await world.conversation(waiting)).state.handler is Handler.QUEUE
            await resolve(world.app, ids[0], actor="maya")

            assert (await world.conversation(waiting)).state.assigned_agent_id == maya


class TestAPersonsReply:
    async def test_can_be_taken_back_within_the_undo_time(self) -> None:
        async with open_world() as world:
            maya = await world.hire()
            asked = await world.say("hello")
            await world.drain()
            message = await reply(world.app, asked.conversation_id, "Hello!", agent_id=maya, actor="maya")
            assert await undo_reply(world.app, message.message_id)
            world.clock.move(seconds=6)
            await world.drain()

            assert world.sent == []
            assert (await world.message(message.message_id)).delivery is DeliveryState.CANCELLED
            assert (await world.conversation(asked.conversation_id)).needs_reply_since is not None

    async def test_leaves_after_it_and_can_be_taken_back_no_more(self) -> None:
        async with open_world() as world:
            maya = await world.hire()
            asked = await world.say("hello")
            await world.drain()
            message = await reply(world.app, asked.conversation_id, "Hello!", agent_id=maya, actor="maya")
            await world.drain()
            assert world.sent == []
            world.clock.move(seconds=6)
            await world.drain()

            assert [sent.text for sent in world.sent] == ["Hello!"]
            assert not await undo_reply(world.app, message.message_id)

    async def test_is_held_back_when_the_conversation_moved_on(self) -> None:
        async with open_world() as world:
            maya = await world.hire()
            asked = await world.say("hello")
            await world.drain()
            await world.say("wait, one more thing")
            with pytest.raises(Conflict):
                await reply(
                    world.app, asked.conversation_id, "Hello!", agent_id=maya, actor="maya", seen=asked.sequence
                )

    async def test_is_remembered_for_the_next_time(self) -> None:
        async with open_world() as world:
            await world.hire("Abe", performance_score=1.0)
            maya = await world.hire("Maya", performance_score=0.1)
            first = await world.say("hello")
            await world.drain()
            await assign(world.app, first.conversation_id, maya, "abe")
            await reply(world.app, first.conversation_id, "Hello!", agent_id=maya, actor="maya")
            await resolve(world.app, first.conversation_id, actor="maya")
            world.clock.move(days=10)
            again = await world.say("me again")
            await world.drain()

            assert (await world.conversation(again.conversation_id)).state.assigned_agent_id == maya


class TestAWorkerWhoseLeaseRanOut:
    async def test_changes_nothing_any_more(self) -> None:
        async with open_world() as world:
            asked = await world.say("hello")
            (slow,) = await world.claim(JobKind.UNDERSTAND)
            world.clock.move(minutes=2)
            (quick,) = await world.claim(JobKind.UNDERSTAND)
            await world.do(quick)
            before = await world.events()
            await world.do(slow)

            assert await world.events() == before
            assert len(await world.read(lambda w: w.decisions.of_conversation(asked.conversation_id))) == 1


class TestAPoisonedMessage:
    async def test_harms_nobody_but_itself(self) -> None:
        async with open_world() as world:

            class Choosy:
                async def read(self, texts: Sequence[TextToRead]) -> list[Reading]:
                    if any(text.text == "poison" for text in texts):
                        raise RuntimeError("cannot read this")
                    return [read_as() for _ in texts]

            world.app.understanding = Choosy()
            good = await world.say("good", address="+49305551")
            bad = await world.say("poison", address="+49305552")
            pool = Pool(kind=JobKind.UNDERSTAND, handle=understand_one, batch=understand_batch, width=8)
            await pool._attempt_batch(world.app, await world.claim(JobKind.UNDERSTAND))

            assert (await world.message(good.message_id)).reading is not None
            assert (await world.message(bad.message_id)).reading is None
            assert (await world.read(lambda w: w.jobs.backlog(JobKind.UNDERSTAND))).waiting == 1
