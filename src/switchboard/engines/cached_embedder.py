"""Remembers the vectors of sentences that are asked for again and again: those of the knowledge base."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from switchboard.ports.engines import Embedder


class CachedEmbedder:
    """Fulfils ``Embedder``; keeps the newest ``size`` vectors (about 12 kB each as Python floats)."""

    def __init__(self, inner: Embedder, size: int = 4000) -> None:
        self._inner = inner
        self._size = size
        self._known: OrderedDict[str, Sequence[float]] = OrderedDict()

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        missing = list(dict.fromkeys(text for text in texts if text not in self._known))
        fresh = dict(zip(missing, await self._inner.embed(missing), strict=True)) if missing else {}
        vectors = [fresh[text] if text in fresh else self._known[text] for text in texts]
        for text, vector in zip(texts, vectors, strict=True):
            self._known[text] = vector
            self._known.move_to_end(text)
        while len(self._known) > self._size:
            self._known.popitem(last=False)
        return vectors
