"""What the business may rely on: nothing is given up silently, nothing leaves unlogged, nobody is forgotten or kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switchboard.domain.conversation import Handler
from switchboard.domain.customer import CustomerValue
from switchboard.domain.event import EventType
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import ChannelType, MessageContent
from switchboard.domain.reading import IntentCategory
from switchboard.errors import Unavailable
from switchboard.flows.agent_actions import note, reply, resolve
from switchboard.flows.customers import ProfileChange, change_profile, erase_customer
from switchboard.flows.handover import serve_queue
from switchboard.flows.tell_webhooks import new_endpoint
from switchboard.ports.records import JobKind, Page
from switchboard.ports.store import Work
from tests.kit import ADDRESSES, ASKS_DELIVERY, STORY, World, play, read_as, said
from tests.properties import design_property

CHANNELS = st.sampled_from(list(ChannelType))


class TestAMessageThatCannotBeProcessed:
    @design_property(2)
    @settings(STORY, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(1, 8), CHANNELS)
    def test_is_tried_again_after_doubling_delays_and_each_failure_is_logged(
        self, caplog: pytest.LogCaptureFixture, failures: int, channel: ChannelType
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 2: Retry with Exponential Backoff"""

        async def story(world: World) -> None:
            message = await world.say("hello", channel)
            world.understanding.trouble = [RuntimeError("broken")] * failures
            caplog.clear()
            for attempt in range(1, min(failures, 5) + 1):
                await world.drain()
                world.clock.move(seconds=2**attempt - 0.001)
                assert await world.claim(JobKind.UNDERSTAND) == ()
                world.clock.move(seconds=0.1 * 2**attempt + 0.001)
            await world.drain()
            letters = await world.read(lambda work: work.jobs.dead_letters(Page()))
            logged = [r for r in caplog.records if "understand job" in r.message]

            assert len(logged) == min(failures, 6)
            assert len(letters.items) == (1 if failures > 5 else 0)
            if failures > 5:
                assert len(letters.items[0].attempts) == 6
                assert (await world.conversation(message.conversation_id)).state.handler is Handler.QUEUE
            else:
                assert (await world.message(message.message_id)).reading is not None

        caplog.set_level(logging.WARNING)
        play(story)


