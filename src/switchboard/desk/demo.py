"""Pages of the demo: a shop with the chat widget, and the simulated phones and mailboxes of its customers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from switchboard.desk.actions import CustomerSide
from switchboard.desk.changes import written
from switchboard.desk.deps import DeskDeps
from switchboard.desk.pages import page_route
from switchboard.desk.render import DeskRoute
from switchboard.domain.ids import CustomerId
from switchboard.domain.message import ChannelType
from switchboard.views.phones import phones_page

Chosen = Annotated[str | None, Query(max_length=80)]


class WriteForm(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    channel: ChannelType
    text: str = Field(max_length=4000)


def demo_router(deps: DeskDeps, customers: CustomerSide) -> APIRouter:
    """``/demo/shop`` (public), ``/demo/phones`` (for people who may read conversations)."""
    pages = APIRouter(prefix="/demo", route_class=page_route(deps), include_in_schema=False)
    pieces = APIRouter(prefix="/demo", route_class=DeskRoute, include_in_schema=False)

    @pages.get("/shop")
    async def shop() -> Response:
        return deps.renderer.page("demo_shop.html")

    @pages.get("/phones")
    async def phones(request: Request, customer: Chosen = None) -> Response:
        who = await deps.reader(request)
        shown = await deps.store.read(lambda work: phones_page(work, CustomerId(customer) if customer else None))
        return deps.renderer.page("demo_phones.html", who=who, phones=shown, stream_url=deps.stream_url)

    @pieces.get("/phones/fragment")
    async def fragment(request: Request, customer: Chosen = None) -> Response:
        await deps.reader(request)
        shown = await deps.store.read(lambda work: phones_page(work, CustomerId(customer) if customer else None))
        return deps.renderer.fragment("fragment_phones.html", phones=shown)

    @pieces.post("/phones/{customer_id}")
    async def write(request: Request, customer_id: CustomerId, form: WriteForm) -> dict[str, object]:
        await deps.writer(request)
        await customers.write_as(customer_id, form.channel, written(form.text))
        return {}

    return whole(pages, pieces)


def whole(*parts: APIRouter) -> APIRouter:
    router = APIRouter()
    for part in parts:
        router.include_router(part)
    return router
