"""Who answers, who waits, who decides: what holds for every team and every crowd."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from switchboard.api.analytics import dashboard as api_dashboard
from switchboard.api.caller import Caller
from switchboard.domain.agent import MAX_WORKLOAD, AgentStatus
from switchboard.domain.conversation import Conversation, Handler
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.event import EventType
from switchboard.domain.ids import ConversationId
from switchboard.domain.message import Author, ChannelType
from switchboard.domain.reading import IntentCategory
from switchboard.errors import Conflict
from switchboard.flows.agent_actions import assign, resolve, set_status
from switchboard.flows.queue_status import queue_status
from switchboard.flows.recommend import recommendations, record_outcome
from switchboard.ports.engines import Completion, Prompt
from switchboard.ports.records import DraftOrigin, JobKind, View
from switchboard.ports.store import Work
from switchboard.stores import open_sqlite
from tests.kit import ASKS_DELIVERY, MASTER, STORY, SetClock, World, play, read_as
from tests.properties import design_property
from tests.stores.samples import conversation, customer

CHANNELS = st.sampled_from(list(ChannelType))
PERSON = read_as(IntentCategory.ESCALATION, wants_human=True)


def phone(number: int) -> str:
    return f"+4930555{number:04d}"


async def crowd(world: World, scores: list[int]) -> list[ConversationId]:
    """One customer for each mood; all ask for a person."""
    ids = []
    for number, score in enumerate(scores):
        text = f"a person, please ({number})"
        world.understanding.readings[text] = replace(PERSON, sentiment=read_as(score=score / 100).sentiment)
        ids.append((await world.say(text, address=phone(number))).conversation_id)
    await world.drain()
    return ids


class TestTheQueue:
    @design_property(21)
    @STORY
    @given(st.lists(st.integers(-100, 100), min_size=2, max_size=4, unique=True))
    def test_is_served_the_most_urgent_first(self, scores: list[int]) -> None:
        """Feature: omnichannel-cx-platform, Property 21: Queue Ordering by Urgency"""

        async def story(world: World) -> None:
            await crowd(world, scores)
            business = await world.business()
            status = await world.read(lambda work: queue_status(work, business, world.clock.now()))
            urgency = [entry.urgency_score for entry, _ in status.entries]
            priority = [entry.priority for entry, _ in status.entries]

            assert len(urgency) == len(scores)
            assert urgency == sorted(urgency, reverse=True)
            assert priority == sorted(priority, reverse=True)

        play(story)

    @design_property(39)
    @STORY
    @given(CHANNELS, st.integers(0, 3), st.booleans())
    def test_tells_whoever_waits_how_long(self, channel: ChannelType, before: int, staffed: bool) -> None:
        """Feature: omnichannel-cx-platform, Property 39: Wait Time Notification"""

        async def story(world: World) -> None:
            if staffed:
                maya = await world.hire()
                await set_status(world.app, maya, AgentStatus.BUSY, "maya")
            await crowd(world, [0] * before)
            sent = len(world.sent)
            world.understanding.readings["please"] = PERSON
            asked = await world.say("please", channel, address=f"last-{channel}")
            await world.drain()
            (decision,) = await world.read(lambda work: work.decisions.of_conversation(asked.conversation_id))
            (notice,) = world.sent[sent:]

            assert (decision.decision.estimated_wait_s is not None) == staffed
            assert any(word in notice.text for word in ("minute", "hour", "day"))
            assert any(character.isdigit() for character in notice.text)

        play(story)


class TestAssignments:
    @design_property(22)
    @STORY
    @given(st.integers(0, MAX_WORKLOAD), st.integers(1, 9), st.randoms(use_true_random=False))
    def test_that_come_together_never_give_anybody_a_sixth(self, most: int, rivals: int, chance: object) -> None:
        """Feature: omnichannel-cx-platform, Property 22: Agent Workload Limit"""

        async def story(world: World) -> None:
            clock = SetClock()
            store = open_sqlite(None, MASTER, clock)
            app = world.app
            app.store = store
            try:
                maya = await world.hire(max_workload=most)
                people = [customer(None) for _ in range(rivals)]
                talks = [conversation(person.customer_id) for person in people]
                for person, talk in zip(people, talks, strict=True):
                    await store.write(partial(_enter, person, talk))
                done = await asyncio.gather(
                    *(assign(app, talk.conversation_id, maya, "rival") for talk in talks), return_exceptions=True
                )
                agent = await store.read(lambda w: w.agents.get(maya))
                counts = await store.read(lambda w: w.conversations.counts(maya))

                given_ = [one for one in done if not isinstance(one, BaseException)]
                assert all(isinstance(one, Conflict) for one in done if isinstance(one, BaseException))
                assert len(given_) == min(most, rivals, MAX_WORKLOAD)
                assert agent is not None
                assert agent.current_workload == len(given_) == counts.get(View.MINE, 0)
            finally:
                await store.close()

        play(story)

    @design_property(23)
    @STORY
    @given(st.integers(0, 2), st.booleans(), CHANNELS)
    def test_go_to_the_person_who_knows_the_customer(self, known: int, free: bool, channel: ChannelType) -> None:
        """Feature: omnichannel-cx-platform, Property 23: Agent Continuity Preference"""

        async def story(world: World) -> None:
            team = [await world.hire(name, performance_score=score) for name, score in TEAM]
            first = await world.say("hello", channel)
            profile = await world.customer(first.customer_id)
            await world.write(lambda w: w.customers.save(replace(profile, last_agent_id=team[known])))
            if not free:
                await set_status(world.app, team[known], AgentStatus.OFFLINE, "test")
            await world.drain()
            chosen = (await world.conversation(first.conversation_id)).state.assigned_agent_id

            assert (chosen == team[known]) == free
            assert chosen is not None

        play(story)


TEAM = (("Abe", 1.0), ("Bea", 0.5), ("Cai", 0.0))


class TestOverload:
    @design_property(45)
    @STORY
    @given(
        st.lists(st.tuples(st.integers(0, 3), st.integers(-100, 100)), min_size=2, max_size=5),
        st.integers(1, 3),
    )
    def test_answers_the_urgent_first_and_never_reorders_a_conversation(
        self, writings: list[tuple[int, int]], at_once: int
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 45: Queue Urgency Ordering"""

        async def story(world: World) -> None:
            await world.allow_automation()
            for number, (who, score) in enumerate(writings):
                world.understanding.readings[f"{who}:{number}"] = read_as(score=score / 100)
                await world.say(f"{who}:{number}", address=phone(who))
            while jobs := await world.claim(JobKind.UNDERSTAND, limit=at_once):
                for job in jobs:
                    await world.do(job)
            read = world.understanding.order
            priorities = []
            while jobs := await world.claim(JobKind.ANSWER, limit=at_once):
                priorities += [job.priority for job in jobs]
                for job in jobs:
                    await world.write(lambda work, job=job: work.jobs.finish(job))  # type: ignore[misc]  # bound now

            assert sorted(read) == sorted(f"{who}:{n}" for n, (who, _) in enumerate(writings))
            for who in range(4):
                own = [int(text.split(":")[1]) for text in read if text.startswith(f"{who}:")]
                assert own == sorted(own)
            assert priorities == sorted(priorities, reverse=True)

        play(story)


