"""Resident memory after the start and after minutes of load."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no type information

from benchmarks.load import message_requests, send_closed, send_open
from benchmarks.report import Figure
from benchmarks.server import Server
from benchmarks.texts import customer_messages

AFTER_START_MB = 500.0
PER_SECOND = 50.0
CUSTOMERS = 2_000


def measure(*, quick: bool) -> list[Figure]:
    """Resident megabytes: after the first messages (models loaded), and the growth after that under a steady load."""
    minutes = 2 if quick else 10
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder=Path(folder))
        server.start()
        try:
            return asyncio.run(_run(server, minutes))
        finally:
            server.stop()


async def _run(server: Server, minutes: int) -> list[Figure]:
    started = _resident(server)
    texts = customer_messages(int(minutes * 60 * PER_SECOND) + 500)
    requests = message_requests(server, texts, CUSTOMERS, "memory")
    await send_closed(server.port, requests[:500], 8)
    await asyncio.sleep(5)
    loaded = _resident(server)
    half = 500 + (len(requests) - 500) // 2
    await send_open(server.port, requests[500:half], PER_SECOND)
    middle = _resident(server)
    await send_open(server.port, requests[half:], PER_SECOND)
    end = _resident(server)
    how = f"{PER_SECOND:.0f} messages/s of {CUSTOMERS} customers"
    return [
        Figure(name="memory: after start", value=started, unit="MB", target=AFTER_START_MB),
        Figure(name="memory: models loaded", value=loaded, unit="MB", target=AFTER_START_MB, note="after 500 messages"),
        Figure(name=f"memory: growth in {minutes} min", value=end - loaded, unit="MB", note=how),
        Figure(name="memory: growth in the second half", value=end - middle, unit="MB", note="levels off when small"),
    ]


def _resident(server: Server) -> float:
    return float(psutil.Process(server.pid).memory_info().rss / 1e6)
