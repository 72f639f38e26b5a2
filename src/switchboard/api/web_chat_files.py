"""What website visitors do beside the socket: hand in a file, and see the form before the chat."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Form, Header, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from limits import RateLimitItemPerMinute
from pydantic import ValidationError

from switchboard.api.web_chat import WebChatDeps, origin_allowed, unanswered
from switchboard.channels.web_chat import UploadFrame, to_event
from switchboard.domain.message import Attachment, FileState
from switchboard.errors import Forbidden, InvalidInput, SwitchboardError, TooLarge, TooManyRequests
from switchboard.flows.files import kind_of
from switchboard.ports.web_chat import Visitor
from switchboard.trust.files import judge_file

UPLOADS = RateLimitItemPerMinute(10)
Token = Annotated[str, Header(alias="x-visitor-token", max_length=2000)]


def web_chat_files_router(deps: WebChatDeps) -> APIRouter:
    """``/widget/attachments`` and ``/widget/form``."""
    router = APIRouter(tags=["web chat"])

    @router.get("/widget/form")
    async def form() -> JSONResponse:
        """The fields to fill in before the chat; none: it begins at once."""
        fields = [{"name": name, "required": name in deps.required} for name in deps.ask]
        return JSONResponse({"fields": fields}, headers={"cache-control": "no-store"})

    @router.post("/widget/attachments", status_code=201)
    async def post_file(
        request: Request,
        token: Token,
        file: UploadFile,
        client_id: Annotated[str, Form(max_length=64)],
        text: Annotated[str, Form(max_length=4000)] = "",
        page: Annotated[str, Form(max_length=500)] = "",
    ) -> Response:
        """A visitor's file becomes a message of its own; stored, sealed, when this answers."""
        try:
            visitor = _visitor(deps, request, token)
            frame = _frame(client_id, text, page)
            attachment, data = await _file(deps, file)
            event = to_event(visitor, frame, deps.clock.now(), (attachment,))
            await deps.accept((event,), {attachment.provider_id or "": data})
        except SwitchboardError as error:
            return _problem(error)
        deps.hub.publish(f"chat:{visitor.address}")
        return JSONResponse({"client_id": client_id}, status_code=201)

    return router


def _visitor(deps: WebChatDeps, request: Request, token: str) -> Visitor:
    if not origin_allowed(request, deps.origins):
        raise Forbidden("this page may not use the chat", field="origin")
    visitor = deps.visitors.read(token, deps.clock.now())
    if not deps.throttle.hit(UPLOADS, "files", visitor.address):
        raise TooManyRequests("too many files in a minute", fix="wait a moment")
    missing = unanswered(deps, visitor)
    if missing:
        raise InvalidInput(f"fill in first: {', '.join(missing)}", field="answers")
    return visitor


def _frame(client_id: str, text: str, page: str) -> UploadFrame:
    try:
        return UploadFrame(client_id=client_id, text=text, page=page or None)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise InvalidInput("the message cannot be read", field=field) from None


async def _file(deps: WebChatDeps, file: UploadFile) -> tuple[Attachment, bytes]:
    data = await file.read(deps.largest_file + 1)
    if len(data) > deps.largest_file:
        raise TooLarge("the file is too large", field="file", limit=f"{deps.largest_file // 1024} KB")
    name = PurePath((file.filename or "").replace("\\", "/")).name[-200:] or None
    content_type = (file.content_type or "").partition(";")[0].strip().lower()[:100] or None
    refusal = judge_file(data, name, content_type)
    if refusal is not None:
        raise InvalidInput(refusal, field="file", fix="choose another file")
    kind = kind_of(content_type)
    found = Attachment(
        kind=kind, name=name, content_type=content_type, size=len(data), provider_id="file", state=FileState.STORED
    )
    return found, data


def _problem(error: SwitchboardError) -> Response:
    told = {"title": error.title, "status": error.status, "detail": error.detail, "field": error.field}
    body = {**told, "limit": error.limit, "fix": error.fix}
    return JSONResponse(body, status_code=error.status, media_type="application/problem+json")
