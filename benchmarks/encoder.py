"""How fast messages are read with the int8 encoder on one thread: alone and in batches.

Run as ``python benchmarks/encoder.py [THREADS]``.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from datetime import UTC, datetime

from switchboard.engines.onnx_encoder import OnnxEncoder
from switchboard.engines.tagger_model import load_tagger
from switchboard.engines.understanding import OnnxUnderstanding, build_understanding
from switchboard.ports.engines import TextToRead

MESSAGES = (
    "Where is my order LC-48213? It should have arrived on Monday.",
    "Thanks, that solved it!",
    "I was charged twice for the same jacket, $49.99 each, please send one payment back.",
    "Your app keeps crashing when I open my invoices. I have installed it again and restarted my phone, and it still "
    "closes after two seconds. This is the third time this month. Please fix it or let me speak to a manager.",
    "Can I change my delivery address?",
    "ok",
)
ROUNDS = 40
AT = datetime(2026, 11, 23, tzinfo=UTC)


def encoder_alone(encoder: OnnxEncoder) -> float:
    """Milliseconds a message, one at a time, median."""
    times = []
    for number in range(ROUNDS * len(MESSAGES)):
        start = time.perf_counter()
        encoder.encode([MESSAGES[number % len(MESSAGES)]])
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def encoder_batched(encoder: OnnxEncoder, size: int) -> float:
    """Messages a second in batches of ``size``."""
    batch = [MESSAGES[number % len(MESSAGES)] for number in range(size)]
    start = time.perf_counter()
    for _ in range(max(1, 960 // size)):
        encoder.encode(batch)
    return max(1, 960 // size) * size / (time.perf_counter() - start)


def whole_reading(reader: OnnxUnderstanding, size: int) -> float:
    """Messages a second for the whole reading: encoder, heads, entities, language."""
    batch = [TextToRead(text=MESSAGES[number % len(MESSAGES)], at=AT) for number in range(size)]

    async def run() -> float:
        await reader.read(batch)
        start = time.perf_counter()
        for _ in range(max(1, 480 // size)):
            await reader.read(batch)
        return time.perf_counter() - start

    return max(1, 480 // size) * size / asyncio.run(run())


def tagging() -> float:
    """Milliseconds in which the tagger looks for names in one message; it should stay small beside the encoder's."""
    tagger = load_tagger()
    start = time.perf_counter()
    for message in MESSAGES * 20:
        list(tagger.find(message))
    return 1000 * (time.perf_counter() - start) / (20 * len(MESSAGES))


def main(threads: int) -> None:
    encoder = OnnxEncoder(threads=threads)
    encoder.encode(MESSAGES)
    reader = build_understanding(threads=threads, encoder=encoder, timeout=600.0)
    print(f"int8 encoder, {threads} thread(s)")
    print(f"one message:        {encoder_alone(encoder):8.2f} ms")
    for size in (8, 32, 96):
        print(f"batches of {size:3}:     {encoder_batched(encoder, size):8.0f} messages/s")
    print(f"names by tagger:    {tagging():8.2f} ms")
    for size in (1, 32):
        print(f"whole reading, {size:3}: {whole_reading(reader, size):8.0f} messages/s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