class TestAutomation:
    @design_property(37)
    @STORY
    @given(st.integers(1, 5), CHANNELS)
    def test_hands_over_after_three_answers(self, questions: int, channel: ChannelType) -> None:
        """Feature: omnichannel-cx-platform, Property 37: Automatic Escalation Threshold"""

        async def story(world: World) -> None:
            await world.allow_automation()
            for _ in range(questions):
                asked = await world.say(ASKS_DELIVERY, channel)
                await world.drain()
            decisions = await world.read(lambda work: work.decisions.of_conversation(asked.conversation_id))
            escalated = [d for d in decisions if d.decision.escalated]
            answers = [m for m in await world.timeline(asked.conversation_id) if "working days" in m.content.text]

            assert len(answers) == min(questions, 3)
            assert bool(escalated) == (questions > 3)

        play(story)

    @design_property(40, 42, 44)
    @STORY
    @given(
        st.sampled_from(
            [
                "Standard delivery takes 2 to 4 working days.",
                "We guarantee you a refund of 500 EUR.",
                "Write to boss@private.example for more.",
                "Visit https://evil.example/win now.",
                "You idiot.",
            ]
        ),
        st.floats(0, 1),
    )
    def test_sends_only_what_passed_every_check(self, statement: str, confidence: float) -> None:
        """Feature: omnichannel-cx-platform, Property 40: Response Safety Validation
        Feature: omnichannel-cx-platform, Property 42: Policy Violation Blocking
        Feature: omnichannel-cx-platform, Property 44: Low Confidence Escalation
        """

        class Writer:
            name = "writer"

            async def complete(self, prompt: Prompt) -> Completion:
                return Completion(statements=((statement, 1),), confidence=confidence, model="writer")

        async def story(world: World) -> None:
            await world.allow_automation()
            world.app.language_model = Writer()
            asked = await world.say(ASKS_DELIVERY)
            await world.drain()
            messages = await world.timeline(asked.conversation_id)
            answers = [m for m in messages if m.author is Author.AUTOMATION and not m.metadata.get("notice")]
            draft = await world.read(lambda work: work.drafts.latest(asked.conversation_id))
            state = (await world.conversation(asked.conversation_id)).state
            assert draft is not None
            assert draft.validation is not None

            if answers:
                assert draft.validation.is_valid
                assert confidence >= 0.8
                assert statement.startswith("Standard delivery")
            else:
                assert draft.origin is DraftOrigin.BLOCKED
                assert (state.handler, state.escalated) == (Handler.QUEUE, True)

        play(story)


