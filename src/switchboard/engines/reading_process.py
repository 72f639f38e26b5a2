"""The models in a process of their own: reading a message never keeps the next one waiting at the door.

Two threads of one interpreter take turns, two processes do not. The reader is also told to be nice: while the server has
something to do, the processor is the server's.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from switchboard.domain.reading import Reading
from switchboard.engines.embedder import OnnxEmbedder
from switchboard.engines.onnx_encoder import OnnxEncoder
from switchboard.engines.understanding import TIMED_BATCH, TIMEOUT, OnnxUnderstanding, no_products, why_rules
from switchboard.errors import Unavailable
from switchboard.ports.engines import TextToRead

logger = logging.getLogger(__name__)

START_SECONDS = 60.0
"""To start the process and load the models."""
ABREAST = 2
"""Batches that are read at the same time, where there are processors for it."""
NICENESS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """What the process loads, and how many threads one batch may use."""

    folder: Path | None = None
    threads: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Have the models at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    texts: tuple[TextToRead, ...]
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    texts: tuple[str, ...]


Ask = Load | Read | Embed


class ReadingProcess:
    """Fulfils ``ports.engines.Understanding`` and ``Embedder``. Started by the first question; ``close`` it at the end."""

    def __init__(
        self,
        models: Models | None = None,
        *,
        products: Callable[[], Sequence[str]] = no_products,
        timeout: float = TIMEOUT,
    ) -> None:
        self._models = models or Models()
        self._products, self._timeout = products, timeout
        self._rules = OnnxUnderstanding(OnnxEncoder(self._models.folder), products=products)
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="reader-pipe")
        self._starting = threading.Lock()
        self._helper: _Helper | None = None
        self._closed = False

    async def read(self, texts: Sequence[TextToRead]) -> list[Reading]:
        """One reading for each text, in order. Never raises on any text: the rules answer when the models do not."""
        if not texts:
            return []
        ask = Read(texts=tuple(texts), products=tuple(self._products()))
        try:
            readings: list[Reading] = await self._answer(ask, self._timeout * max(1.0, len(texts) / TIMED_BATCH))
        except Exception as error:
            logger.warning("rules read %d messages: the models failed with %s", len(texts), type(error).__name__)
            return [self._rules.by_rules(text, why_rules(error)) for text in texts]
        return readings

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        """Unit vectors of 384 floats, in order. Raises ``Unavailable`` when the models cannot be loaded or run."""
        if not texts:
            return []
        try:
            vectors: list[Sequence[float]] = await self._answer(Embed(texts=tuple(texts)), START_SECONDS)
        except Exception as error:
            raise Unavailable(
                f"the text encoder cannot run ({type(error).__name__}): check the model folder"
            ) from error
        return vectors

    def load(self) -> None:
        """Starts the process and has it load its models, so that the first customer does not wait. Raises what fails."""
        self._running().ready.result(START_SECONDS)

    def close(self) -> None:
        """Stops the process; what it was just reading is left to the rules."""
        with self._starting:
            self._closed = True
            if self._helper is not None:
                self._helper.stop()
        self._sender.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, ask: Ask, seconds: float) -> Any:
        """Asks again once when the process died: something else may have killed it. Raises what went wrong there,
        ``TimeoutError`` when it hangs, ``EOFError`` when it dies of this very question."""
        try:
            return await self._asked(ask, seconds)
        except EOFError:
            return await self._asked(ask, seconds)

    async def _asked(self, ask: Ask, seconds: float) -> Any:
        loop = asyncio.get_running_loop()
        helper = await loop.run_in_executor(self._sender, self._running)
        try:
            async with asyncio.timeout(START_SECONDS):  # loading is no hanging
                with suppress(Exception):  # a reader without models still answers why
                    await asyncio.wrap_future(helper.ready)
            answer = await loop.run_in_executor(self._sender, helper.send, ask)
            async with asyncio.timeout(seconds):
                return await asyncio.wrap_future(answer)
        except TimeoutError:
            helper.stop()  # the next question gets a fresh one
            raise

    def _running(self) -> _Helper:
        with self._starting:
            if self._closed:
                raise Unavailable("the reading process is closed")
            if self._helper is None or self._helper.gone:
                self._helper = _Helper(self._models)
            return self._helper


class _Helper:
    """One process, our end of its pipe, and the thread that listens for its answers."""

    def __init__(self, models: Models) -> None:
        os.environ.setdefault("MALLOC_ARENA_MAX", "1")  # read by the C library at the start: less memory held
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, models), daemon=True, name="reader")
        self._process.start()
        theirs.close()
        self._numbers = itertools.count()
        self._waiting: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        self.gone = False
        threading.Thread(target=self._listen, name="reader-answers", daemon=True).start()
        self.ready = self.send(Load())

    def send(self, ask: Ask) -> Future[Any]:
        """What becomes of the question. Blocks while the pipe is full: not for the event loop."""
        answer: Future[Any] = Future()
        answer.set_running_or_notify_cancel()  # whoever stops waiting does not undo it
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = answer
        try:
            if self.gone:
                raise EOFError
            self._pipe.send((number, ask))
        except (EOFError, OSError):
            self._fail(number)
        return answer

    def stop(self) -> None:
        """Every open question ends with ``EOFError``."""
        self.gone = True
        self._process.kill()

    def _listen(self) -> None:
        while True:
            try:
                number, value, fault = self._pipe.recv()
            except (EOFError, OSError):
                break
            answer = self._waiting.pop(number, None)
            if answer is not None and fault is None:
                answer.set_result(value)
            elif answer is not None:
                answer.set_exception(RuntimeError(fault))
        self.gone = True
        for number in list(self._waiting):
            self._fail(number)
        self._process.join(5)
        self._pipe.close()

    def _fail(self, number: int) -> None:
        answer = self._waiting.pop(number, None)
        if answer is not None:
            answer.set_exception(EOFError("the reading process is gone"))


def work(pipe: Connection, models: Models) -> None:
    """The other process's life: it answers until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches everybody; the server says when to stop
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    desk = _Desk(models)
    speaking = threading.Lock()

    def answer(number: int, ask: Ask) -> None:
        value: Sequence[object] | None = None
        fault: str | None = None
        try:
            value = desk.answer(ask)
        except Exception as error:
            fault = type(error).__name__
        with speaking:
            pipe.send((number, value, fault))

    with ThreadPoolExecutor(max(1, min(ABREAST, os.cpu_count() or 1))) as readers, ThreadPoolExecutor(1) as embedder:
        while True:
            try:
                number, ask = pipe.recv()
            except (EOFError, OSError):
                os._exit(0)  # nobody is left to hear an answer
            (embedder if isinstance(ask, Embed) else readers).submit(answer, number, ask)


class _Desk:
    """Where the questions are answered, with one loaded encoder for all of them."""

    def __init__(self, models: Models) -> None:
        encoder = OnnxEncoder(models.folder, threads=models.threads)
        self._names: tuple[str, ...] = ()
        self._reader = OnnxUnderstanding(encoder, model_dir=models.folder, products=lambda: self._names)
        self._embedder = OnnxEmbedder(encoder)

    def answer(self, ask: Ask) -> Sequence[object] | None:
        match ask:
            case Read(texts=texts, products=names):
                self._names = names
                return self._reader.read_now(texts)
            case Embed(texts=words):
                return self._embedder.embed_now(words)
            case Load():
                self._reader.load()
                return None
