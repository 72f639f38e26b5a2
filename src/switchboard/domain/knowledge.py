"""What the business knows, and the passages that are found for a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from switchboard.domain.ids import DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeDocument:
    document_id: DocumentId
    title: str
    content: str
    category: str
    tags: tuple[str, ...]
    last_updated: datetime
    url: str | None = None
    language: str = "en"
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a document small enough to quote. ``start``/``end`` are character positions in the document's content."""

    passage_id: str
    document_id: DocumentId
    position: int
    heading: str
    text: str
    start: int
    end: int
    embedding: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeResult:
    """A passage found for a question; ``score`` in [0, 1] is comparable between questions."""

    passage: Passage
    title: str
    score: float
    text_score: float
    vector_score: float
    url: str | None = None
    category: str = ""
    language: str = "en"