class TestAnAction:
    @design_property(31)
    @STORY
    @given(st.booleans(), st.none() | st.integers(1, 5), st.integers(0, 10**6), st.text(max_size=40))
    def test_that_was_tried_is_on_record(self, success: bool, satisfaction: int | None, later: int, notes: str) -> None:
        """Feature: omnichannel-cx-platform, Property 31: Action Outcome Tracking"""

        async def story(world: World) -> None:
            world.understanding.usual = read_as(IntentCategory.COMPLAINT, score=-0.6)
            message = await world.say("It broke")
            await world.drain()
            first, *_ = await recommendations(world.app, message.conversation_id)
            world.clock.move(seconds=later)
            await record_outcome(
                world.app, first.action_id, success=success, actor="maya", customer_satisfaction=satisfaction,
                notes=notes.encode("utf-8", "replace").decode(),
            )  # fmt: skip
            outcome = await world.read(lambda work: work.advice.outcome(first.action_id))
            logged = [e for e in await world.events() if e.type is EventType.ACTION_OUTCOME]

            assert outcome is not None
            assert (outcome.action_id, outcome.success, outcome.customer_satisfaction, outcome.recorded_at) == (
                first.action_id,
                success,
                satisfaction,
                world.clock.now(),
            )
            assert [(e.dimensions["action_id"], e.at) for e in logged] == [(first.action_id, world.clock.now())]

        play(story)


class TestASetting:
    @design_property(53)
    @STORY
    @given(
        st.sampled_from(["intents", "routing", "trigger", "template"]), st.from_regex(r"[a-z]{6,12}", fullmatch=True)
    )
    def test_is_in_force_for_the_next_message(self, kind: str, word: str) -> None:
        """Feature: omnichannel-cx-platform, Property 53: Custom Configuration Application"""

        async def story(world: World) -> None:
            await world.allow_automation()
            text = f"{ASKS_DELIVERY} {word}" if kind != "template" else ASKS_DELIVERY
            await world.business()  # the settings before are in use
            if kind == "template":
                world.app.language_model = None  # templates frame what the built-in generator writes
            await world.configure(*DOCUMENT[kind](word))
            asked = await world.say(text, address=phone(1))
            await world.drain()
            found = await world.conversation(asked.conversation_id)
            (decision, *_) = await world.read(lambda work: work.decisions.of_conversation(asked.conversation_id))

            match kind:
                case "intents":
                    assert (found.topic, found.intent) == (f"own_{word}", "complaint")
                case "routing":
                    assert found.required_skills == (word,)
                case "trigger":
                    assert decision.decision.rule == f"trigger: {word}"
                    assert found.state.escalated
                case _:
                    assert f"Greetings {word}" in world.sent[-1].text

        play(story)


DOCUMENT: dict[str, Callable[[str], tuple[str, dict[str, object]]]] = {
    "intents": lambda word: (
        "intents",
        {"intents": [{"name": f"own_{word}", "phrases": [word], "category": "complaint"}]},
    ),
    "routing": lambda word: (
        "routing-rules",
        {
            "rules": [
                {"name": word, "when": [{"field": "text", "test": "contains_any", "values": [word]}], "skills": [word]}
            ]
        },
    ),
    "trigger": lambda word: (
        "escalation-triggers",
        {"triggers": [{"name": word, "when": [{"field": "text", "test": "contains_any", "values": [word]}]}]},
    ),
    "template": lambda word: (
        "templates",
        {"templates": [{"name": word, "text": f"Greetings {word}. {{answer}}"}]},
    ),
}


class TestTheDashboard:
    @design_property(50)
    @STORY
    @given(st.integers(0, 4), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2))
    def test_counts_what_is_there_now(self, crowd_: int, free: int, away: int, resolved: int) -> None:
        """Feature: omnichannel-cx-platform, Property 50: Real-Time Dashboard Data"""

        async def story(world: World) -> None:
            ids = await crowd(world, [0] * crowd_)
            for number in range(free):
                await world.hire(f"free{number}", max_workload=5, languages=frozenset({"xx"}))
            for number in range(away):
                agent = await world.hire(f"away{number}")
                await set_status(world.app, agent, AgentStatus.OFFLINE, "test")
            waiting = await world.read(lambda work: work.queue.depth())
            for conversation_id in ids[:resolved]:
                await resolve(world.app, conversation_id, actor="maya")
            found = await dashboard(world)

            assert found["active_conversations"] == len(ids) - len(ids[:resolved])
            assert found["queue_depth"] == waiting - min(resolved, len(ids)) or waiting == 0
            assert found["available_agents"] == free
            assert found["agents"] == free + away

        play(story)


async def dashboard(world: World) -> dict[str, int]:
    shape = await api_dashboard(world.app, Caller(actor="test", roles=frozenset({"analyst"})))
    return {name: value for name, value in shape.model_dump().items() if isinstance(value, int)}


def _enter(person: CustomerProfile, talk: Conversation, work: Work) -> None:
    work.customers.add(person)
    work.conversations.add(talk)
