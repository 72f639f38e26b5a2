"""Two model versions side by side: each conversation is read by the one that the choice gives it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from switchboard.domain.reading import Reading
from switchboard.engines.model_files import encoder_fingerprint
from switchboard.engines.model_versions import ModelVersions
from switchboard.errors import SwitchboardError
from switchboard.ports.engines import Embedder, TextToRead

log = logging.getLogger(__name__)


class Reader(Protocol):
    """An understanding that can be loaded ahead and closed."""

    async def read(self, texts: Sequence[TextToRead]) -> list[Reading]: ...

    def load(self) -> None: ...

    def close(self) -> None: ...


class SplitUnderstanding:
    """Fulfils ``ports.engines.Understanding``. ``first`` reads for the version that was active at the start, whose encoder
    also serves retrieval; another version is built by ``build`` when it is first needed and closed when no longer chosen.

    All embeddings come from the encoder of the start: where another version's encoder differs, its vectors are replaced,
    so that likeness with earlier messages and with the knowledge base keeps its meaning.
    """

    def __init__(
        self, versions: ModelVersions, first: Reader, embedder: Embedder, build: Callable[[Path | None], Reader]
    ) -> None:
        self._versions, self._embedder, self._build = versions, embedder, build
        self._first_version = versions.choice().active
        self._readers: dict[str, Reader] = {self._first_version: first}
        self._alien: dict[str, bool] = {self._first_version: False}

    async def read(self, texts: Sequence[TextToRead]) -> list[Reading]:
        """One reading for each text, in order; each batch goes to at most two models."""
        choice = self._versions.choice()
        if choice.candidate is None and choice.active == self._first_version:
            return await self._readers[self._first_version].read(texts)
        self._retire({self._first_version, choice.active, choice.candidate})
        readings: dict[int, Reading] = {}
        wanted = [choice.version_for(text.key) for text in texts]
        for version in dict.fromkeys(wanted):
            places = [place for place, name in enumerate(wanted) if name == version]
            found = await self._read_by(version, [texts[place] for place in places])
            readings.update(zip(places, found, strict=True))
        return [readings[place] for place in range(len(texts))]

    def load(self) -> None:
        self._readers[self._first_version].load()

    def close(self) -> None:
        for reader in self._readers.values():
            reader.close()

    async def _read_by(self, version: str, texts: Sequence[TextToRead]) -> list[Reading]:
        try:
            reader = self._reader_of(version)
        except (SwitchboardError, OSError) as error:
            log.warning("the model %s cannot be used (%s): the one of the start reads", version, type(error).__name__)
            return await self._readers[self._first_version].read(texts)
        found = await reader.read(texts)
        if not self._alien[version]:
            return found
        try:
            vectors = await self._embedder.embed([text.text for text in texts])
        except SwitchboardError:
            return [replace(reading, embedding=()) for reading in found]
        return [replace(reading, embedding=vector) for reading, vector in zip(found, vectors, strict=True)]

    def _reader_of(self, version: str) -> Reader:
        if version not in self._readers:
            folder, first = self._versions.folder_of(version), self._versions.folder_of(self._first_version)
            self._readers[version] = self._build(folder)
            self._alien[version] = encoder_fingerprint(folder) != encoder_fingerprint(first)
            log.info("the model %s reads from now on", version)
        return self._readers[version]

    def _retire(self, needed: set[str | None]) -> None:
        for version in self._readers.keys() - needed:
            self._readers.pop(version).close()
            del self._alien[version]
