"""Messages a second from the HTTP request to the stored decision, beside what the encoder alone would do."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from benchmarks.load import Sent, message_requests, send_closed
from benchmarks.report import Figure
from benchmarks.server import Server
from benchmarks.texts import customer_messages, mean_words
from switchboard.engines.onnx_encoder import OnnxEncoder

CORES = 2
BATCH = 32
WARM_UP = 200
PATIENCE_S = 300.0


def measure(*, quick: bool) -> list[Figure]:
    """Sends ``count`` messages of as many customers as fast as they are acknowledged and waits for every decision.

    The share of the encoder is also told in processor time, which says the same on a machine that is busy otherwise.
    """
    count = 1_500 if quick else 6_000
    texts = customer_messages(count + WARM_UP)
    before, encoder_cpu = encoder_alone(texts[WARM_UP:][:1_500])
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder=Path(folder))
        server.start()
        try:
            sent, took, cpu = _run(server, texts)
        finally:
            server.stop()
    after, _ = encoder_alone(texts[WARM_UP:][:1_500])
    rate, baseline, each = count / took, (before + after) / 2, cpu / count
    how = f"{count} messages of {count} customers, {mean_words(texts):.0f} words on average"
    alone = f"encoder alone on {CORES} cores: {baseline:.0f} messages/s ({before:.0f} before, {after:.0f} after)"
    times = f"{1000 * encoder_cpu:.1f} of {1000 * each:.1f} ms/message"
    return [
        Figure(name="pipeline: decisions", value=rate, unit="messages/s", target=100, at_least=True, note=how),
        Figure(
            name="pipeline: share of the encoder", value=rate / baseline, unit="", target=0.5, at_least=True, note=alone
        ),
        Figure(name="pipeline: the same in processor time", value=encoder_cpu / each, unit="", note=times),
        Figure(name="pipeline: accepted", value=count / sent.took, unit="messages/s", note=f"{sent.failed} failed"),
    ]


def encoder_alone(texts: Sequence[str]) -> tuple[float, float]:
    """Messages a second in batches, the better of one run on all cores and one run per core; and the processor seconds
    of a message with one thread."""
    groups = [list(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
    one_each = OnnxEncoder(threads=1)
    one_each.encode(groups[0])
    began, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(one_each.encode, groups))
    apart, cpu = time.perf_counter() - began, time.process_time() - cpu
    together = OnnxEncoder(threads=CORES)
    together.encode(groups[0])
    began = time.perf_counter()
    for group in groups:
        together.encode(group)
    return len(texts) / min(apart, time.perf_counter() - began), cpu / len(texts)


def _run(server: Server, texts: Sequence[str]) -> tuple[Sent, float, float]:
    """What sending gave, the seconds until the last decision, and the server's processor seconds."""
    requests = message_requests(server, texts, len(texts), "load")
    asyncio.run(send_closed(server.port, requests[:WARM_UP], 8))
    wait_for_decisions(server, WARM_UP)
    cpu, began = server.processor_seconds(), time.perf_counter()
    sent = asyncio.run(send_closed(server.port, requests[WARM_UP:], 32))
    wait_for_decisions(server, len(texts))
    return sent, time.perf_counter() - began, server.processor_seconds() - cpu


def wait_for_decisions(server: Server, count: int) -> None:
    """Until ``count`` messages have one. Raises ``RuntimeError`` when the server is gone or takes too long."""
    deadline = time.perf_counter() + PATIENCE_S
    while (done := decided(server.database)) < count:
        if not server.running or time.perf_counter() > deadline:
            raise RuntimeError(f"only {done} of {count} messages were decided; the server runs: {server.running}")
        time.sleep(0.05)


def decided(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        (count,) = connection.execute("SELECT count(message_id) FROM decisions").fetchone()
        return int(count)
