"""What happens by the clock: archiving, serving the queue, counting what waits, clearing away what has expired."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from switchboard.errors import SwitchboardError
from switchboard.flows import attention, pauses
from switchboard.flows.app import App
from switchboard.flows.archive import archive_quiet
from switchboard.flows.call_end import end_silent_calls
from switchboard.flows.files import clear_unsent
from switchboard.flows.handover import serve_queue
from switchboard.flows.retention import apply_retention
from switchboard.flows.sweep import clear_files, sweep_files
from switchboard.flows.templates import refresh_all_templates
from switchboard.ports.records import JobKind

log = logging.getLogger(__name__)
KEEP_PAYLOADS = timedelta(days=7)
KEEP_MACHINE_MAILS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Timer:
    """Runs once in each period on any number of replicas."""

    name: str
    every: timedelta
    act: Callable[[App], Awaitable[object]]


async def clear_expired(app: App) -> None:
    """Raw payloads after a week, remembered answers and automatic mails after their day."""
    now = app.clock.now()
    await app.store.write(
        lambda work: (
            work.payloads.purge(now - KEEP_PAYLOADS),
            work.answers.purge(now),
            work.calls.purge(now - KEEP_PAYLOADS),
            work.machine_mails.purge(now - KEEP_MACHINE_MAILS),
        )
    )


async def count_backlog(app: App) -> None:
    app.waiting = (await app.store.read(lambda work: work.jobs.backlog(JobKind.UNDERSTAND))).waiting


TIMERS = (
    Timer("serve_queue", timedelta(seconds=15), serve_queue),
    Timer("end_silent_calls", timedelta(seconds=60), end_silent_calls),
    Timer("archive_quiet", timedelta(seconds=60), archive_quiet),
    Timer("retention", timedelta(hours=1), apply_retention),
    Timer("clear_expired", timedelta(hours=1), clear_expired),
    Timer("clear_unsent", timedelta(hours=1), clear_unsent),
    Timer("sweep_files", timedelta(hours=1), sweep_files),
    Timer("templates", timedelta(hours=1), refresh_all_templates),
)


async def keep_time(app: App, stop: asyncio.Event, every_s: float) -> None:
    """Looks every few seconds which timer is due; a failing one is logged and tried again next time."""
    await _run(app, Timer("clear_files", timedelta(0), clear_files))  # what a crash left half done
    while not stop.is_set():
        app.forget_business()  # another replica may have changed the settings
        with suppress(SwitchboardError):
            await count_backlog(app)
            await attention.look(app)
            await pauses.tell(app)
        for timer in TIMERS:
            await _run_if_due(app, timer)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=every_s)


async def _run_if_due(app: App, timer: Timer) -> None:
    now = app.clock.now()
    try:
        due = await app.store.write(lambda work: work.schedules.take(timer.name, timer.every, now))
    except SwitchboardError as error:
        log.warning("timer %s: %s", timer.name, error.detail)
        return
    if due:
        await _run(app, timer)


async def _run(app: App, timer: Timer) -> None:
    try:
        await timer.act(app)
    except SwitchboardError as error:
        log.warning("timer %s: %s", timer.name, error.detail)
    except Exception:
        log.exception("timer %s broke", timer.name)
