"""Finding the passages that answer a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from switchboard.domain.knowledge import KnowledgeResult


class KnowledgeSearch(Protocol):
    """Searches what is indexed now, reloading by itself when the documents changed. An embedding that is missing
    or a broken embedder only costs quality. Raises ``Unavailable`` when the index cannot be read at all."""

    async def search(
        self, text: str, embedding: Sequence[float] | None = None, *, limit: int = 5, language: str | None = None
    ) -> tuple[KnowledgeResult, ...]: ...
