"""Live fan-out inside the running system: who is looking hears at once that something changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Hub(Protocol):
    """Publishes small hints (never customer text). Topics: ``events``, ``work``, ``outbox``, ``chat:<customer_id>``,
    ``presence``. A hint may get lost or come twice: subscribers read the truth from the store."""

    def publish(self, topic: str, hint: Mapping[str, str | int] | None = None) -> None: ...

    def subscribe(self, *topics: str) -> AbstractAsyncContextManager[AsyncIterator[Mapping[str, str | int]]]: ...
