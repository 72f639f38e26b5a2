"""Subscriptions to what happens, and every attempt to tell about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from switchboard.api.caller import Caller, needs
from switchboard.api.conversations import Cursor, Identifier, Limit
from switchboard.api.messages import TheApp
from switchboard.api.problems import RESPONSES
from switchboard.api.shapes import Listing, Shape, listing
from switchboard.domain.event import EventType
from switchboard.errors import NotFound
from switchboard.flows.tell_webhooks import new_endpoint, redeliver
from switchboard.ports.poster import Poster
from switchboard.ports.records import Page, WebhookDelivery, WebhookEndpoint
from switchboard.trust.roles import Permission

router = APIRouter(prefix="/v1/webhooks", responses=RESPONSES, tags=["webhooks"])
Manager = Annotated[Caller, Depends(needs(Permission.MANAGE_WEBHOOKS))]


class EndpointRequest(Shape):
    """Empty ``events``: everything that happens."""

    url: str = Field(max_length=2000)
    events: list[EventType] = Field(default_factory=list, max_length=50)


class EndpointShape(Shape):
    """``secret`` signs every delivery (Standard Webhooks 1.0); shown when the endpoint is made."""

    endpoint_id: str
    url: str
    events: list[str]
    enabled: bool
    disabled_reason: str
    created_at: datetime
    secret: str | None = None

    @classmethod
    def of(cls, e: WebhookEndpoint, *, secret: bool = False) -> EndpointShape:
        return cls(
            endpoint_id=e.endpoint_id,
            url=e.url,
            events=sorted(e.events),
            enabled=e.enabled,
            disabled_reason=e.disabled_reason,
            created_at=e.created_at,
            secret=e.secret if secret else None,
        )


class TryShape(Shape):
    at: datetime
    outcome: str


class DeliveryShape(Shape):
    delivery_id: str
    endpoint_id: str
    event_sequence: int
    event_type: str
    state: str
    created_at: datetime
    attempts: list[TryShape]

    @classmethod
    def of(cls, d: WebhookDelivery) -> DeliveryShape:
        return cls(
            delivery_id=d.delivery_id,
            endpoint_id=d.endpoint_id,
            event_sequence=d.event_sequence,
            event_type=d.event_type,
            state=d.state,
            created_at=d.created_at,
            attempts=[TryShape(at=at, outcome=outcome) for at, outcome in d.attempts],
        )


@router.get("")
async def list_endpoints(app: TheApp, _: Manager) -> list[EndpointShape]:
    return [EndpointShape.of(e) for e in await app.store.read(lambda work: work.webhooks.all())]


@router.post("", status_code=201)
async def post_endpoint(body: EndpointRequest, request: Request, app: TheApp, _: Manager) -> EndpointShape:
    poster: Poster = request.app.state.poster
    poster.check(body.url)
    endpoint = new_endpoint(body.url, frozenset(e.value for e in body.events), app.clock.now())
    await app.store.write(lambda work: work.webhooks.save(endpoint))
    return EndpointShape.of(endpoint, secret=True)


@router.delete("/{endpoint_id}", status_code=204)
async def delete_endpoint(endpoint_id: Identifier, app: TheApp, _: Manager) -> Response:
    if not await app.store.write(lambda work: work.webhooks.remove(endpoint_id)):
        raise NotFound("there is no such endpoint")
    return Response(status_code=204)


@router.get("/{endpoint_id}/deliveries")
async def list_deliveries(
    endpoint_id: Identifier, app: TheApp, _: Manager, limit: Limit = 50, cursor: Cursor = None
) -> Listing[DeliveryShape]:
    rows = await app.store.read(lambda work: work.webhooks.deliveries(endpoint_id, Page(limit=limit, cursor=cursor)))
    return listing(rows, [DeliveryShape.of(d) for d in rows.items])


@router.post("/{endpoint_id}/deliveries/{delivery_id}/redeliver", status_code=202)
async def post_redeliver(endpoint_id: Identifier, delivery_id: Identifier, app: TheApp, _: Manager) -> Response:
    await redeliver(app, delivery_id)
    return Response(status_code=202)
