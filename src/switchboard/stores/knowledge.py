"""What the business knows: documents and their passages. Not customer data, so kept readable."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from switchboard.domain.ids import DocumentId
from switchboard.domain.knowledge import KnowledgeDocument, Passage
from switchboard.ports.records import Page
from switchboard.ports.tables.rows import Rows
from switchboard.stores.codec import load_list, micros, moment, text_dumps
from switchboard.stores.database import Row, insert, sql, upsert
from switchboard.stores.session import Session, cursor_of, page_limit, pair_cursor

_COLUMNS = ["title", "content", "category", "tags", "last_updated", "url", "language", "version"]
_DOCUMENT = ", ".join(f"d.{name}" for name in ["document_id", *_COLUMNS])
_PUT = upsert("documents", ["document_id"], _COLUMNS)
_GET = sql(f"SELECT {_DOCUMENT} FROM documents d WHERE document_id = :id")
_FIRST_PAGE = sql(f"SELECT {_DOCUMENT} FROM documents d ORDER BY last_updated DESC, document_id DESC LIMIT :limit")
_NEXT_PAGE = sql(
    f"SELECT {_DOCUMENT} FROM documents d WHERE (last_updated, document_id) < (:first, :second) "
    "ORDER BY last_updated DESC, document_id DESC LIMIT :limit"
)
_PASSAGE_COLUMNS = ["passage_id", "document_id", "position", "heading", "text", "start_at", "end_at", "embedding"]
_ADD_PASSAGE = insert("passages", _PASSAGE_COLUMNS)
_DROP_PASSAGES = sql("DELETE FROM passages WHERE document_id = :id")
_DROP = sql("DELETE FROM documents WHERE document_id = :id")
_PASSAGES = sql(f"SELECT {', '.join(_PASSAGE_COLUMNS)} FROM passages ORDER BY document_id, position")
_DOCUMENTS = sql(f"SELECT {_DOCUMENT} FROM documents d")
_RAISE = sql(
    "INSERT INTO counters (name, value) VALUES ('knowledge', 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1"
)
_GENERATION = sql("SELECT value FROM counters WHERE name = 'knowledge'")


class SqlKnowledge:
    """Fulfils ``ports.store.Knowledge``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def add(self, document: KnowledgeDocument, passages: Sequence[Passage]) -> None:
        self._db.run(
            _PUT,
            document_id=document.document_id,
            title=document.title,
            content=document.content,
            category=document.category,
            tags=text_dumps(document.tags),
            last_updated=micros(document.last_updated),
            url=document.url,
            language=document.language,
            version=document.version,
        )
        self._db.run(_DROP_PASSAGES, id=document.document_id)
        self._db.many(_ADD_PASSAGE, [_passage_row(passage) for passage in passages])
        self._db.run(_RAISE)

    def get(self, document_id: DocumentId) -> KnowledgeDocument | None:
        row = self._db.one(_GET, id=document_id)
        return None if row is None else _document(row)

    def page(self, page: Page) -> Rows[KnowledgeDocument]:
        """Last changed first."""
        limit, cursor = page_limit(page), pair_cursor(page)
        if cursor is None:
            rows = self._db.all(_FIRST_PAGE, limit=limit + 1)
        else:
            rows = self._db.all(_NEXT_PAGE, limit=limit + 1, first=cursor[0], second=cursor[1])
        following = cursor_of(rows[limit - 1].last_updated, rows[limit - 1].document_id) if len(rows) > limit else None
        return Rows(items=tuple(_document(row) for row in rows[:limit]), next_cursor=following)

    def remove(self, document_id: DocumentId) -> bool:
        self._db.run(_DROP_PASSAGES, id=document_id)
        removed = bool(self._db.run(_DROP, id=document_id))
        if removed:
            self._db.run(_RAISE)
        return removed

    def passages(self) -> tuple[tuple[KnowledgeDocument, Passage], ...]:
        documents = {row.document_id: _document(row) for row in self._db.all(_DOCUMENTS)}
        return tuple((documents[row.document_id], _passage(row)) for row in self._db.all(_PASSAGES))

    def generation(self) -> int:
        return self._db.number(_GENERATION)


def _passage_row(passage: Passage) -> dict[str, object]:
    return {
        "passage_id": passage.passage_id,
        "document_id": passage.document_id,
        "position": passage.position,
        "heading": passage.heading,
        "text": passage.text,
        "start_at": passage.start,
        "end_at": passage.end,
        "embedding": np.asarray(passage.embedding, dtype="<f4").tobytes(),
    }


def _passage(row: Row) -> Passage:
    # An array, not a tuple: twenty thousand passages stay 30 MB instead of 250.
    embedding = array("f", np.frombuffer(row.embedding, dtype="<f4").astype(np.float32).tobytes())
    return Passage(
        passage_id=row.passage_id,
        document_id=DocumentId(row.document_id),
        position=row.position,
        heading=row.heading,
        text=row.text,
        start=row.start_at,
        end=row.end_at,
        embedding=embedding if len(embedding) else (),
    )


def _document(row: Row) -> KnowledgeDocument:
    return KnowledgeDocument(
        document_id=DocumentId(row.document_id),
        title=row.title,
        content=row.content,
        category=row.category,
        tags=tuple(load_list(row.tags)),
        last_updated=moment(row.last_updated),
        url=row.url,
        language=row.language,
        version=row.version,
    )
