"""What live hints, files and the clock promise to whoever uses them, whichever plug fulfils the promise."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from switchboard.engines.blobs import FolderBlobs, MemoryBlobs
from switchboard.engines.clock import SystemClock
from switchboard.engines.hub import LocalHub
from switchboard.errors import NotFound, Unavailable
from switchboard.ports.blobs import Blobs
from switchboard.ports.clock import Clock
from switchboard.ports.hub import Hub
from tests import kit
from tests.stores.opening import SetClock


@pytest.fixture(params=["local"])
def hub(request: pytest.FixtureRequest) -> Hub:
    return LocalHub()


class TestAHub:
    async def test_tells_every_subscriber_of_a_topic_and_nobody_else(self, hub: Hub) -> None:
        async with hub.subscribe("work") as one, hub.subscribe("work") as two, hub.subscribe("events") as other:
            hub.publish("work", {"n": 1})
            hub.publish("events", {"n": 2})
            heard = [(await anext(hints))["n"] for hints in (one, two, other)]

        assert heard == [1, 1, 2]

    async def test_keeps_the_order_of_hints(self, hub: Hub) -> None:
        async with hub.subscribe("events") as hints:
            for number in range(20):
                hub.publish("events", {"n": number})
            heard = [(await anext(hints))["n"] for _ in range(20)]

        assert heard == list(range(20))

    async def test_never_makes_the_publisher_wait_for_somebody_who_does_not_listen(self, hub: Hub) -> None:
        async with hub.subscribe("events"):
            for number in range(10_000):
                hub.publish("events", {"n": number})

    async def test_needs_no_subscriber_and_no_hint(self, hub: Hub) -> None:
        hub.publish("presence")

    async def test_wakes_somebody_who_waits_already(self, hub: Hub) -> None:
        async with hub.subscribe("work") as hints:
            waiting = asyncio.ensure_future(anext(hints))
            await asyncio.sleep(0)
            hub.publish("work", {"n": 3})

            assert (await asyncio.wait_for(waiting, 5))["n"] == 3

    async def test_goes_on_after_somebody_gave_up_waiting(self, hub: Hub) -> None:
        async with hub.subscribe("work") as hints:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(hints), 0.01)
            hub.publish("work", {"n": 4})

            assert (await asyncio.wait_for(anext(hints), 5))["n"] == 4

    async def test_a_listener_that_fails_disturbs_no_other(self, hub: Hub) -> None:
        async with hub.subscribe("work") as hints:
            with pytest.raises(RuntimeError):
                async with hub.subscribe("work"):
                    raise RuntimeError("this window crashed")
            hub.publish("work", {"n": 4})

            assert (await anext(hints))["n"] == 4


@pytest.fixture(params=["folder", "memory", "the tests' own"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "folder":
        return FolderBlobs(tmp_path / "blobs")
    return MemoryBlobs() if request.param == "memory" else kit.MemoryBlobs()


class TestBlobs:
    @pytest.mark.parametrize("data", [b"", b"\x00\xff" * 5, b"x" * 1_000_000], ids=["empty", "binary", "large"])
    def test_come_back_byte_for_byte(self, blobs: Blobs, data: bytes) -> None:
        blobs.put("blob_1", data)

        assert blobs.get("blob_1") == data

    def test_are_replaced_by_the_same_name_and_kept_apart_by_others(self, blobs: Blobs) -> None:
        blobs.put("a", b"one")
        blobs.put("b", b"two")
        blobs.put("a", b"three")

        assert (blobs.get("a"), blobs.get("b")) == (b"three", b"two")

    def test_are_gone_once_deleted_and_deleting_again_is_no_error(self, blobs: Blobs) -> None:
        blobs.put("a", b"one")
        blobs.delete("a")
        blobs.delete("a")

        with pytest.raises(NotFound):
            blobs.get("a")

    @pytest.mark.parametrize("name", ["../../etc/passwd", "/absolute", "a/b", ".", "ü\u202e", "n" * 5000])
    def test_may_have_any_name(self, blobs: Blobs, name: str, tmp_path: Path) -> None:
        blobs.put(name, b"kept")

        assert blobs.get(name) == b"kept"
        assert {path.name for path in tmp_path.iterdir()} <= {"blobs"}


class TestAFolderThatCannotBeWritten:
    def test_is_unavailable_for_every_operation(self, tmp_path: Path) -> None:
        (tmp_path / "blobs").write_text("a file where the folder should be")
        blobs = FolderBlobs(tmp_path / "blobs")

        with pytest.raises(Unavailable):
            blobs.put("a", b"one")
        with pytest.raises(Unavailable):
            blobs.get("a")

    def test_is_opened_only_when_needed(self, tmp_path: Path) -> None:
        FolderBlobs(tmp_path / "blobs")

        assert not list(tmp_path.iterdir())


@pytest.fixture(params=["system", "set", "story"])
def clock(request: pytest.FixtureRequest) -> Clock:
    if request.param == "system":
        return SystemClock()
    return SetClock() if request.param == "set" else kit.SetClock()


class TestAClock:
    def test_tells_the_time_in_utc(self, clock: Clock) -> None:
        assert clock.now().utcoffset() == timedelta(0)

    def test_never_runs_backwards(self, clock: Clock) -> None:
        told = [(clock.now(), clock.monotonic()) for _ in range(100)]

        assert told == sorted(told)
