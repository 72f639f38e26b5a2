"""Who reads: the models in a process beside the server, or in this very one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from switchboard.engines.reading_process import Models, ReadingProcess
from switchboard.engines.understanding import build_engines
from switchboard.flows.app import App
from switchboard.ports.engines import Embedder, Understanding
from switchboard.settings import Settings


class Engines:
    """Understanding and embedder over one loaded encoder. The products that it looks for are those of ``app``, which
    it is part of."""

    def __init__(self, settings: Settings, *, apart: bool) -> None:
        reading = settings.understanding
        self.app: App | None = None
        self.close: Callable[[], None] = _nothing
        self.understanding: Understanding
        self.embedder: Embedder
        if apart:
            models = Models(folder=reading.model_dir, threads=reading.threads)
            helper = ReadingProcess(models, products=self._products, timeout=reading.timeout_s)
            self.understanding, self.embedder, self.close = helper, helper, helper.close
        else:
            self.understanding, self.embedder = build_engines(
                reading.model_dir, threads=reading.threads, products=self._products, timeout=reading.timeout_s
            )

    def _products(self) -> Sequence[str]:
        return self.app.known_products() if self.app is not None else ()


def _nothing() -> None:
    """There is nothing to close."""
