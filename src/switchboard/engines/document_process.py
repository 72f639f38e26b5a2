"""Reads a document that somebody handed in, in a process of its own that is stopped when it takes too long."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from switchboard.engines.document_reader import ReadDocument, read_document
from switchboard.errors import InvalidInput, SwitchboardError, TooLarge, Unavailable

AT_ONCE = 2
START_SECONDS = 30.0

Refusal = tuple[str, str, str | None, str | None]
"""(kind, detail, limit, fix): our errors, in a form that travels between processes."""
Reader = Callable[[str, bytes], ReadDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReader:
    """``await reader(name, data)`` is ``read_document`` with an end: at most ``seconds`` and ``megabytes`` a document."""

    seconds: float = 10.0
    megabytes: int = 1024
    reader: Reader = read_document
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def __call__(self, name: str, data: bytes) -> ReadDocument:
        """Raises ``TooLarge`` for a document that takes too long or too much memory, ``InvalidInput`` for one that cannot
        be read, ``Unavailable`` if no process can be started."""
        async with self._slots:
            return await asyncio.to_thread(self._read, name, data)

    def _read(self, name: str, data: bytes) -> ReadDocument:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_work, args=(theirs, self.megabytes, self.reader), daemon=True, name="document-reader"
        )
        try:
            process.start()
            theirs.close()
            return self._asked(ours, name, data)
        except OSError as error:
            raise Unavailable("no document reader could be started") from error
        finally:
            ours.close()
            _stop(process)

    def _asked(self, ours: Connection, name: str, data: bytes) -> ReadDocument:
        try:
            if not ours.poll(START_SECONDS) or ours.recv() != "ready":
                raise Unavailable("no document reader could be started")
            ours.send((name, data))
            if not ours.poll(self.seconds):
                raise TooLarge(
                    "the document takes too long to read",
                    field="file",
                    limit=f"{self.seconds:g} seconds",
                    fix="split it, or save it as plain text",
                )
            return _unpacked(ours.recv())
        except EOFError:
            raise TooLarge("the document needs too much memory", field="file", fix="split the document") from None


def _work(theirs: Connection, megabytes: int, reader: Reader) -> None:
    """The other process's life: one document."""
    _cap_memory(megabytes)
    theirs.send("ready")
    name, data = theirs.recv()
    theirs.send(_outcome(reader, name, data))


def _outcome(reader: Reader, name: str, data: bytes) -> ReadDocument | Refusal:
    try:
        return reader(name, data)
    except SwitchboardError as error:
        return ("large" if isinstance(error, TooLarge) else "invalid", error.detail, error.limit, error.fix)
    except MemoryError:
        return ("large", "the document needs too much memory", None, "split the document")
    except Exception as error:  # whatever a hostile file does to the reader, it is the file that is refused
        return ("invalid", f"the document cannot be read ({type(error).__name__})", None, "save it as plain text")


def _unpacked(outcome: ReadDocument | Refusal) -> ReadDocument:
    if isinstance(outcome, ReadDocument):
        return outcome
    kind, detail, limit, fix = outcome
    refused = TooLarge if kind == "large" else InvalidInput
    raise refused(detail, field="file", limit=limit, fix=fix)


def _cap_memory(megabytes: int) -> None:
    try:
        import resource  # not on Windows
    except ImportError:
        return
    limit = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _stop(process: BaseProcess) -> None:
    if process.pid is not None:
        process.kill()
        process.join(5)
        process.close()
