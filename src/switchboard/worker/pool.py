"""Workers for one kind of job: claim under a lease, do, and on failure give back for later or bury with the reason."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from switchboard.errors import BreakerOpen, Conflict, SwitchboardError, Unavailable
from switchboard.flows.app import App
from switchboard.flows.bury import bury_job
from switchboard.ports.records import Job, JobKind
from switchboard.ports.store import Work
from switchboard.resilience import MAX_ATTEMPTS, retry_delay

log = logging.getLogger(__name__)
BATCHES = 3
TOPICS = {
    JobKind.UNDERSTAND: "work",
    JobKind.ANSWER: "answers",
    JobKind.SEND: "outbox",
    JobKind.MEDIA: "outbox",
    JobKind.WEBHOOK: "deliveries",
}
"""Who rings for whom: a message that comes in need not wake the senders."""
Handle = Callable[[App, Job], Awaitable[None]]
HandleBatch = Callable[[App, Sequence[Job]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """``width`` jobs of ``kind`` are in hand at once; ``handle`` must finish its job inside its own transaction.

    With ``batch``, up to ``width`` jobs are handled together and a few such batches overlap: while the models read two,
    another is being stored.
    """

    kind: JobKind
    handle: Handle
    width: int
    batch: HandleBatch | None = None
    poll_s: float = 1.0
    max_failures: int = MAX_ATTEMPTS

    async def run(self, app: App, stop: asyncio.Event) -> None:
        """Works until ``stop`` is set, then lets go of what is not begun and finishes what is."""
        running: set[asyncio.Task[None]] = set()
        async with app.hub.subscribe(TOPICS[self.kind]) as hints:
            bell = _Bell(hints)
            try:
                while not stop.is_set():
                    claimed = await self._claim(app, self._room(len(running)))
                    for deed in self._deeds(app, claimed):
                        running.add(task := asyncio.create_task(deed))
                        task.add_done_callback(running.discard)
                        task.add_done_callback(lambda _: bell.ring())
                    if not claimed or not self._room(len(running)):
                        await bell.wait(self.poll_s, stop)
            finally:
                bell.close()
                if running:
                    await asyncio.wait(running, timeout=20)

    def _room(self, running: int) -> int:
        if self.batch is None:
            return self.width - running
        return self.width if running < BATCHES else 0

    def _deeds(self, app: App, jobs: Sequence[Job]) -> list[Coroutine[None, None, None]]:
        if self.batch is None:
            return [attempt(app, job, self.handle, self.max_failures) for job in jobs]
        return [self._attempt_batch(app, jobs)] if jobs else []

    async def _claim(self, app: App, room: int) -> tuple[Job, ...]:
        if room <= 0:
            return ()
        now, lease = app.clock.now(), app.tempo.lease
        try:
            return await app.store.write(lambda work: work.jobs.claim((self.kind,), room, lease, now), later=True)
        except SwitchboardError as error:
            log.warning("cannot claim %s jobs: %s", self.kind.value, error.detail)
            await asyncio.sleep(min(1.0, self.poll_s))
            return ()

    async def _attempt_batch(self, app: App, jobs: Sequence[Job]) -> None:
        """All together; if that fails, one by one, so that a poisoned message harms nobody but itself."""
        assert self.batch is not None
        try:
            await self.batch(app, jobs)
        except Exception as error:
            log.warning(
                "a batch of %d %s jobs failed (%s); one by one now", len(jobs), self.kind.value, type(error).__name__
            )
            for job in jobs:
                await attempt(app, job, self.handle, self.max_failures)


async def attempt(app: App, job: Job, handle: Handle, max_failures: int = MAX_ATTEMPTS) -> None:
    """One try. A failure is logged and comes back after 2^n seconds; the one after the fifth retry goes to the dead letters."""
    try:
        await handle(app, job)
    except Conflict as lost:
        log.info("job %d was taken over: %s", job.job_id, lost.detail)
    except BreakerOpen as closed:
        await _give_back(app, job, closed.retry_after, closed.detail, counts=False)
    except Exception as error:
        await _failed(app, job, error, max_failures)


async def _failed(app: App, job: Job, error: Exception, max_failures: int) -> None:
    reason = error.detail if isinstance(error, SwitchboardError) else type(error).__name__
    failures = job.failures + 1
    trace = None if isinstance(error, Unavailable) else error  # who cannot be reached is no mistake of the program
    log.warning("%s job %d failed, try %d: %s", job.kind.value, job.job_id, failures, reason, exc_info=trace)
    if failures > max_failures:
        with suppress(SwitchboardError):
            await bury_job(app, job, reason)
        return
    await _give_back(app, job, retry_delay(failures, secrets.randbelow(1000) / 1000), reason, counts=True)


async def _give_back(app: App, job: Job, delay: float, reason: str, *, counts: bool) -> None:
    due = app.clock.now() + timedelta(seconds=delay)

    def put_back(work: Work) -> bool:
        return work.jobs.retry(job, due, reason, counts=counts)

    with suppress(SwitchboardError):  # the lease runs out by itself
        await app.store.write(put_back)


class _Bell:
    """Wakes a waiting worker: by a hint from the hub, by a finished job, or after a while anyway."""

    def __init__(self, hints: object) -> None:
        self._event = asyncio.Event()
        self._task = asyncio.create_task(self._listen(hints))

    async def _listen(self, hints: object) -> None:
        async for _ in hints:  # type: ignore[attr-defined]  # the hub yields an async iterator
            self._event.set()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, seconds: float, stop: asyncio.Event) -> None:
        waiters = {asyncio.create_task(self._event.wait()), asyncio.create_task(stop.wait())}
        _, pending = await asyncio.wait(waiters, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        self._event.clear()

    def close(self) -> None:
        self._task.cancel()
