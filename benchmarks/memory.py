"""Resident memory after the start and after minutes of load."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from benchmarks.load import message_requests, send_closed, send_open
from benchmarks.report import Figure
from benchmarks.server import Server
from benchmarks.texts import customer_messages

AFTER_START_MB = 500.0
PER_SECOND = 50.0
MINUTES, MINUTES_QUICK = 10, 2
CUSTOMERS = 2_000


def measure(*, quick: bool, minutes: int = 0, per_second: float = PER_SECOND) -> list[Figure]:
    """Resident megabytes of all its processes: after the first messages (models loaded), and the growth after that under
    a steady load of ``minutes`` (0: as usual)."""
    minutes = minutes or (MINUTES_QUICK if quick else MINUTES)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder=Path(folder))
        server.start()
        try:
            return asyncio.run(_run(server, minutes, per_second))
        finally:
            server.stop()


async def _run(server: Server, minutes: int, per_second: float) -> list[Figure]:
    started = server.resident_mb()
    texts = customer_messages(int(minutes * 60 * per_second) + 500)
    requests = message_requests(server, texts, CUSTOMERS, "memory")
    await send_closed(server.port, requests[:500], 8)
    await asyncio.sleep(5)
    loaded, handles = server.resident_mb(), server.handles()
    half = 500 + (len(requests) - 500) // 2
    await send_open(server.port, requests[500:half], per_second)
    middle = server.resident_mb()
    await send_open(server.port, requests[half:], per_second)
    await asyncio.sleep(5)
    end, more = server.resident_mb(), server.handles() - handles
    how = f"{per_second:.0f} messages/s of {CUSTOMERS} customers"
    return [
        Figure(name="memory: after start", value=started, unit="MB", target=AFTER_START_MB),
        Figure(name="memory: models loaded", value=loaded, unit="MB", target=AFTER_START_MB, note="after 500 messages"),
        Figure(name=f"memory: growth in {minutes} min", value=end - loaded, unit="MB", note=how),
        Figure(name="memory: growth in the second half", value=end - middle, unit="MB", note="levels off when small"),
        Figure(name="memory: open files and threads more than before", value=more, unit="", note=f"{handles} before"),
    ]
