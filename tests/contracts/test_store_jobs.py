"""Jobs, events and agents in every store: in order, once, urgent first, never a sixth."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from switchboard.domain.agent import Agent, AgentStatus, Shift
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import AgentId, ConversationId, CustomerId, MessageId
from switchboard.errors import Conflict, InvalidInput
from switchboard.ports.records import Job, JobKind, Page, PutOff, QueueEntry
from switchboard.ports.store import Store, Work
from tests.stores.opening import START, SetClock
from tests.stores.samples import all_of, bound, job, newcomer

LEASE = timedelta(seconds=30)
KINDS = (JobKind.UNDERSTAND,)


async def claim(store: Store, clock: SetClock, limit: int = 10) -> tuple[Job, ...]:
    return await store.write(lambda work: work.jobs.claim(KINDS, limit, LEASE, clock.now()))


class TestWaitingJobs:
    async def test_go_urgent_first_and_one_at_a_time_inside_a_lane(self, store: Store, clock: SetClock) -> None:
        jobs = [job("calm", 2.0), job("urgent", 9.0), job("calm", 3.0, payload={"n": "2"}), job("middle", 5.0)]
        await store.write(lambda work: work.jobs.add(*jobs))
        first = await claim(store, clock)
        assert [each.lane for each in first] == ["urgent", "middle", "calm"]
        assert await claim(store, clock) == ()
        calm = first[2]
        assert await store.write(lambda work: work.jobs.finish(calm))
        (second,) = await claim(store, clock)
        assert (second.lane, second.payload) == ("calm", {"n": "2"})

    async def test_the_first_of_a_lane_inherits_the_urgency_behind_it(self, store: Store, clock: SetClock) -> None:
        await store.write(lambda work: work.jobs.add(job("a", 1.0), job("b", 5.0), job("a", 9.0)))
        assert [each.lane for each in await claim(store, clock)] == ["a", "b"]

    async def test_nobody_waits_for_ever(self, store: Store, clock: SetClock) -> None:
        await store.write(lambda work: work.jobs.add(job("old and calm", 1.0)))
        later = clock.move(minutes=81)
        await store.write(lambda work: work.jobs.add(job("new and urgent", 9.0, later)))
        assert [each.lane for each in await claim(store, clock)] == ["old and calm", "new and urgent"]

    async def test_not_yet_due_are_left_and_hold_their_lane(self, store: Store, clock: SetClock) -> None:
        await store.write(lambda work: work.jobs.add(job("a", due_at=START + timedelta(seconds=5)), job("a")))
        assert await claim(store, clock) == ()
        clock.move(seconds=5)
        assert len(await claim(store, clock)) == 1

    async def test_are_counted(self, store: Store, clock: SetClock) -> None:
        await store.write(lambda work: work.jobs.add(job("a"), job("b")))
        await claim(store, clock, limit=1)
        backlog = await store.read(lambda work: work.jobs.backlog(JobKind.UNDERSTAND))
        assert (backlog.waiting, backlog.leased, backlog.oldest) == (2, 1, START)
        assert await store.write(lambda work: work.jobs.drop("b", JobKind.UNDERSTAND)) == 1

    async def test_two_workers_never_hold_the_same_job(self, store: Store, clock: SetClock) -> None:
        await store.write(lambda work: work.jobs.add(*(job(f"lane {n}") for n in range(20))))
        taken = await asyncio.gather(*(claim(store, clock, 5) for _ in range(8)))
        ids = [each.job_id for batch in taken for each in batch]
        assert len(ids) == len(set(ids)) == 20


class TestALeasedJob:
    async def test_goes_to_another_when_the_lease_runs_out_and_the_first_is_fenced(
        self, store: Store, clock: SetClock
    ) -> None:
        await store.write(lambda work: work.jobs.add(job()))
        (paused,) = await claim(store, clock)
        clock.move(seconds=31)
        (taken,) = await claim(store, clock)
        assert (taken.job_id, taken.attempts, taken.failures) == (paused.job_id, 2, 0)
        assert not await store.write(lambda work: work.jobs.finish(paused))
        assert not await store.write(lambda work: work.jobs.retry(paused, clock.now(), "late"))
        with pytest.raises(Conflict):
            await store.write(lambda work: work.jobs.bury(paused, "late", clock.now()))
        assert await store.write(lambda work: work.jobs.finish(taken))

    async def test_given_back_counts_real_failures_only(self, store: Store, clock: SetClock) -> None:
        await store.write(lambda work: work.jobs.add(job()))
        for counts in (True, False):
            (held,) = await claim(store, clock)
            due = clock.now() + timedelta(seconds=2)
            assert await store.write(
                bound(lambda work, each: work.jobs.retry(each[0], each[1], "no", counts=each[2]), (held, due, counts))
            )
            assert await claim(store, clock) == ()
            clock.move(seconds=2)
        (held,) = await claim(store, clock)
        assert (held.failures, held.attempts) == (1, 3)

    async def test_a_message_that_was_put_off_tells_why_and_until_when(self, store: Store, clock: SetClock) -> None:
        lane = ConversationId("cnv_1")
        sends = [replace(job(lane), kind=JobKind.SEND, message_id=MessageId(f"msg_{n}")) for n in range(2)]
        await store.write(lambda work: work.jobs.add(*sends))
        (held,) = await store.write(lambda work: work.jobs.claim([JobKind.SEND], 5, LEASE, clock.now()))
        due = clock.now() + timedelta(minutes=10)
        await store.write(lambda work: work.jobs.retry(held, due, "slow down"))

        assert await store.read(lambda work: work.jobs.put_off(lane)) == (
            PutOff(message_id=MessageId("msg_0"), due_at=due, failures=1, error="slow down"),
        )
        assert await store.read(lambda work: work.jobs.put_off(ConversationId("cnv_2"))) == ()

    async def test_is_buried_with_its_history_and_replayed_once(self, store: Store, clock: SetClock) -> None:
        await store.write(lambda work: work.jobs.add(job(payload={"k": "v"})))
        (held,) = await claim(store, clock)
        await store.write(lambda work: work.jobs.retry(held, clock.now(), "first"))
        (held,) = await claim(store, clock)
        letter = await store.write(lambda work: work.jobs.bury(held, "gave up", clock.now()))
        assert [error for _, error in letter.attempts] == ["first", "gave up"]
        assert letter.payload == {"k": "v"}
        assert await store.read(lambda work: work.jobs.count_dead()) == 1
        assert (await store.read(lambda work: work.jobs.dead_letters(Page()))).items == (letter,)
        replays = await asyncio.gather(
            *(store.write(lambda work: work.jobs.replay(letter.dead_letter_id, clock.now())) for _ in range(4))
        )
        assert sum(replays) == 1
        assert len(await claim(store, clock)) == 1
        assert not await store.write(lambda work: work.jobs.discard(letter.dead_letter_id))
        assert await store.read(lambda work: work.jobs.count_dead()) == 0


class TestTheEventLog:
    async def test_only_grows_and_is_read_from_where_one_stopped(self, store: Store) -> None:
        events = [
            Event(
                type=EventType.ROUTED,
                at=START + timedelta(hours=n),
                conversation_id=ConversationId("c"),
                customer_id=CustomerId("k"),
                message_id="m",
                metrics={"urgency": float(n)},
                dimensions={"channel": "email"},
            )
            for n in range(5)
        ]
        last = await store.write(lambda work: work.events.append(*events))
        seen = await store.read(lambda work: work.events.after(0))
        assert [each.metrics["urgency"] for each in seen] == [0, 1, 2, 3, 4]
        assert [each.sequence for each in seen] == sorted({each.sequence for each in seen})
        assert seen[-1].sequence == last == await store.read(lambda work: work.events.last())
        assert seen[0].sequence == await store.read(lambda work: work.events.oldest())
        assert await store.read(lambda work: work.events.after(seen[2].sequence)) == seen[3:]
        start, end = START + timedelta(hours=1), START + timedelta(hours=3)
        assert await store.read(lambda work: tuple(work.events.between(start, end))) == seen[1:3]
        assert await store.read(lambda work: work.events.of_conversation(ConversationId("c"))) == seen
        assert await store.read(lambda work: work.events.recent(EventType.ROUTED, 2)) == (seen[4], seen[3])

    async def test_has_what_was_noted_in_its_place_when_the_story_ends(self, store: Store) -> None:
        def story(work: Work) -> tuple[Event, ...]:
            work.events.note(Event(type=EventType.QUEUED, at=START), Event(type=EventType.ROUTED, at=START))
            work.events.append(Event(type=EventType.ASSIGNED, at=START))
            work.events.note(Event(type=EventType.QUEUED, at=START + timedelta(hours=1)))
            return work.events.recent(EventType.QUEUED, 5)

        within = await store.write(story)
        after = await store.read(lambda work: work.events.after(0))
        assert [each.type.value for each in after] == ["queued", "routed", "assigned", "queued"]
        assert within == (after[3], after[0])

    async def test_forgets_what_was_noted_in_a_story_that_failed(self, store: Store) -> None:
        def story(work: Work) -> None:
            work.events.note(Event(type=EventType.QUEUED, at=START))
            raise InvalidInput("no")

        with pytest.raises(InvalidInput):
            await store.write(story)
        assert await store.read(lambda work: work.events.after(0)) == ()

    async def test_readers_beside_many_writers_miss_nothing(self, store: Store) -> None:
        event = Event(type=EventType.QUEUED, at=START)
        seen: list[int] = []

        async def follow() -> None:
            while len(seen) < 40:
                after = seen[-1] if seen else 0
                seen.extend(
                    each.sequence
                    for each in await store.read(bound(lambda work, after: work.events.after(after), after))
                )

        writers = [store.write(lambda work: work.events.append(event)) for _ in range(40)]
        await asyncio.wait_for(asyncio.gather(follow(), *writers), 20)
        assert len(set(seen)) == 40


class TestAnAgent:
    async def test_comes_back_as_saved_but_for_the_workload(self, store: Store) -> None:
        given = Agent(
            agent_id=AgentId("agt_1"),
            name="Maria",
            skills=frozenset({"billing"}),
            languages=frozenset({"en", "pt"}),
            status=AgentStatus.AVAILABLE,
            max_workload=4,
            success={"general": (2, 3)},
            hours=(Shift(weekday=0, start=START.time(), end=START.time()),),
            status_since=START,
        )
        await store.write(lambda work: work.agents.save(given))
        assert await store.read(lambda work: work.agents.get(given.agent_id)) == given
        assert await store.write(lambda work: work.agents.reserve(given.agent_id))
        await store.write(lambda work: work.agents.save(given))
        (now,) = await store.read(lambda work: work.agents.all())
        assert now.current_workload == 1

    async def test_never_gets_a_sixth_conversation_however_many_ask_at_once(self, store: Store) -> None:
        agent = Agent(agent_id=AgentId("agt_1"), name="Maria", status=AgentStatus.AVAILABLE, max_workload=9)
        await store.write(lambda work: work.agents.save(agent))
        taken = await asyncio.gather(
            *(store.write(lambda work: work.agents.reserve(agent.agent_id)) for _ in range(20))
        )
        assert sum(taken) == 5
        await store.write(lambda work: work.agents.release(agent.agent_id))
        assert await store.write(lambda work: work.agents.reserve(agent.agent_id))
        assert not await store.write(lambda work: work.agents.reserve(agent.agent_id))

    async def test_who_is_away_or_unknown_gets_none(self, store: Store) -> None:
        agent = Agent(agent_id=AgentId("agt_1"), name="Maria", status=AgentStatus.AVAILABLE)
        await store.write(lambda work: work.agents.save(agent))
        await store.write(lambda work: work.agents.set_status(agent.agent_id, AgentStatus.OFFLINE, START))
        assert not await store.write(lambda work: work.agents.reserve(agent.agent_id))
        assert not await store.write(lambda work: work.agents.reserve(AgentId("nobody")))

    async def test_learns_from_results(self, store: Store) -> None:
        agent = Agent(agent_id=AgentId("agt_1"), name="Maria")
        await store.write(lambda work: work.agents.save(agent))
        results = [True, False, True]
        await asyncio.gather(
            *(
                store.write(bound(lambda work, won: work.agents.record_result(agent.agent_id, "general", won), won))
                for won in results
            )
        )
        now = await store.read(lambda work: work.agents.get(agent.agent_id))
        assert now is not None
        assert now.success == {"general": (2, 3)}


class TestTheQueue:
    async def test_stands_by_priority_then_by_waiting(self, store: Store) -> None:
        conversations = await store.write(lambda work: [newcomer(work, f"Person {n}") for n in range(3)])
        entries = [
            QueueEntry(
                conversation_id=each.conversation_id,
                customer_id=each.customer_id,
                priority=priority,
                urgency_score=5,
                queued_at=START + timedelta(minutes=minutes),
                required_skills=frozenset({"billing"}),
                language="en",
                topic=None,
            )
            for each, priority, minutes in zip(conversations, (5.0, 8.0, 5.0), (2, 1, 0), strict=True)
        ]
        await store.write(lambda work: all_of(work.queue.put, [*entries, *entries]))
        assert await store.read(lambda work: work.queue.entries()) == (entries[1], entries[2], entries[0])
        await store.write(lambda work: work.queue.remove(entries[1].conversation_id))
        assert await store.read(lambda work: work.queue.depth()) == 2
        assert await store.read(lambda work: work.queue.get(entries[1].conversation_id)) is None
