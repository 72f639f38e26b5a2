"""Find the passages that answer a question, by their words and by their meaning."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from switchboard.domain.ids import DocumentId
from switchboard.domain.knowledge import KnowledgeDocument, KnowledgeResult, Passage
from switchboard.domain.words import content_words, is_code

RELEVANT_FROM = 0.45
"""A result from here on is about the question; below it, the knowledge base has nothing on the matter."""

VECTOR_SHARE = 0.8
"""Weight of meaning against words for an everyday question."""
LEAST_VECTOR_SHARE = 0.45
"""Weight of meaning when the question hangs on rare names, codes or numbers."""

_K1, _B = 1.2, 0.6
_UNRELATED, _SAME = 0.10, 0.75
_TITLE_WEIGHT = 2

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One passage as the index keeps it."""

    passage: Passage
    title: str
    url: str | None
    category: str
    language: str
    terms: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeIndex:
    """All passages, searchable; never changed, only replaced. Holds about 2 kB a passage; a search over 10,000 passages
    takes some milliseconds."""

    entries: tuple[Entry, ...] = ()
    postings: Mapping[str, tuple[NDArray[np.int32], Floats]] = field(default_factory=dict)
    vectors: Floats = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))

    def search(
        self, query_text: str, query_vector: Sequence[float] | None = None, limit: int = 5, language: str | None = None
    ) -> tuple[KnowledgeResult, ...]:
        """The best ``limit`` passages, best first; only those in ``language`` where one is given. Works on words alone
        when there is no query vector, or for passages that have none."""
        if not self.entries:
            return ()
        text = self._text_scores(query_text)
        vector = self._vector_scores(query_vector)
        share = np.where(self._has_vector(), np.float32(0.0 if vector is None else self._vector_share(query_text)), 0.0)
        meaning = np.zeros_like(text) if vector is None else vector
        score = _fused(share.astype(np.float32), meaning, text)
        if language is not None:
            score = np.where([entry.language == language for entry in self.entries], score, np.float32(0.0))
        return tuple(
            _result(self.entries[at], float(score[at]), float(text[at]), float(meaning[at]))
            for at in _best(score, limit)
        )

    def with_document(self, document: KnowledgeDocument, passages: Iterable[Passage]) -> KnowledgeIndex:
        """The index in which this document (with its embeddings in the passages) stands instead of its older version."""
        kept = [entry for entry in self.entries if entry.passage.document_id != document.document_id]
        return _of_entries([*kept, *_entries(document, passages)])

    def without_document(self, document_id: DocumentId) -> KnowledgeIndex:
        return _of_entries([entry for entry in self.entries if entry.passage.document_id != document_id])

    def _text_scores(self, query_text: str) -> Floats:
        """BM25 as a share of what a passage would get that holds every word of the question once: comparable, 0..1."""
        scores = np.zeros(len(self.entries), dtype=np.float32)
        terms = set(content_words(query_text))
        possible = sum(self._weight(term) for term in terms)
        for term in terms & self.postings.keys():
            where, saturated = self.postings[term]
            scores[where] += np.float32(self._weight(term)) * saturated
        share: Floats = np.minimum(scores / np.float32(max(possible, 1e-6)), np.float32(1.0))
        return share

    def _weight(self, term: str) -> float:
        found = len(self.postings[term][0]) if term in self.postings else 0
        return math.log(1 + (len(self.entries) - found + 0.5) / (found + 0.5))

    def _vector_scores(self, query_vector: Sequence[float] | None) -> Floats | None:
        if query_vector is None or len(query_vector) != self.vectors.shape[1] or not len(query_vector):
            return None
        cosine = self.vectors @ np.asarray(query_vector, dtype=np.float32)
        scaled: Floats = np.clip((cosine - _UNRELATED) / (_SAME - _UNRELATED), 0.0, 1.0).astype(np.float32)
        return scaled

    def _has_vector(self) -> NDArray[np.bool_]:
        return np.asarray(np.any(self.vectors != 0, axis=1), dtype=np.bool_)

    def _vector_share(self, query_text: str) -> float:
        """Lower, the more of the question's weight lies in codes and in words that few passages hold."""
        weights = {term: self._weight(term) for term in set(content_words(query_text)) if term in self.postings}
        rare = sum(weight for term, weight in weights.items() if self._discriminates(term))
        discriminating = rare / max(sum(weights.values()), 1e-6)
        return VECTOR_SHARE - (VECTOR_SHARE - LEAST_VECTOR_SHARE) * discriminating

    def _discriminates(self, term: str) -> bool:
        few = max(1, min(3, len(self.entries) // 50), len(self.entries) // 400)
        return is_code(term) or len(self.postings[term][0]) <= few


def build_index(documents: Iterable[tuple[KnowledgeDocument, Sequence[Passage]]]) -> KnowledgeIndex:
    """An index over documents with their passages; passages may carry embeddings of unit length, all of one width."""
    return _of_entries([entry for document, passages in documents for entry in _entries(document, passages)])


def _entries(document: KnowledgeDocument, passages: Iterable[Passage]) -> list[Entry]:
    return [
        Entry(
            passage=passage,
            title=document.title,
            url=document.url,
            category=document.category,
            language=document.language,
            terms=_terms(document, passage),
        )
        for passage in passages
    ]


def _terms(document: KnowledgeDocument, passage: Passage) -> Counter[str]:
    terms = Counter(content_words(passage.text))
    about = content_words(" ".join((document.title, passage.heading, *document.tags)))
    terms.update(dict.fromkeys(about, _TITLE_WEIGHT))
    return terms


def _of_entries(entries: list[Entry]) -> KnowledgeIndex:
    return KnowledgeIndex(entries=tuple(entries), postings=_postings(entries), vectors=_matrix(entries))


def _postings(entries: list[Entry]) -> dict[str, tuple[NDArray[np.int32], Floats]]:
    lengths = [sum(entry.terms.values()) for entry in entries]
    average = sum(lengths) / max(1, len(lengths))
    where: dict[str, list[int]] = {}
    scores: dict[str, list[float]] = {}
    for at, (entry, length) in enumerate(zip(entries, lengths, strict=True)):
        norm = _K1 * (1 - _B + _B * length / max(average, 1.0))
        for term, count in entry.terms.items():
            where.setdefault(term, []).append(at)
            scores.setdefault(term, []).append(count * (_K1 + 1) / (count + norm))
    return {
        term: (np.asarray(where[term], dtype=np.int32), np.asarray(scores[term], dtype=np.float32)) for term in where
    }


def _matrix(entries: list[Entry]) -> Floats:
    """One row a passage; passages without an embedding get a row of zeros."""
    width = max((len(entry.passage.embedding) for entry in entries), default=0)
    matrix = np.zeros((len(entries), width), dtype=np.float32)
    for row, entry in enumerate(entries):
        if len(entry.passage.embedding) == width:
            matrix[row] = entry.passage.embedding
    return matrix


def _fused(share: Floats, meaning: Floats, text: Floats) -> Floats:
    """Words and meaning as one score. Passages are ordered by both in relation to this question's best of each, since long
    questions dampen word scores; the size of the scores comes from the plain sum, which compares between questions."""
    order = share * meaning / max(float(meaning.max()), 1e-6) + (1 - share) * text / max(float(text.max()), 1e-6)
    plain = share * meaning + (1 - share) * text
    fused: Floats = order * (plain[order.argmax()] / max(float(order.max()), 1e-6))
    return fused


def _best(score: Floats, limit: int) -> list[int]:
    count = min(limit, len(score))
    if count < 1:
        return []
    chosen = np.argpartition(-score, count - 1)[:count]
    return sorted((int(at) for at in chosen if score[at] > 0), key=lambda at: (-score[at], at))


def _result(entry: Entry, score: float, text_score: float, vector_score: float) -> KnowledgeResult:
    return KnowledgeResult(
        passage=entry.passage,
        title=entry.title,
        score=round(min(max(score, 0.0), 1.0), 4),
        text_score=round(text_score, 4),
        vector_score=round(vector_score, 4),
        url=entry.url,
        category=entry.category,
        language=entry.language,
    )
