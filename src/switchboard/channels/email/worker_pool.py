"""Reads mails from outside in helper processes that are stopped when a mail takes too long or too much memory."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from switchboard.channels.email.files import FilePart
from switchboard.channels.email.message import Delivery, MailRules, ParsedMail, parse_mail
from switchboard.errors import SwitchboardError, TooLarge, Unavailable

SMALL = 64 * 1024
"""Mails below this are read in this process: the reader is linear in their size, see ``mime``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLimits:
    """``seconds`` of processor time and ``megabytes`` of one reading; ``workers`` processes; ``start_seconds`` to start
    one; ``patience`` in seconds until a reading that gets no processor is given up for now."""

    seconds: float = 2.0
    patience: float = 60.0
    megabytes: int = 512
    workers: int = 2
    start_seconds: float = 30.0


Outcome = ParsedMail | tuple[str, str, str]
"""What a worker answers: the reading, or what went wrong as (kind, detail, limit)."""

Job = tuple[bytes, MailRules, Delivery]
Reader = Callable[[bytes, MailRules, Delivery], ParsedMail]


def read_here(raw: bytes, rules: MailRules, delivery: Delivery) -> ParsedMail:
    return parse_mail(raw, rules=rules, delivery=delivery)


def _work(connection: Connection, limits: PoolLimits, reader: Reader) -> None:
    """A worker's life: one job after the other until the pool closes the pipe."""
    _cap_memory(limits.megabytes)
    _step_back()
    connection.send("ready")
    while True:
        try:
            rules, delivery = connection.recv()
            raw = connection.recv_bytes()
        except (EOFError, OSError):
            return
        _allow(limits.seconds)
        outcome = _outcome(raw, rules, delivery, reader)
        _allow(0)
        _send(connection, outcome)


def _step_back() -> None:
    """Whoever answers people goes first: a huge mail takes what they leave of the processor."""
    if hasattr(os, "nice"):
        os.nice(19)
    if hasattr(os, "SCHED_IDLE"):  # unlike a nice process, it makes way the moment somebody else has work
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _allow(seconds: float) -> None:
    """When so much processor time is used up, the system ends this process; 0 = no limit. Not on Windows."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _send(connection: Connection, outcome: Outcome) -> None:
    """The files' bytes go beside the reading: to pack megabytes into one object would stop the whole server for it."""
    if not isinstance(outcome, ParsedMail):
        connection.send(outcome)
        return
    connection.send(replace(outcome, files=tuple(FilePart(file.attachment, b"") for file in outcome.files)))
    for file in outcome.files:
        connection.send_bytes(file.content)


def _received(connection: Connection) -> Outcome:
    outcome: Outcome = connection.recv()
    if not isinstance(outcome, ParsedMail):
        return outcome
    return replace(outcome, files=tuple(FilePart(file.attachment, connection.recv_bytes()) for file in outcome.files))


def _cap_memory(megabytes: int) -> None:
    try:
        import resource  # not on Windows
    except ImportError:
        return
    limit = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _outcome(raw: bytes, rules: MailRules, delivery: Delivery, reader: Reader) -> Outcome:
    try:
        return reader(raw, rules, delivery)
    except TooLarge as error:
        return ("too_large", error.detail, error.limit or "")
    except MemoryError:
        return ("too_large", "The mail needs too much memory to read.", "")
    except SwitchboardError as error:
        return ("refused", error.detail, "")
    except Exception as error:  # a reader's fault must not end the worker; the mail goes to the dead letters
        return ("refused", f"The mail could not be read ({type(error).__name__}).", "")


class _Worker:
    """One helper process and our end of its pipe."""

    def __init__(self, limits: PoolLimits, reader: Reader) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._limits = limits
        self._wait = limits.patience if hasattr(signal, "setitimer") else limits.seconds
        self._process: BaseProcess = context.Process(
            target=_work, args=(theirs, limits, reader), daemon=True, name="mail-reader"
        )
        self._process.start()
        theirs.close()
        if not self._connection.poll(limits.start_seconds) or not self._greeted():
            self.stop()
            raise Unavailable("No mail reader could be started.")

    def _greeted(self) -> bool:
        try:
            return bool(self._connection.recv() == "ready")
        except (EOFError, OSError):
            return False

    def run(self, job: Job) -> Outcome | None:
        """The outcome, or None if the process died, of its limit or otherwise. Raises ``Unavailable`` if it did not get
        far enough. After either this worker must not be used again."""
        try:
            raw, rules, delivery = job
            self._connection.send((rules, delivery))
            self._connection.send_bytes(raw)
            if self._connection.poll(self._wait):
                return _received(self._connection)
        except (EOFError, OSError):
            return None
        if self._wait > self._limits.seconds:
            raise Unavailable("The processor is too busy to read this mail.", retry_after=60.0)
        return None

    def stop(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.join(5)
        self._process.close()


class MailReaderPool:
    """Up to ``workers`` helper processes, started when first needed. Use it from any thread; ``close`` it at the end."""

    def __init__(self, limits: PoolLimits | None = None, *, small: int = SMALL, reader: Reader = read_here) -> None:
        self._limits = limits or PoolLimits()
        self._small = small
        self._reader = reader
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._slots = threading.Semaphore(self._limits.workers)
        self._closed = False

    def read(self, raw: bytes, rules: MailRules, delivery: Delivery) -> ParsedMail:
        """Like ``parse_mail``, but never longer than the limit. Raises ``TooLarge`` for a mail that takes too long or
        too much memory, ``Unavailable`` if no reader can be started or gets on. Blocks: use ``aread`` in coroutines."""
        if len(raw) < self._small:
            return self._reader(raw, rules, delivery)
        with self._slots:
            worker, outcome = self._worker(), None
            try:
                outcome = worker.run((raw, rules, delivery))
            finally:
                if outcome is None:
                    worker.stop()
                else:
                    self._put_back(worker)
        return _unpacked(outcome, self._limits)

    async def aread(self, raw: bytes, rules: MailRules, delivery: Delivery) -> ParsedMail:
        """``read`` without blocking the event loop (small mails are read at once)."""
        if len(raw) < self._small:
            return self._reader(raw, rules, delivery)
        return await asyncio.to_thread(self.read, raw, rules, delivery)

    def _worker(self) -> _Worker:
        if self._closed:
            raise Unavailable("The mail readers are shut down.")
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return _Worker(self._limits, self._reader)

    def _put_back(self, worker: _Worker) -> None:
        if self._closed:
            worker.stop()
        else:
            self._idle.put(worker)

    def close(self) -> None:
        self._closed = True
        while True:
            try:
                self._idle.get_nowait().stop()
            except queue.Empty:
                return


def _unpacked(outcome: Outcome | None, limits: PoolLimits) -> ParsedMail:
    if isinstance(outcome, ParsedMail):
        return outcome
    if outcome is None:
        raise TooLarge("The mail takes too long to read.", field="mail", limit=f"{limits.seconds} seconds")
    kind, detail, limit = outcome
    if kind == "too_large":
        raise TooLarge(detail, field="mail", limit=limit or None)
    raise TooLarge(detail, field="mail")
