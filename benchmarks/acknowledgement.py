"""How long a sender waits until the message is safe on the disk, at a fixed rate; also while the language model hangs."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from benchmarks.load import Line, Sent, message_requests, post_request, put_request, send_closed, send_open
from benchmarks.report import Figure
from benchmarks.server import Server
from benchmarks.texts import customer_messages

PER_SECOND = 100.0
LIMIT_MS = 50.0
SLOW_S = 30.0
ANSWERABLE = {"patterns": [{"name": "everything", "languages": []}]}
KNOWN = {
    "title": "Delivery times",
    "content": "## How long does delivery take?\n\nStandard delivery takes 2 to 4 working days.\n",
}


def measure(*, quick: bool) -> list[Figure]:
    """An open loop: requests leave on time whether or not earlier ones were answered."""
    seconds = 15 if quick else 60
    return [
        _figure("acknowledgement", asyncio.run(_run(seconds, hanging_model=False))),
        _figure(f"acknowledgement, model takes {SLOW_S:.0f} s", asyncio.run(_run(seconds, hanging_model=True))),
    ]


def _figure(name: str, sent: Sent) -> Figure:
    note = f"{len(sent.seconds)} at {PER_SECOND:.0f}/s, median {1000 * sent.quantile(0.5):.0f} ms, {sent.failed} failed"
    return Figure(name=f"{name}: p99", value=1000 * sent.quantile(0.99), unit="ms", target=LIMIT_MS, note=note)


async def _run(seconds: int, *, hanging_model: bool) -> Sent:
    model = await asyncio.start_server(_hang, "127.0.0.1", 0)
    port = model.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder=Path(folder), environment=_model_at(port) if hanging_model else {})
        await asyncio.to_thread(server.prepare)
        await asyncio.to_thread(server.start)
        try:
            await _allow_answers(server)
            texts = customer_messages(int(seconds * PER_SECOND) + 200)
            requests = message_requests(server, texts, len(texts), "ack")
            await send_closed(server.port, requests[:200], 4)
            return await send_open(server.port, requests[200:], PER_SECOND)
        finally:
            await asyncio.to_thread(server.stop)
            model.close()


async def _hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A language model that takes the question and thinks."""
    try:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(SLOW_S)
    except (EOFError, OSError):
        pass
    writer.close()


def _model_at(port: int) -> dict[str, str]:
    return {
        "SWITCHBOARD_LLM__PROVIDER": "openai",
        "SWITCHBOARD_LLM__MODEL": "slow",
        "SWITCHBOARD_LLM__API_KEY": "none",
        "SWITCHBOARD_LLM__BASE_URL": f"http://127.0.0.1:{port}/v1",
    }


async def _allow_answers(server: Server) -> None:
    line = Line(server.port)
    for request in (
        put_request("/v1/config/automation", server.key, ANSWERABLE),
        post_request("/v1/knowledge/documents", server.key, KNOWN),
    ):
        status, body = await line.ask(request)
        if not 200 <= status < 300:
            raise RuntimeError(f"the server refused its settings: {status} {body[:300]!r}")
    line.close()
