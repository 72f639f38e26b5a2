"""Sends messages over real sockets: lean enough that the sender is not what is measured."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.server import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of the requests: seconds each took, and how many were refused or broken off."""

    seconds: tuple[float, ...]
    failed: int
    took: float

    def quantile(self, share: float) -> float:
        """Seconds; 0.99 = the slowest percent begins here."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")


@dataclass(slots=True)
class Line:
    """One kept-alive connection, one request at a time."""

    port: int
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body. Raises ``OSError`` or ``EOFError`` when the connection breaks; the next call opens anew.

        A line that was idle may have been hung up meanwhile, as any client must expect: it is opened anew once."""
        idle = self.writer is not None
        try:
            return await self._ask(request)
        except (OSError, EOFError):
            self.close()
            if not idle:
                raise
            return await self._ask(request)

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        return int(head[9:12]), await self.reader.readexactly(length)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def get_request(path: str, key: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


def post_request(path: str, key: str, body: object) -> bytes:
    return _request("POST", path, key, body)


def put_request(path: str, key: str, body: object) -> bytes:
    return _request("PUT", path, key, body)


def _request(method: str, path: str, key: str, body: object) -> bytes:
    document = json.dumps(body).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(document)}\r\n\r\n"
    )
    return head.encode() + document


def message_request(server: Server, text: str, customer: int, external_id: str, channel: str = "web_chat") -> bytes:
    """One customer's message as the API takes it. Web chat needs no provider for the answer."""
    address = f"+44770{customer:07d}" if channel == "whatsapp" else f"vis_{customer}"
    body = {
        "channel": channel,
        "sender": {"address": address, "verified": True},
        "text": text,
        "external_id": external_id,
    }
    return post_request("/v1/messages", server.key, body)


def message_requests(server: Server, texts: Sequence[str], customers: int, name: str) -> list[bytes]:
    return [message_request(server, text, n % customers, f"{name}-{n}") for n, text in enumerate(texts)]


@dataclass(slots=True)
class _Tally:
    seconds: list[float] = field(default_factory=list)
    failed: int = 0


async def send_closed(port: int, requests: Sequence[bytes], lines: int) -> Sent:
    """As fast as the server answers: each of ``lines`` connections sends its next request after its last answer."""
    tally, began = _Tally(), time.perf_counter()
    waiting = iter(requests)

    async def worker() -> None:
        line = Line(port)
        for request in waiting:
            await _send(line, request, time.perf_counter(), tally)
        line.close()

    await asyncio.gather(*(worker() for _ in range(lines)))
    return Sent(seconds=tuple(tally.seconds), failed=tally.failed, took=time.perf_counter() - began)


async def send_open(port: int, requests: Sequence[bytes], per_second: float, lines: int = 64) -> Sent:
    """At a fixed rate whatever the server does; a request's time counts from the moment when it was due."""
    tally, began = _Tally(), time.perf_counter()
    free: asyncio.LifoQueue[Line] = asyncio.LifoQueue()
    for _ in range(lines):
        free.put_nowait(Line(port))

    async def one(request: bytes, due: float) -> None:
        line = await free.get()
        await _send(line, request, due, tally)
        free.put_nowait(line)

    running = []
    for number, request in enumerate(requests):
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        running.append(asyncio.create_task(one(request, due)))
    await asyncio.gather(*running)
    while not free.empty():
        free.get_nowait().close()
    return Sent(seconds=tuple(tally.seconds), failed=tally.failed, took=time.perf_counter() - began)


async def _send(line: Line, request: bytes, since: float, tally: _Tally) -> None:
    try:
        status, _ = await line.ask(request)
    except (OSError, EOFError):
        tally.failed += 1
        return
    tally.seconds.append(time.perf_counter() - since)
    if not 200 <= status < 300:
        tally.failed += 1
