"""Live fan-out inside one process: hints to everybody who is looking, without waiting for the slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from threading import Lock

MOST_HINTS = 256
"""A subscriber that is further behind loses the oldest hints: it reads the truth from the store anyway."""

Hint = Mapping[str, str | int]


class _Subscriber:
    def __init__(self, topics: tuple[str, ...]) -> None:
        self.topics = frozenset(topics)
        self.loop = asyncio.get_running_loop()
        self.hints: asyncio.Queue[Hint] = asyncio.Queue(MOST_HINTS)

    def put(self, hint: Hint) -> None:
        if self.hints.full():
            self.hints.get_nowait()
        self.hints.put_nowait(hint)


class LocalHub:
    """Fulfils ``ports.hub.Hub``. ``publish`` may be called from any thread; each hint carries its ``topic``."""

    def __init__(self) -> None:
        self._subscribers: set[_Subscriber] = set()
        self._lock = Lock()

    def publish(self, topic: str, hint: Mapping[str, str | int] | None = None) -> None:
        told: Hint = {"topic": topic, **(hint or {})}
        with self._lock:
            interested = [subscriber for subscriber in self._subscribers if topic in subscriber.topics]
        for subscriber in interested:
            _tell(subscriber, told)

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[AsyncIterator[Hint]]:
        """Hints published from now on; leaving the block ends the subscription."""
        subscriber = _Subscriber(topics)
        with self._lock:
            self._subscribers.add(subscriber)
        try:
            yield _Hints(subscriber)
        finally:
            with self._lock:
                self._subscribers.discard(subscriber)


class _Hints:
    """Waits for the next hint. Giving up waiting (a time limit, say) does not end it, as it would end a generator."""

    def __init__(self, subscriber: _Subscriber) -> None:
        self._subscriber = subscriber

    def __aiter__(self) -> AsyncIterator[Hint]:
        return self

    async def __anext__(self) -> Hint:
        return await self._subscriber.hints.get()


def _tell(subscriber: _Subscriber, hint: Hint) -> None:
    try:
        running: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
    except RuntimeError:
        running = None
    if running is subscriber.loop:
        subscriber.put(hint)
    elif not subscriber.loop.is_closed():
        subscriber.loop.call_soon_threadsafe(subscriber.put, hint)
