"""An App in memory without models and channels, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from switchboard.domain.reading import Reading
from switchboard.engines.blobs import MemoryBlobs
from switchboard.engines.hub import LocalHub
from switchboard.engines.knowledge_search import StoredKnowledge
from switchboard.flows.app import App
from switchboard.ports.engines import TextToRead
from switchboard.stores import open_sqlite
from switchboard.understanding.language import language_by_rules
from switchboard.understanding.rules import read_by_rules
from tests.stores.opening import MASTER, SetClock

NOW = datetime(2026, 5, 18, 10, 47, tzinfo=UTC)


class RuleReader:
    """Reads by rules alone, so that the test needs no model."""

    async def read(self, texts: Sequence[TextToRead]) -> list[Reading]:
        return [read_by_rules(t.text, language=language_by_rules(t.text), entities=()) for t in texts]


class LetterEmbedder:
    """A vector of letter counts: enough to tell texts apart."""

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        return [_letters(text) for text in texts]


def _letters(text: str) -> tuple[float, ...]:
    counts = [float(text.lower().count(chr(97 + n % 26))) if n < 26 else 0.0 for n in range(384)]
    length = sum(c * c for c in counts) ** 0.5 or 1.0
    return tuple(c / length for c in counts)


def make_app() -> App:
    clock = SetClock()
    clock.time = NOW
    store, embedder = open_sqlite(None, MASTER, clock), LetterEmbedder()
    return App(
        store=store,
        clock=clock,
        hub=LocalHub(),
        blobs=MemoryBlobs(),
        understanding=RuleReader(),
        embedder=embedder,
        knowledge=StoredKnowledge(store, embedder),
        channels={},
    )
