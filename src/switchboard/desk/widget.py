"""The chat widget that a business puts on its website with one script tag: ``<script src=".../widget.js" async>``."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from switchboard.desk.render import Renderer

FOR_A_WHILE = "public, max-age=300"


@dataclass(frozen=True, slots=True, kw_only=True)
class WidgetDeps:
    """``hosts``: which sites may show the panel, as CSP sources; ``*`` = any."""

    renderer: Renderer
    hosts: str = "*"
    privacy_url: str = ""


def widget_router(deps: WidgetDeps) -> APIRouter:
    """``/widget.js`` (the loader) and ``/widget/panel`` (the framed conversation)."""
    router = APIRouter(include_in_schema=False)

    @router.get("/widget.js")
    async def loader(request: Request) -> Response:
        response = deps.renderer.assets.get("widget.js").answer(request, FOR_A_WHILE)
        response.headers["cross-origin-resource-policy"] = "cross-origin"
        return response

    @router.get("/widget/panel")
    async def panel() -> Response:
        return deps.renderer.page("widget_panel.html", frame_ancestors=deps.hosts, privacy_url=deps.privacy_url)

    return router
