"""Watches a mailbox: new mails are taken in as they come, and a server that went away is called again, ever more slowly."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from switchboard.channels.email.imap_poll import ImapPoller, OpenMailbox, opened
from switchboard.channels.email.imap_session import IDLE_SECONDS
from switchboard.errors import SwitchboardError

MAX_PAUSE = 300.0
"""Seconds between two calls to a server that stays away."""

Trouble = Callable[[SwitchboardError | None], Awaitable[None]]
"""Hears what is wrong, and None once the mailbox opens (again)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """``poll_s`` between two looks at a server that cannot tell by itself (or with ``idle`` switched off); ``first_s``
    before the first call after a loss, doubled for each further one."""

    poll_s: float = 30.0
    idle: bool = True
    idle_s: float = IDLE_SECONDS
    first_s: float = 2.0


class MailboxWatch:
    """Runs until it is cancelled. ``sleep`` stands in for waiting in tests."""

    def __init__(
        self, poller: ImapPoller, pace: Pace, trouble: Trouble,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._poller = poller
        self._pace = pace
        self._trouble = trouble
        self._sleep = sleep
        self._pause = pace.first_s

    async def run(self) -> None:
        while True:
            try:
                await self._stay()
            except SwitchboardError as error:
                await self._trouble(error)
            await self._sleep(self._pause)
            self._pause = min(self._pause * 2, MAX_PAUSE)

    async def _stay(self) -> None:
        """One connection, as long as it lasts."""
        async with opened(self._poller.mailbox) as box:
            await self._trouble(None)
            while True:
                if (await self._poller.round(box)).more:
                    continue
                self._pause = self._pace.first_s  # it works: the next loss is a new one
                await self._wait(box)

    async def _wait(self, box: OpenMailbox) -> None:
        if self._pace.idle and box.session.can_idle:
            await asyncio.to_thread(box.session.wait, self._pace.idle_s)
        else:
            await self._sleep(self._pace.poll_s)
            await asyncio.to_thread(box.session.refresh)
