"""Long payloads are stored slice by slice; what their senders write meanwhile waits, so that it comes after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from switchboard.domain.message import ChannelType

SLICE = 8
"""Events that are stored together. Whoever else writes waits for one slice at most."""
Sender = tuple[ChannelType, str]


@dataclass(slots=True)
class Underway:
    """Whose payload is being stored in slices just now, in this process."""

    _open: dict[Sender, asyncio.Event] = field(default_factory=dict)

    @asynccontextmanager
    async def turn(self, senders: Collection[Sender], *, long: bool) -> AsyncIterator[None]:
        """Waits for every long payload that began before and speaks of one of ``senders``. It never waits for one that
        began later, so nobody waits in a circle."""
        ahead = {event for sender in senders if (event := self._open.get(sender)) is not None}
        done = asyncio.Event()
        if long:
            self._open |= dict.fromkeys(senders, done)
        try:
            for event in ahead:
                await event.wait()
            yield
        finally:
            done.set()
            for sender in senders if long else ():
                if self._open.get(sender) is done:
                    del self._open[sender]
