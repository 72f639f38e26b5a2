"""Who reads: the models in a process beside the server, or in this very one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from switchboard.engines.model_versions import ModelVersions
from switchboard.engines.reading_process import Models, ReadingProcess
from switchboard.engines.split_understanding import Reader, SplitUnderstanding
from switchboard.engines.understanding import build_engines, build_understanding
from switchboard.flows.app import App
from switchboard.ports.engines import Embedder
from switchboard.settings import Settings


class Engines:
    """Understanding and embedder over one loaded encoder. The products that it looks for are those of ``app``, which
    it is part of."""

    def __init__(self, settings: Settings, *, apart: bool) -> None:
        self._reading = settings.understanding
        self.app: App | None = None
        self.versions = model_versions(settings)
        self.folder = self.versions.folder_of(self.versions.choice().active)
        self.embedder: Embedder
        first: Reader
        build: Callable[[Path | None], Reader]
        if apart:
            process = self._process(self.folder)
            first, self.embedder, build = process, process, self._process
        else:
            first, self.embedder = build_engines(
                self.folder,
                threads=self._reading.threads,
                products=self._products,
                timeout=self._reading.timeout_s,
            )
            build = self._beside
        self.understanding = SplitUnderstanding(self.versions, first, self.embedder, build)

    def close(self) -> None:
        self.understanding.close()

    def _process(self, folder: Path | None) -> ReadingProcess:
        models = Models(folder=folder, threads=self._reading.threads)
        return ReadingProcess(models, products=self._products, timeout=self._reading.timeout_s)

    def _beside(self, folder: Path | None) -> Reader:
        reading = self._reading
        return build_understanding(folder, reading.threads, self._products, timeout=reading.timeout_s)

    def _products(self) -> Sequence[str]:
        return self.app.known_products() if self.app is not None else ()


def model_versions(settings: Settings) -> ModelVersions:
    """The installed models: beside the database, whatever database that is."""
    return ModelVersions(settings.data_dir / "models", settings.understanding.model_dir)
