"""The crew: a pool for each kind of work, and the timers; all start together and stop together."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from switchboard.flows.answer import answer
from switchboard.flows.app import App
from switchboard.flows.deliver import deliver
from switchboard.flows.media import fetch_media
from switchboard.flows.tell_webhooks import fan_out, tell
from switchboard.flows.understand import understand_batch, understand_one
from switchboard.ports.poster import Poster
from switchboard.ports.records import Job, JobKind
from switchboard.worker.pool import Pool
from switchboard.worker.timers import keep_time

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """How many do what at once."""

    batch: int = 32
    answerers: int = 4
    senders: int = 8
    fetchers: int = 4
    poll_s: float = 1.0
    timer_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Everybody who works in this process."""

    app: App
    poster: Poster
    hands: Hands

    async def run(self, stop: asyncio.Event) -> None:
        """Works until ``stop`` is set and everything in hand is finished. A worker that dies takes nobody with it."""
        pools = self.pools()
        tasks = [asyncio.create_task(self._keep(pool, stop), name=f"pool {pool.kind.value}") for pool in pools]
        tasks.append(asyncio.create_task(keep_time(self.app, stop, self.hands.timer_s), name="timers"))
        tasks.append(asyncio.create_task(self._tell_subscribers(stop), name="webhooks"))
        await asyncio.gather(*tasks)

    def pools(self) -> tuple[Pool, ...]:
        hands = self.hands
        return (
            Pool(
                kind=JobKind.UNDERSTAND,
                handle=understand_one,
                batch=understand_batch,
                width=hands.batch,
                poll_s=hands.poll_s,
            ),
            Pool(kind=JobKind.ANSWER, handle=answer, width=hands.answerers, poll_s=hands.poll_s),
            Pool(kind=JobKind.SEND, handle=deliver, width=hands.senders, poll_s=hands.poll_s),
            Pool(kind=JobKind.MEDIA, handle=fetch_media, width=hands.fetchers, poll_s=hands.poll_s),
            Pool(kind=JobKind.WEBHOOK, handle=self._tell, width=hands.senders, poll_s=hands.poll_s),
        )

    async def _tell(self, app: App, job: Job) -> None:
        await tell(app, self.poster, job)

    async def _keep(self, pool: Pool, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await pool.run(self.app, stop)
            except Exception:
                log.exception("the %s workers broke; they start again", pool.kind.value)
                await asyncio.sleep(1.0)

    async def _tell_subscribers(self, stop: asyncio.Event) -> None:
        """Follows the event log for those who subscribed."""
        every = timedelta(seconds=max(0.2, self.hands.poll_s)).total_seconds()
        while not stop.is_set():
            try:
                made = await fan_out(self.app)
            except Exception:
                log.exception("events could not be handed to subscribers; again in a moment")
                made = 0
            if not made:
                try:
                    await asyncio.wait_for(stop.wait(), timeout=every)
                except TimeoutError:
                    continue
