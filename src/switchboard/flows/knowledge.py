"""The team teaches: a document is read, cut, embedded and searchable at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from switchboard.domain.ids import DocumentId, new_id
from switchboard.domain.knowledge import KnowledgeDocument, Passage
from switchboard.errors import InvalidInput, SwitchboardError
from switchboard.flows.app import App
from switchboard.knowledge.cut import cut, text_to_embed
from switchboard.ports.records import AuditEntry
from switchboard.ports.store import Work

LONGEST_DOCUMENT = 2_000_000
LONGEST_TITLE = 300
VECTORS = "knowledge-vectors"
"""Which encoder made the stored vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """A document as it is handed in; ``content`` is plain text with Markdown headings."""

    title: str
    content: str
    category: str = "general"
    tags: tuple[str, ...] = ()
    url: str | None = None
    language: str = "en"
    document_id: DocumentId | None = None


async def add_document(app: App, new: NewDocument, actor: str) -> tuple[KnowledgeDocument, int]:
    """Stores and indexes a document (replacing the one of the same id); returns it and its number of passages."""
    document = _checked(new, app.clock.now())
    passages = await _embedded(app, [(document.title, passage) for passage in cut(document)])

    def story(work: Work) -> KnowledgeDocument:
        before = work.knowledge.get(document.document_id)
        kept = replace(document, version=before.version + 1) if before is not None else document
        work.knowledge.add(kept, passages)
        work.audit.append(
            AuditEntry(at=kept.last_updated, actor=actor, action="document_saved", target=kept.document_id)
        )
        return kept

    return await app.store.write(story), len(passages)


async def add_documents(app: App, documents: Sequence[KnowledgeDocument], actor: str) -> int:
    """Many at once, embedded together; for imports. Returns the number of passages."""
    pieces = [(document, cut(document)) for document in documents]
    every = await _embedded(app, [(d.title, passage) for d, passages in pieces for passage in passages])
    by_id = {passage.passage_id: passage for passage in every}

    def story(work: Work) -> None:
        for document, passages in pieces:
            work.knowledge.add(document, [by_id[passage.passage_id] for passage in passages])

    await app.store.write(story)
    return len(every)


async def embed_anew(app: App, encoder: str, progress: Callable[[int, int], None] = lambda done, of: None) -> int:
    """Vectors of one encoder mean nothing to another: when the model changed, every passage gets a new one. Returns how
    many documents were done; 0 when ``encoder`` (its fingerprint) is the one that made the stored vectors. Interrupted,
    it begins again at the next start. Raises ``Unavailable`` when the model cannot run."""
    if await app.store.read(lambda work: _encoder_of(work)) == encoder:
        return 0
    rows = await app.store.read(lambda work: work.knowledge.passages())
    documents = {document.document_id: document for document, _ in rows}
    for number, document in enumerate(documents.values(), 1):
        passages = [passage for owner, passage in rows if owner.document_id == document.document_id]
        vectors = await app.embedder.embed([text_to_embed(document.title, passage) for passage in passages])
        fresh = [replace(passage, embedding=vector) for passage, vector in zip(passages, vectors, strict=True)]
        await app.store.write(lambda work, d=document, p=fresh: _replaced(work, d, p))  # type: ignore[misc]  # bound now
        progress(number, len(documents))
    await app.store.write(lambda work: work.config.set(VECTORS, {"encoder": encoder}))
    return len(documents)


def _encoder_of(work: Work) -> object:
    known = work.config.get(VECTORS)
    return known[0].get("encoder") if known is not None else None


def _replaced(work: Work, document: KnowledgeDocument, passages: Sequence[Passage]) -> None:
    """Unless somebody changed or removed the document meanwhile: then its vectors are new already."""
    now = work.knowledge.get(document.document_id)
    if now is not None and now.version == document.version:
        work.knowledge.add(document, passages)


def _checked(new: NewDocument, now: datetime) -> KnowledgeDocument:
    title = " ".join(new.title.split())
    if not title or len(title) > LONGEST_TITLE:
        raise InvalidInput("the title is missing or too long", field="title", limit=f"1 to {LONGEST_TITLE} characters")
    if not new.content.strip():
        raise InvalidInput("the document is empty", field="content", fix="add the text of the document")
    if len(new.content) > LONGEST_DOCUMENT:
        raise InvalidInput("the document is too long", field="content", limit=f"{LONGEST_DOCUMENT} characters")
    return KnowledgeDocument(
        document_id=new.document_id or DocumentId(new_id("doc")),
        title=title,
        content=new.content,
        category=new.category,
        tags=new.tags,
        last_updated=now,
        url=new.url,
        language=new.language,
    )


async def _embedded(app: App, titled: Sequence[tuple[str, Passage]]) -> tuple[Passage, ...]:
    """Without the embedder the passages are still found by their words."""
    try:
        vectors = await app.embedder.embed([text_to_embed(title, passage) for title, passage in titled])
    except SwitchboardError:
        return tuple(passage for _, passage in titled)
    return tuple(replace(passage, embedding=vector) for (_, passage), vector in zip(titled, vectors, strict=True))
