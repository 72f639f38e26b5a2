"""Files of conversations: handed in for a reply, and those that a message brought."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Response, UploadFile

from switchboard.api.caller import Caller, needs
from switchboard.api.conversations import Identifier
from switchboard.api.messages import TheApp
from switchboard.api.problems import RESPONSES
from switchboard.api.shapes import Shape
from switchboard.domain.ids import ConversationId, MessageId
from switchboard.flows.files import OpenFile, hand_in, open_file
from switchboard.trust.files import may_show
from switchboard.trust.roles import Permission

router = APIRouter(prefix="/v1", responses=RESPONSES, tags=["files"])
Place = Annotated[int, Path(ge=0, le=500)]


class HandedIn(Shape):
    """``attachment_id`` goes into a reply's ``attachments`` within 24 hours."""

    attachment_id: str
    kind: str
    name: str | None
    content_type: str | None
    size: int | None


@router.post("/conversations/{conversation_id}/attachments", status_code=201)
async def post_attachment(
    conversation_id: Identifier,
    app: TheApp,
    _: Annotated[Caller, Depends(needs(Permission.REPLY))],
    file: UploadFile,
) -> HandedIn:
    """A file (multipart field ``file``) for a reply of this conversation, kept under its customer's key."""
    return await take(app, conversation_id, file)


async def take(app: TheApp, conversation_id: str, file: UploadFile) -> HandedIn:
    name = PurePath((file.filename or "").replace("\\", "/")).name[:200]
    kind = (file.content_type or "").partition(";")[0].strip().lower()[:100]
    found = await hand_in(app, ConversationId(conversation_id), await file.read(), name or None, kind or None)
    return HandedIn(
        attachment_id=found.blob_id or "",
        kind=found.kind,
        name=found.name,
        content_type=found.content_type,
        size=found.size,
    )


@router.get("/messages/{message_id}/attachments/{place}", response_class=Response)
async def get_attachment(
    message_id: Identifier,
    place: Place,
    app: TheApp,
    _: Annotated[Caller, Depends(needs(Permission.READ_CONVERSATIONS))],
) -> Response:
    """The bytes of a message's file, counted from 0; 404 while there is no stored copy."""
    return shown(await open_file(app, MessageId(message_id), place))


def shown(file: OpenFile) -> Response:
    """Pictures, sounds, films and PDFs may be looked at; everything else is saved. Nothing in it ever runs here."""
    attachment = file.attachment
    viewable = may_show(attachment.content_type)
    manner = "inline" if viewable else "attachment"
    name = quote(attachment.name or attachment.kind, safe="")
    return Response(
        file.data,
        media_type=attachment.content_type if viewable else "application/octet-stream",
        headers={
            "content-disposition": f"{manner}; filename*=UTF-8''{name}",
            "content-security-policy": "default-src 'none'; sandbox",
            "x-content-type-options": "nosniff",
            "cache-control": "private, no-store",
        },
    )
