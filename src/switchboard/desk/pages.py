"""The agent desk: whole pages, fragments and changes, in one router."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from switchboard.desk.actions import SignedIn
from switchboard.desk.changes import changes_router
from switchboard.desk.deps import DeskDeps
from switchboard.desk.fragments import fragments_router
from switchboard.desk.presentation import VIEWS
from switchboard.desk.reading import reading_router
from switchboard.domain.ids import ConversationId
from switchboard.errors import Forbidden, InvalidInput, NotFound, SwitchboardError, Unauthenticated
from switchboard.ports.records import View
from switchboard.ports.store import Work
from switchboard.views.desk import ConversationPage, ListPage, conversation_page, list_page


def desk_router(deps: DeskDeps) -> APIRouter:
    """``/`` and ``/desk/...`` (pages), ``/f/...`` (fragments), ``POST /desk/conversations/...`` (changes)."""
    router = APIRouter(include_in_schema=False)
    router.include_router(_pages(deps))
    router.include_router(fragments_router(deps))
    router.include_router(changes_router(deps))
    if deps.explain is not None:
        router.include_router(reading_router(deps, deps.explain, page_route(deps)))
    return router


def _pages(deps: DeskDeps) -> APIRouter:
    router = APIRouter(route_class=page_route(deps))

    @router.get("/")
    async def home(request: Request) -> Response:
        return await show(deps, request, View.MINE)

    @router.get("/desk/{view}")
    async def view(view: str, request: Request) -> Response:
        return await show(deps, request, known_view(view))

    @router.get("/desk/{view}/{conversation_id}")
    async def conversation(view: str, conversation_id: str, request: Request) -> Response:
        return await show(deps, request, known_view(view), ConversationId(conversation_id))

    return router


def known_view(name: str) -> View:
    view = next((view for view in VIEWS if view.value == name), None)
    if view is None:
        raise NotFound("There is no such list.")
    return view


async def show(deps: DeskDeps, request: Request, view: View, conversation_id: ConversationId | None = None) -> Response:
    """The desk with a list and, if one is chosen, its conversation."""
    who = await deps.reader(request)
    if conversation_id is not None:
        await deps.freshen(conversation_id)

    def story(work: Work) -> tuple[ListPage, ConversationPage | None, object, int, object]:
        listed = list_page(work, view, who.agent_id)
        page = conversation_page(work, conversation_id, who.agent_id, deps.reach_now(work)) if conversation_id else None
        agent = work.agents.get(who.agent_id) if who.agent_id else None
        return listed, page, agent, work.events.last(), deps.troubles(work)

    listed, page, agent, last_event, trouble = await deps.store.read(story)
    return deps.renderer.page(
        "desk.html",
        who=who,
        agent=agent,
        listed=listed,
        page=page,
        last_event=last_event,
        trouble=trouble,
        stream_url=deps.stream_url,
        links=deps.links,
    )


def page_route(deps: DeskDeps) -> type[APIRoute]:
    """Pages answer trouble with a page: the sign-in, or a sentence that says what happened and what to do."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
            handle = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                try:
                    return await handle(request)
                except Unauthenticated:
                    target = quote(request.url.path, safe="/")
                    return RedirectResponse(f"/sign-in?next={target}", status_code=303)
                except SwitchboardError as error:
                    return trouble(deps, error, await deps.authenticate(request))

            return guarded

    return PageRoute


def trouble(deps: DeskDeps, error: SwitchboardError, who: SignedIn | None) -> Response:
    kind = "no_permission" if isinstance(error, Forbidden) else "missing" if isinstance(error, NotFound) else "error"
    known = isinstance(error, (Forbidden, NotFound, InvalidInput))
    detail = error.detail if known else "Nothing is lost. Load the page again in a moment."
    return deps.renderer.page("trouble.html", status=error.status, title=error.title, detail=detail, kind=kind, who=who)
