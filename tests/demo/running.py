"""A whole Switchboard in memory whose outside world is the demo's: real channels, simulated providers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from switchboard.assembly import System, assemble
from switchboard.assembly.system import Parts
from switchboard.demo.simulators.carrier import Pace
from switchboard.demo.world import DemoWorld, Liveliness
from switchboard.engines.clock import SystemClock
from switchboard.settings import Settings
from switchboard.stores import open_sqlite

QUICK = Pace(delivered=0.2, read=0.4, on_the_line=30.0, hold=0.1, talk=0.2)
SILENT = Liveliness(per_minute=0, patience=0.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    system: System
    world: DemoWorld


@asynccontextmanager
async def running(folder: Path, liveliness: Liveliness = SILENT) -> AsyncIterator[Running]:
    """Everything at work: intake, workers, senders and customers."""
    world = DemoWorld(pace=QUICK, liveliness=liveliness)
    await world.open()
    settings = Settings(data_dir=folder, work={"undo_s": 0}, **world.channel_settings)  # type: ignore[arg-type]  # checked by the settings
    store = open_sqlite(None, bytes(range(32)), SystemClock())
    system = await assemble(settings, Parts(client=world.client, store=store))
    crew = asyncio.create_task(system.crew.run(system.stop))
    await world.start(system.app)
    try:
        yield Running(system=system, world=world)
    finally:
        await world.stop()
        system.stop.set()
        await asyncio.wait_for(crew, timeout=25)
        await store.close()


async def eventually(true: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> bool:
    """Whether it becomes true in time."""
    async with asyncio.timeout(seconds + 1):
        for _ in range(int(seconds / 0.05)):
            if await true():
                return True
            await asyncio.sleep(0.05)
    return False