class TestAnEscalation:
    @design_property(38)
    @STORY
    @given(
        st.lists(st.tuples(CHANNELS, st.integers(-100, 100)), min_size=1, max_size=3),
        st.sampled_from(list(CustomerValue)),
        st.booleans(),
    )
    def test_brings_the_whole_story_to_the_person(
        self, before: list[tuple[ChannelType, int]], value: CustomerValue, queued: bool
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 38: Escalation Context Transfer"""

        async def story(world: World) -> None:
            maya = None if queued else await world.hire()
            first = await world.say("message 0", before[0][0], name="Ana")
            await change_profile(world.app, first.customer_id, ProfileChange(customer_value=value), "test")
            for number, (_, score) in enumerate(before):
                world.understanding.readings[f"message {number}"] = read_as(score=score / 100)
                if number:
                    await world.say(f"message {number}", before[0][0])
            await world.drain()
            world.understanding.readings["a person, please"] = read_as(IntentCategory.ESCALATION, wants_human=True)
            await world.say("a person, please", before[0][0])
            await world.drain()
            maya = maya or await world.hire()
            await serve_queue(world.app)
            conversation = await world.conversation(first.conversation_id)
            timeline = [m for m in await world.timeline(first.conversation_id) if m.reading is not None]

            assert conversation.state.assigned_agent_id == maya
            assert [m.content.text for m in timeline] == [
                *(f"message {n}" for n in range(len(before))),
                "a person, please",
            ]
            assert [m.reading.sentiment.score for m in timeline if m.reading][:-1] == [s / 100 for _, s in before]
            assert (await world.customer(first.customer_id)).customer_value is value
            assert conversation.intent == "escalation"

        play(story)


class TestAnAutomaticReply:
    @design_property(43)
    @STORY
    @given(CHANNELS, st.from_regex(r"[A-Z][a-z]{1,9}", fullmatch=True), st.integers(0, 10**6))
    def test_is_in_the_audit_log_word_for_word(self, channel: ChannelType, name: str, later: int) -> None:
        """Feature: omnichannel-cx-platform, Property 43: Response Audit Logging"""

        async def story(world: World) -> None:
            await world.allow_automation()
            world.clock.move(seconds=later)
            asked = await world.say(ASKS_DELIVERY, channel, name=name)
            await world.drain()
            entries = (await world.read(lambda work: work.audit.page(Page()))).items
            logged = [entry for entry in entries if entry.action == "reply_sent"]

            assert [(e.details["text"], e.conversation_id, e.at) for e in logged] == [
                (sent.text, asked.conversation_id, world.clock.now()) for sent in world.sent
            ]
            assert len(logged) == 1

        play(story)


EVENTS = st.sampled_from([EventType.MESSAGE_RECEIVED, EventType.ESCALATION, EventType.RESOLUTION])


class TestASubscriber:
    @design_property(52)
    @STORY
    @given(st.sets(EVENTS, max_size=3), st.integers(0, 3), st.booleans())
    def test_gets_a_signed_post_for_each_event_it_wants(
        self, wanted: set[EventType], failures: int, breaks: bool
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 52: Webhook Event Delivery"""

        async def story(world: World) -> None:
            endpoint = new_endpoint("https://crm.example/hook", frozenset(wanted), world.clock.now())
            await world.write(lambda work: work.webhooks.save(endpoint))
            trouble: list[int | Exception] = [Unavailable("time-out") if breaks else 500] * failures
            world.poster.statuses = trouble
            world.understanding.readings["kwyjibo"] = read_as(IntentCategory.ESCALATION, wants_human=True)
            message = await world.say("kwyjibo")
            await world.drain()
            await resolve(world.app, message.conversation_id, actor="test")
            await world.drain()
            for _ in range(failures):
                world.clock.move(minutes=15)
                await world.drain()
            told = {json.loads(body)["event_id"] for body in world.poster.taken}
            events = [e for e in await world.events() if not wanted or e.type in wanted]

            assert told == {event.sequence for event in events}
            assert {EventType.MESSAGE_RECEIVED, EventType.ESCALATION, EventType.RESOLUTION} & (
                wanted or set(EventType)
            ) <= {event.type for event in events}
            assert all(signed_by(endpoint.secret, headers, body) for _, headers, body in world.poster.posted)
            assert {url for url, _, _ in world.poster.posted} == {"https://crm.example/hook"}
            assert not any(b"kwyjibo" in body for body in world.poster.taken)

        play(story)


def signed_by(secret: str, headers: object, body: bytes) -> bool:
    """As a subscriber checks it (Standard Webhooks)."""
    assert isinstance(headers, dict)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return bool(headers["webhook-signature"] == f"v1,{right}")


class TestErasure:
    @design_property(57)
    @STORY
    @given(
        CHANNELS,
        st.from_regex(r"[A-Z][a-z]{4,9}qz [A-Z][a-z]{4,9}zq", fullmatch=True),
        st.from_regex(r"[a-z]{5,9}@[a-z]{5,9}\.example", fullmatch=True),
        st.booleans(),
    )
    def test_leaves_nothing_personal_but_keeps_the_anonymised_words(
        self, channel: ChannelType, name: str, email: str, replied: bool
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 57: Data Deletion with Anonymization"""
        text = f"My parcel is late. I am {name}, write to {email}."

        async def story(world: World) -> None:
            if replied:
                await world.allow_automation()
            message = await world.say(text, channel, name=name, external_id="once")
            await world.drain()
            await erase_customer(world.app, message.customer_id, "officer")
            repeated = await world.hear(_again(text, channel, name))
            await world.drain()
            left = await everything_readable(world)

            assert all(part not in left for part in (*name.split(), email, ADDRESSES[channel]))
            assert "parcel is late" in (await world.message(message.message_id)).content.text
            assert (await world.customer(message.customer_id)).erased_at == world.clock.now()
            assert repeated.accepted[0].fate.value == "duplicate"

        play(story)


def _again(text: str, channel: ChannelType, name: str) -> InboundEvent:
    return said(text, channel, name=name, external_id="once")


async def everything_readable(world: World) -> str:
    """Whatever anybody could still be shown: customers, messages, payloads, audit, drafts, events."""

    def look(work: Work) -> str:
        customers = work.customers.page(Page(limit=100)).items
        messages = [m for c in customers for m in work.messages.of_customer(c.customer_id, limit=100)]
        payloads = [work.payloads.get(p.payload_id) for p in work.payloads.page(Page(limit=100)).items]
        conversations = [c for p in customers for c in work.conversations.of_customer(p.customer_id)]
        drafts = [work.drafts.latest(c.conversation_id) for c in conversations]
        decisions = [work.decisions.of_conversation(c.conversation_id) for c in conversations]
        audit = work.audit.page(Page(limit=100)).items
        events = work.events.after(0, 10_000)
        return repr((customers, messages, payloads, conversations, drafts, decisions, audit, events))

    return await world.read(look)


class TestTheDatabaseFile:
    @design_property(54)
    @STORY
    @given(
        # Words of the schema, which Hypothesis knows from the code, would stand in the file all the same.
        st.text("abcdefghijklmnopqrstuvwxyz", min_size=12, max_size=30).map(lambda text: f"zq{text}qz"),
        st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=12, max_size=20).map(lambda text: f"ZQ{text}QZ"),
        CHANNELS,
    )
    def test_reveals_no_customer_text(self, words: str, name: str, channel: ChannelType) -> None:
        """Feature: omnichannel-cx-platform, Property 54: Data Encryption at Rest"""

        async def story(world: World) -> None:
            content = MessageContent(text=f"{words} please", subject=words, html=f"<p>{words}</p>")
            message = await world.say("", channel, content=content, name=name)
            await world.drain()
            await note(world.app, message.conversation_id, f"note {words}", agent_id=None)
            await reply(world.app, message.conversation_id, f"reply {words}", agent_id=None, actor="test")
            image = world.image()

            assert b"messages" in image  # it is the real file's content
            for secret in (words, name, ADDRESSES[channel]):
                assert secret.encode() not in image
                assert secret.encode("utf-16-le") not in image
                assert base64.b64encode(secret.encode())[:-4] not in image
            assert (await world.message(message.message_id)).content == content

        play(story)
