"""Is it alive, is it ready, how is it doing."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel

from switchboard.errors import Unavailable
from switchboard.flows import attention, pauses
from switchboard.flows.app import App
from switchboard.ports.records import JobKind
from switchboard.ports.store import Work

router = APIRouter(tags=["health"])
READY_EVERY = timedelta(seconds=0)


class Health(BaseModel):
    status: str


@router.get("/health/live")
async def live() -> Health:
    """The process answers."""
    return Health(status="alive")


@router.get("/health/ready", responses={503: {"description": "Not ready: draining, or the store cannot be used"}})
async def ready(request: Request) -> Health:
    """Messages can be taken: the store writes, nothing is being shut down."""
    app: App = request.app.state.switchboard
    if request.app.state.stop.is_set():
        raise Unavailable("shutting down", retry_after=5)
    await app.store.write(lambda work: work.schedules.take("readiness", READY_EVERY, app.clock.now()))
    return Health(status="ready")


class ChannelsHealth(BaseModel):
    """``attention``: what an operator must do, by channel; empty: nothing. ``paused``: channels whose sending waits after
    repeated failures and is tried again by itself."""

    status: str
    attention: dict[str, str]
    paused: list[str] = []


@router.get("/health/channels")
async def channels(request: Request) -> ChannelsHealth:
    """Whether a provider refuses us (token, permission, payment), so that nothing can be sent there."""
    app: App = request.app.state.switchboard
    now = app.clock.now()
    noted, paused = await app.store.read(lambda work: (attention.read(work), pauses.read(work, now)))
    found = {kind.value: one.detail for kind, one in noted.items()}
    return ChannelsHealth(
        status="attention" if found else "well", attention=found, paused=sorted(kind.value for kind in paused)
    )


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Prometheus text: counts only, no labels from customers."""
    app: App = request.app.state.switchboard
    return Response(await app.store.read(_figures), media_type=CONTENT_TYPE_LATEST)


def _figures(work: Work) -> bytes:
    registry = CollectorRegistry()
    jobs = Gauge("switchboard_jobs_waiting", "Jobs that wait, by kind", ["kind"], registry=registry)
    for kind in JobKind:
        jobs.labels(kind=kind.value).set(work.jobs.backlog(kind).waiting)
    Gauge("switchboard_dead_letters", "Dead letters", registry=registry).set(work.jobs.count_dead())
    Gauge("switchboard_queue_depth", "Conversations waiting for a person", registry=registry).set(work.queue.depth())
    views = Gauge("switchboard_conversations", "Conversations, by view", ["view"], registry=registry)
    for view, count in work.conversations.counts().items():
        views.labels(view=view.value).set(count)
    Gauge("switchboard_event_sequence", "Newest event", registry=registry).set(work.events.last())
    return generate_latest(registry)
