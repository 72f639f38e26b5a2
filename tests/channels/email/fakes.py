"""Stand-ins for what surrounds the mail channel."""

from __future__ import annotations

from datetime import UTC, datetime

from switchboard.channels.email.imap_poll import Cursor

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class FixedClock:
    def now(self) -> datetime:
        return NOON

    def monotonic(self) -> float:
        return 0.0


class MemoryCursors:
    def __init__(self) -> None:
        self.kept: dict[str, Cursor] = {}

    async def load(self, key: str) -> Cursor | None:
        return self.kept.get(key)

    async def save(self, key: str, cursor: Cursor) -> None:
        self.kept[key] = cursor
