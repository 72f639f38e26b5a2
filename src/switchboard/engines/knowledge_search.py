"""The knowledge index of the running process: built from the store, rebuilt when the documents change."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence

from switchboard.domain.ids import DocumentId
from switchboard.domain.knowledge import KnowledgeDocument, KnowledgeResult, Passage
from switchboard.errors import SwitchboardError, Unavailable
from switchboard.knowledge.index import KnowledgeIndex, build_index
from switchboard.ports.engines import Embedder
from switchboard.ports.store import Store, Work

log = logging.getLogger(__name__)


class StoredKnowledge:
    """Fulfils ``KnowledgeSearch`` over ``Store.knowledge``. When the store cannot be read, the last index answers."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder
        self._index = KnowledgeIndex()
        self._generation = -1
        self._rebuilding = asyncio.Lock()

    async def search(
        self, text: str, embedding: Sequence[float] | None = None, *, limit: int = 5, language: str | None = None
    ) -> tuple[KnowledgeResult, ...]:
        index = await self._current()
        vector = embedding if embedding is not None and len(embedding) else await self._vector(text)
        return await asyncio.to_thread(index.search, text, vector, limit, language)

    async def _current(self) -> KnowledgeIndex:
        try:
            generation = await self._store.read(lambda work: work.knowledge.generation())
            if generation != self._generation:
                async with self._rebuilding:
                    if generation != self._generation:
                        self._index = await self._rebuilt()
                        self._generation = generation
        except Unavailable:
            if self._generation < 0:
                raise
            log.warning("the knowledge base cannot be read; answering from the last index")
        return self._index

    async def _rebuilt(self) -> KnowledgeIndex:
        return await asyncio.to_thread(build_index, _by_document(await self._store.read(_all_passages)))

    async def _vector(self, text: str) -> Sequence[float] | None:
        try:
            return (await self._embedder.embed([text]))[0]
        except SwitchboardError as error:
            log.warning("searching by words alone: %s", error.detail)
            return None


def _all_passages(work: Work) -> tuple[tuple[KnowledgeDocument, Passage], ...]:
    return work.knowledge.passages()


def _by_document(
    rows: tuple[tuple[KnowledgeDocument, Passage], ...],
) -> list[tuple[KnowledgeDocument, list[Passage]]]:
    documents: dict[DocumentId, KnowledgeDocument] = {}
    passages: defaultdict[DocumentId, list[Passage]] = defaultdict(list)
    for document, passage in rows:
        documents[document.document_id] = document
        passages[document.document_id].append(passage)
    return [(documents[key], found) for key, found in passages.items()]
