"""When the database fails: nobody is told of success that is not on the disk, and everything recovers by itself."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from switchboard.errors import Conflict, NotFound, Unavailable
from switchboard.ports.records import Page
from switchboard.ports.store import Work
from switchboard.stores import open_sqlite
from tests.stores.opening import MASTER, SetClock, open_kind
from tests.stores.samples import bound, customer, identity, newcomer, said


class TestAStory:
    async def test_that_fails_leaves_nothing_and_hurts_no_neighbour(self, tmp_path: Path) -> None:
        store = open_kind("sqlite", tmp_path, SetClock())

        def broken(work: Work) -> None:
            newcomer(work, "half done", identity("+491"))
            raise NotFound("stop")

        results = await asyncio.gather(
            store.write(broken),
            store.write(lambda work: newcomer(work, "whole", identity("+492"))),
            return_exceptions=True,
        )
        assert isinstance(results[0], NotFound)
        assert await store.read(lambda work: work.customers.knows_address("+491000000")) is None
        assert await store.read(lambda work: [row.name for row in work.customers.page(Page()).items]) == ["whole"]
        await store.close()

    async def test_is_run_again_after_a_lost_race_and_five_times_at_most(self) -> None:
        store = open_sqlite(None, MASTER, SetClock())
        runs = []

        def unlucky(work: Work) -> int:
            runs.append(1)
            if len(runs) < 5:
                raise Conflict
            return len(runs)

        def hopeless(work: Work) -> None:
            runs.append(1)
            raise Conflict

        assert await store.write(unlucky) == 5
        runs.clear()
        with pytest.raises(Conflict):
            await store.write(hopeless)
        assert len(runs) == 5
        await store.close()

    @pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres"])
    async def test_that_reads_cannot_write(self, kind: str, tmp_path: Path) -> None:
        store = open_kind(kind, tmp_path, SetClock())
        with pytest.raises(Unavailable):
            await store.read(lambda work: work.customers.add(customer()))
        await store.write(lambda work: work.customers.add(customer()))
        await store.close()

    async def test_rolled_back_does_not_leave_its_new_key_behind(self) -> None:
        store = open_sqlite(None, MASTER, SetClock())
        profile = customer("Ana", identity())

        def broken(work: Work) -> None:
            work.customers.add(profile)
            raise NotFound

        with pytest.raises(NotFound):
            await store.write(broken)
        await store.write(lambda work: work.customers.add(profile))
        store.core.keyring.clear()
        assert await store.read(lambda work: work.customers.get(profile.customer_id)) == profile
        await store.close()


class TestAFullDisk:
    async def test_is_told_and_recovers_when_space_returns(self, tmp_path: Path) -> None:
        store = open_sqlite(tmp_path / "switchboard.db", MASTER, SetClock())
        started = await store.write(newcomer)
        pages = store._raw.execute("PRAGMA page_count").fetchone()[0]
        store._raw.execute(f"PRAGMA max_page_count = {pages + 2}")  # the database's own "disk is full"
        long = "words " * 20_000
        waiting = (store.write(bound(lambda work, n: said(work, started, long, start=n), n)) for n in range(1, 5))
        results = await asyncio.gather(*waiting, return_exceptions=True)
        failed = [result for result in results if isinstance(result, Unavailable)]
        stored = await store.read(lambda work: work.messages.newest(started.conversation_id))
        assert failed
        assert len(stored) == len(results) - len(failed), "what was promised is there, and nothing else"
        store._raw.execute("PRAGMA max_page_count = 1073741823")
        await store.write(lambda work: said(work, started, "space again", start=9))
        last = (await store.read(lambda work: work.messages.newest(started.conversation_id)))[-1]
        assert last.content.text == "space again"
        await store.close()


class TestALockedDatabase:
    async def test_is_told_as_unavailable(self, tmp_path: Path) -> None:
        path = tmp_path / "switchboard.db"
        store = open_sqlite(path, MASTER, SetClock())
        store._raw.execute("PRAGMA busy_timeout = 50")
        rival = sqlite3.connect(path, isolation_level=None)
        rival.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            await store.write(newcomer)
        rival.execute("ROLLBACK")
        rival.close()
        await store.write(newcomer)
        await store.close()


class TestAClosedStore:
    async def test_finished_what_it_was_given_and_refuses_more(self, tmp_path: Path) -> None:
        store = open_sqlite(tmp_path / "switchboard.db", MASTER, SetClock())
        started = await store.write(newcomer)
        pending = [
            asyncio.ensure_future(store.write(bound(lambda work, n: said(work, started, "x", start=n), n)))
            for n in range(1, 10)
        ]
        await asyncio.sleep(0)
        await store.close()
        await asyncio.gather(*pending)
        with pytest.raises(Unavailable):
            await store.write(newcomer)
        with pytest.raises(Unavailable):
            await store.read(lambda work: None)
        again = open_sqlite(tmp_path / "switchboard.db", MASTER, SetClock())
        assert len(await again.read(lambda work: work.messages.newest(started.conversation_id))) == 9
        seen = await again.read(lambda work: work.conversations.get(started.conversation_id))
        assert seen is not None
        assert replace(seen, version=1) == started
        await again.close()


class TestStoriesThatCanWait:
    async def test_let_those_at_the_door_go_first_and_still_get_their_turn(self, tmp_path: Path) -> None:
        store = open_sqlite(tmp_path / "file.db", MASTER, SetClock())
        order: list[str] = []
        held = threading.Event()

        def noted(name: str) -> Callable[[Work], None]:
            return lambda work: order.append(name)

        first = asyncio.create_task(store.write(lambda work: held.wait(5)))
        await asyncio.sleep(0.05)
        waiting = [asyncio.create_task(store.write(noted(f"later {n}"), later=True)) for n in range(3)]
        await asyncio.sleep(0)
        urgent = [asyncio.create_task(store.write(noted(f"soon {n}"))) for n in range(3)]
        await asyncio.sleep(0)
        held.set()
        await asyncio.gather(first, *waiting, *urgent)
        await store.close()
        assert order == ["soon 0", "soon 1", "soon 2", "later 0", "later 1", "later 2"]
