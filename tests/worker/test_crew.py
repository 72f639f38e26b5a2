"""The hands at work: real pools, timers and subscribers over a store in a file, started and stopped as in life."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from switchboard.engines.clock import SystemClock
from switchboard.flows.archive import archive_quiet
from switchboard.ports.records import JobKind
from switchboard.stores import open_sqlite
from switchboard.worker.run import Crew, Hands
from switchboard.worker.timers import TIMERS
from tests.kit import ASKS_DELIVERY, MASTER, World, open_world


async def until(condition, seconds: float = 20.0) -> None:  # type: ignore[no-untyped-def]  # an async condition
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110  # what is waited for happens in other tasks
            await asyncio.sleep(0.02)


class TestTheCrew:
    async def test_answers_customers_and_stops_when_told(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.clock = SystemClock()
            world.app.store = open_sqlite(tmp_path / "switchboard.db", MASTER, world.app.clock)
            stop = asyncio.Event()
            crew = Crew(app=world.app, poster=world.poster, hands=Hands(poll_s=0.05, timer_s=0.05))
            working = asyncio.create_task(crew.run(stop))
            try:
                await world.allow_automation()
                for number in range(10):
                    await world.say(ASKS_DELIVERY, address=f"+4930555{number:04d}")

                async def all_answered() -> bool:
                    return len(world.sent) == 10

                await until(all_answered)
            finally:
                stop.set()
                await asyncio.wait_for(working, 10)
                left = await world.read(lambda w: [w.jobs.backlog(kind).leased for kind in JobKind])
                await world.app.store.close()

            assert left == [0] * len(JobKind)
            assert len({sent.to for sent in world.sent}) == 10

    async def test_two_of_them_answer_nobody_twice(self, tmp_path: Path) -> None:
        async with open_world() as world:
            world.app.clock = SystemClock()
            world.app.store = open_sqlite(tmp_path / "switchboard.db", MASTER, world.app.clock)
            stop = asyncio.Event()
            hands = Hands(poll_s=0.02, timer_s=0.05, batch=2)
            crews = [Crew(app=world.app, poster=world.poster, hands=hands) for _ in range(2)]
            await world.allow_automation()
            for number in range(12):
                await world.say(ASKS_DELIVERY, address=f"+4930555{number:04d}")
            working = [asyncio.create_task(crew.run(stop)) for crew in crews]
            try:

                async def all_answered() -> bool:
                    return len(world.sent) >= 12

                await until(all_answered)
                await asyncio.sleep(0.2)
            finally:
                stop.set()
                await asyncio.wait_for(asyncio.gather(*working), 10)
                await world.app.store.close()

            assert sorted(sent.to for sent in world.sent) == [f"+4930555{number:04d}" for number in range(12)]


class TestATimer:
    @pytest.mark.parametrize("timer", TIMERS, ids=lambda timer: timer.name)
    async def test_runs_once_in_its_period_on_any_number_of_replicas(self, timer) -> None:  # type: ignore[no-untyped-def]  # one of TIMERS
        async with open_world() as world:

            async def take(world: World) -> bool:
                now = world.clock.now()
                return await world.write(lambda work: work.schedules.take(timer.name, timer.every, now))

            taken = [await take(world) for _ in range(3)]
            world.clock.move(seconds=timer.every.total_seconds() + 1)
            assert (taken, await take(world)) == ([True, False, False], True)
            await timer.act(world.app)

    async def test_archives_whoever_was_quiet_for_a_day(self) -> None:
        async with open_world() as world:
            await world.say("hello")
            world.clock.move(hours=25)
            assert await archive_quiet(world.app) == 1
