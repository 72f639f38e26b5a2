"""What the business knows: documents in, passages found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import PurePath
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Form, Query, Request, Response, UploadFile
from pydantic import Field

from switchboard.api.caller import Caller, needs
from switchboard.api.conversations import Cursor, Identifier, Limit
from switchboard.api.messages import TheApp
from switchboard.api.problems import RESPONSES
from switchboard.api.shapes import DocumentShape, Listing, ResultShape, Shape, Short, Text, listing
from switchboard.domain.ids import DocumentId
from switchboard.errors import NotFound
from switchboard.flows.knowledge import NewDocument, add_document
from switchboard.ports.records import AuditEntry, Page
from switchboard.ports.store import Work
from switchboard.trust.roles import Permission

router = APIRouter(prefix="/v1/knowledge", responses=RESPONSES, tags=["knowledge"])
Reader = Annotated[Caller, Depends(needs(Permission.READ_KNOWLEDGE))]
Writer = Annotated[Caller, Depends(needs(Permission.WRITE_KNOWLEDGE))]


class ReadText(Protocol):
    """A file as text with Markdown headings. ``suspicious``: what in it speaks to a machine or hides from readers;
    ``details``: what the file says of itself (``category``, ``tags``, ``language``, ``url``)."""

    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def suspicious(self) -> tuple[str, ...]: ...
    @property
    def details(self) -> Mapping[str, str]: ...


ReadDocument = Callable[[str, bytes], Awaitable[ReadText]]
"""Reads a file by its name's ending, within a limit of time. Raises ``InvalidInput`` and ``TooLarge``."""
LANGUAGE = "^[a-z]{2}$"


class DocumentRequest(Shape):
    """``content``: plain text, with Markdown headings where there are sections."""

    title: Short
    content: Text
    category: Short = "general"
    tags: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=50)
    url: Annotated[str, Field(max_length=2000, pattern="^https?://")] | None = None
    language: str = Field("en", pattern=LANGUAGE)
    document_id: str | None = Field(None, max_length=80, pattern="^[A-Za-z0-9_.-]+$", description="Given: replaces it.")


@router.get("/documents")
async def list_documents(app: TheApp, _: Reader, limit: Limit = 50, cursor: Cursor = None) -> Listing[DocumentShape]:
    rows = await app.store.read(lambda work: work.knowledge.page(Page(limit=limit, cursor=cursor)))
    return listing(rows, [DocumentShape.of(d) for d in rows.items])


@router.post("/documents", status_code=201)
async def post_document(body: DocumentRequest, app: TheApp, caller: Writer) -> DocumentShape:
    """Cut, embedded and searchable when this returns."""
    new = NewDocument(
        title=body.title,
        content=body.content,
        category=body.category,
        tags=tuple(body.tags),
        url=body.url,
        language=body.language,
        document_id=DocumentId(body.document_id) if body.document_id else None,
    )
    document, _ = await add_document(app, new, caller.actor)
    return DocumentShape.of(document, content=True)


class UploadShape(Shape):
    """``warnings``: what in the file speaks to a machine or hides from readers; such passages are never quoted."""

    document: DocumentShape
    passages: int
    warnings: list[str]


@router.post("/documents/upload", status_code=201)
async def upload_document(
    request: Request,
    app: TheApp,
    caller: Writer,
    file: UploadFile,
    category: Annotated[str, Form(max_length=300)] = "",
    language: Annotated[str, Form(pattern="^([a-z]{2})?$")] = "",
) -> UploadShape:
    """A Markdown, text, HTML or PDF file (multipart field ``file``). It is read apart from everything else, for ten seconds
    at most; searchable when this returns."""
    read: ReadDocument = request.app.state.read_document
    name = PurePath((file.filename or "document").replace("\\", "/")).name[:200]
    found = await read(name, await file.read())
    told = found.details
    new = NewDocument(
        title=found.title,
        content=found.text,
        category=category or told.get("category", "")[:300] or "general",
        tags=tuple(tag.strip()[:64] for tag in told.get("tags", "").split(",")[:50] if tag.strip()),
        language=language or _language(told.get("language", "")),
    )
    document, passages = await add_document(app, new, caller.actor)
    return UploadShape(
        document=DocumentShape.of(document, content=True), passages=passages, warnings=list(found.suspicious)
    )


def _language(told: str) -> str:
    return told if len(told) == 2 and told.isalpha() and told.islower() else "en"


@router.get("/documents/{document_id}")
async def get_document(document_id: Identifier, app: TheApp, _: Reader) -> DocumentShape:
    document = await app.store.read(lambda work: work.knowledge.get(DocumentId(document_id)))
    if document is None:
        raise NotFound("there is no such document")
    return DocumentShape.of(document, content=True)


@router.delete("/documents/{document_id}", status_code=204)
async def delete_document(document_id: Identifier, app: TheApp, caller: Writer) -> Response:
    def story(work: Work) -> None:
        if not work.knowledge.remove(DocumentId(document_id)):
            raise NotFound("there is no such document")
        now = app.clock.now()
        work.audit.append(AuditEntry(at=now, actor=caller.actor, action="document_removed", target=document_id))

    await app.store.write(story)
    return Response(status_code=204)


@router.get("/search")
async def search(
    app: TheApp,
    _: Reader,
    q: Annotated[str, Query(min_length=1, max_length=2000)],
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> list[ResultShape]:
    """The passages that answer a question, by words and by meaning."""
    return [ResultShape.of(r) for r in await app.knowledge.search(q, limit=limit)]
