"""Live hints and files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from switchboard.engines.blobs import FolderBlobs, MemoryBlobs
from switchboard.engines.clock import SystemClock
from switchboard.engines.hub import MOST_HINTS, LocalHub
from switchboard.errors import NotFound
from switchboard.ports.blobs import Blobs


class TestAHint:
    async def test_reaches_everybody_who_listens_to_its_topic(self) -> None:
        hub = LocalHub()
        async with hub.subscribe("events", "work") as one, hub.subscribe("work") as two:
            hub.publish("events", {"sequence": 7})
            hub.publish("work")
            assert [await anext(one), await anext(one)] == [{"topic": "events", "sequence": 7}, {"topic": "work"}]
            assert await anext(two) == {"topic": "work"}

    async def test_may_come_from_another_thread(self) -> None:
        hub = LocalHub()
        async with hub.subscribe("events") as hints:
            await asyncio.to_thread(hub.publish, "events", {"n": 1})
            assert (await asyncio.wait_for(anext(hints), 5))["n"] == 1

    async def test_gets_lost_rather_than_filling_the_memory(self) -> None:
        hub = LocalHub()
        async with hub.subscribe("events") as hints:
            for number in range(MOST_HINTS + 10):
                hub.publish("events", {"n": number})
            assert (await anext(hints))["n"] == 10

    async def test_goes_nowhere_when_nobody_listens_any_more(self) -> None:
        hub = LocalHub()
        async with hub.subscribe("events"):
            pass
        hub.publish("events")


@pytest.fixture(params=["folder", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return FolderBlobs(tmp_path / "blobs") if request.param == "folder" else MemoryBlobs()


class TestAFile:
    def test_comes_back_and_can_be_replaced_and_deleted(self, blobs: Blobs) -> None:
        blobs.put("blob_1", b"one")
        blobs.put("blob_1", b"two")
        assert blobs.get("blob_1") == b"two"
        blobs.delete("blob_1")
        blobs.delete("blob_1")
        with pytest.raises(NotFound):
            blobs.get("blob_1")

    def test_never_leaves_its_folder_whatever_its_name(self, tmp_path: Path) -> None:
        folder = FolderBlobs(tmp_path / "blobs")
        folder.put("../../outside", b"x")
        assert folder.get("../../outside") == b"x"
        assert [path.name for path in tmp_path.iterdir()] == ["blobs"]
        assert not list(tmp_path.rglob("*.part"))


class TestTheClock:
    def test_knows_its_zone_and_never_runs_backwards(self) -> None:
        clock = SystemClock()
        assert clock.now().utcoffset() is not None
        assert clock.monotonic() <= clock.monotonic()
