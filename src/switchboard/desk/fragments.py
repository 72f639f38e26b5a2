"""Pieces of the desk that a script fetches and puts in place when something changed."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from switchboard.desk.deps import DeskDeps
from switchboard.desk.render import DeskRoute
from switchboard.domain.ids import ConversationId, MessageId
from switchboard.ports.records import Page, View
from switchboard.ports.store import Work
from switchboard.views import desk as views
from switchboard.views.line import timeline_page


def fragments_router(deps: DeskDeps) -> APIRouter:
    """``GET /f/...``: every answer is HTML for people who may read conversations, checked at each fetch."""
    router = APIRouter(prefix="/f", route_class=DeskRoute)
    draw = deps.renderer.fragment

    @router.get("/list")
    async def rows(request: Request, view: View = View.MINE, cursor: str | None = None) -> Response:
        who = await deps.reader(request)
        page = Page(cursor=cursor[:200] if cursor else None)
        listed = await deps.store.read(lambda work: views.list_page(work, view, who.agent_id, page))
        return draw("fragment_list.html", listed=listed, who=who)

    @router.get("/counts")
    async def counts(request: Request, view: View = View.MINE) -> Response:
        who = await deps.reader(request)

        def story(work: Work) -> tuple[object, object, object]:
            agent = work.agents.get(who.agent_id) if who.agent_id else None
            return work.conversations.counts(who.agent_id), agent, deps.troubles(work)

        counted, agent, trouble = await deps.store.read(story)
        return draw(
            "fragment_counts.html", counts=counted, agent=agent, who=who, view=view, links=deps.links, trouble=trouble
        )

    @router.get("/conversations/{conversation_id}")
    async def conversation(request: Request, conversation_id: ConversationId) -> Response:
        who = await deps.reader(request)
        await deps.freshen(conversation_id)
        page = await deps.store.read(
            lambda work: views.conversation_page(work, conversation_id, who.agent_id, deps.reach_now(work))
        )
        return draw("fragment_conversation.html", page=page, who=who)

    @router.get("/conversations/{conversation_id}/row")
    async def row(request: Request, conversation_id: ConversationId, view: View = View.MINE) -> Response:
        await deps.reader(request)
        found = await deps.store.read(lambda work: views.list_row(work, conversation_id))
        return draw("fragment_row.html", row=found, view=view)

    @router.get("/conversations/{conversation_id}/timeline")
    async def timeline(
        request: Request, conversation_id: ConversationId, after: int = 0, before: int | None = None
    ) -> Response:
        await deps.reader(request)
        piece = await deps.store.read(
            lambda work: timeline_page(work, conversation_id, after=max(0, after), before=before)
        )
        return draw("fragment_timeline.html", timeline=piece)

    @router.get("/conversations/{conversation_id}/why")
    async def why_routed(request: Request, conversation_id: ConversationId) -> Response:
        await deps.reader(request)
        panel = await deps.store.read(lambda work: views.why_routed(work, conversation_id))
        return draw("fragment_why.html", why=panel, answer=False)

    @router.get("/messages/{message_id}/why")
    async def why_answer(request: Request, message_id: MessageId) -> Response:
        await deps.reader(request)
        panel = await deps.store.read(lambda work: views.why_answer(work, message_id))
        return draw("fragment_why.html", why=panel, answer=True)

    return router
