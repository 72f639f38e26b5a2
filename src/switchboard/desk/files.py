"""Files at the desk: looked at, attached to an answer; and what customers see of us while somebody reads and writes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import PurePath

from fastapi import APIRouter, Request, Response, UploadFile

from switchboard.api.files import shown
from switchboard.desk.deps import DeskDeps
from switchboard.desk.render import DeskRoute
from switchboard.domain.ids import ConversationId, MessageId
from switchboard.domain.message import ChannelType
from switchboard.flows import signals
from switchboard.flows.app import App
from switchboard.flows.files import hand_in, open_file
from switchboard.flows.templates import refresh_templates, templates_of
from switchboard.ports.channel import MessageTemplate


def files_router(deps: DeskDeps, app: App) -> APIRouter:
    """``GET /f/messages/.../attachments/N``, ``POST /desk/conversations/.../attachments|seen|typing``, and templates."""
    router = APIRouter(route_class=DeskRoute, include_in_schema=False)
    errands: set[asyncio.Task[None]] = set()

    def beside(errand: Coroutine[object, object, None]) -> None:
        """A courtesy to the customer keeps no agent waiting."""
        task = asyncio.create_task(_quietly(errand))
        errands.add(task)
        task.add_done_callback(errands.discard)

    @router.get("/f/messages/{message_id}/attachments/{place}")
    async def attachment(request: Request, message_id: MessageId, place: int) -> Response:
        await deps.reader(request)
        return shown(await open_file(app, message_id, place))

    @router.get("/f/channels/{channel}/templates")
    async def templates(request: Request, channel: ChannelType) -> list[dict[str, object]]:
        await deps.reader(request)
        found = await deps.store.read(lambda work: templates_of(work, channel))
        return [_told(template) for template in found]

    @router.post("/desk/channels/{channel}/templates/refresh")
    async def refresh(request: Request, channel: ChannelType) -> list[dict[str, object]]:
        await deps.writer(request)
        return [_told(template) for template in await refresh_templates(app, channel)]

    @router.post("/desk/conversations/{conversation_id}/attachments")
    async def attach(request: Request, conversation_id: ConversationId, file: UploadFile) -> dict[str, object]:
        await deps.writer(request)
        name = PurePath((file.filename or "").replace("\\", "/")).name[:200]
        kind = (file.content_type or "").partition(";")[0].strip().lower()[:100]
        kept = await hand_in(app, conversation_id, await file.read(), name or None, kind or None)
        return {"attachment_id": kept.blob_id, "name": kept.name or kept.kind, "size": kept.size}

    @router.post("/desk/conversations/{conversation_id}/seen")
    async def seen(request: Request, conversation_id: ConversationId) -> dict[str, object]:
        await deps.writer(request)
        beside(signals.seen(app, conversation_id))
        return {}

    @router.post("/desk/conversations/{conversation_id}/typing")
    async def typing(request: Request, conversation_id: ConversationId) -> dict[str, object]:
        await deps.writer(request)
        beside(signals.typing(app, conversation_id))
        return {}

    return router


def _told(template: MessageTemplate) -> dict[str, object]:
    return {
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "header": template.header or "",
        "text": template.text,
        "footer": template.footer or "",
        "variables": [*template.header_variables, *template.variables],
    }


async def _quietly(errand: Coroutine[object, object, None]) -> None:
    """The store may be closing: then nobody is told."""
    try:
        await errand
    except Exception as error:
        signals.log.info("a courtesy was left out (%s)", type(error).__name__)
