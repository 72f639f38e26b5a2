"""The HTTP face put together: what is guarded, in which order, and what it looks like in OpenAPI."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import APIRouter, FastAPI

from switchboard import __version__
from switchboard.api import (
    analytics,
    channels,
    config,
    conversations,
    customers,
    events,
    files,
    health,
    ingress,
    knowledge,
    messages,
    operations,
    problems,
    team,
    voice_relay,
    webhooks,
)
from switchboard.api.caller import Authenticator
from switchboard.api.guard import Guard, RequestLimits
from switchboard.api.idempotency import Idempotency
from switchboard.api.oauth import PasswordCheck, oauth_router
from switchboard.api.short_way import ShortWay
from switchboard.api.tokens import Tokens
from switchboard.flows.app import App
from switchboard.ports.poster import Poster


class Lifespan(Protocol):
    def __call__(self, app: FastAPI) -> AbstractAsyncContextManager[None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Faces:
    """Everything the HTTP application is made of."""

    app: App
    authenticator: Authenticator
    tokens: Tokens
    poster: Poster
    check_password: PasswordCheck
    read_document: knowledge.ReadDocument
    stop: asyncio.Event
    public_url: str = ""
    limits: RequestLimits = field(default_factory=RequestLimits)
    routers: Sequence[APIRouter] = ()
    lifespan: Lifespan | None = None
    interactive: bool = True


def create_api(faces: Faces) -> FastAPI:
    """The application: REST, provider webhooks, live events, and whatever pages ``routers`` add."""
    api = FastAPI(
        title="Switchboard",
        version=__version__,
        description="Every customer message, from every channel, understood, routed and answered.",
        lifespan=faces.lifespan,
        docs_url="/docs" if faces.interactive else None,
        redoc_url=None,
    )
    api.state.switchboard = faces.app
    api.state.authenticator = faces.authenticator
    api.state.tokens = faces.tokens
    api.state.poster = faces.poster
    api.state.public_url = faces.public_url
    api.state.stop = faces.stop
    api.state.read_document = faces.read_document
    problems.install(api)
    talking = (messages, conversations, files, channels, customers, team)
    parts = (*talking, knowledge, analytics, config, webhooks, operations, events)
    for part in (*parts, voice_relay, ingress, health):
        api.include_router(part.router)
    api.include_router(oauth_router(faces.check_password))
    for router in faces.routers:
        api.include_router(router)
    api.add_middleware(ShortWay, switchboard=faces.app, authenticator=faces.authenticator)
    api.add_middleware(Idempotency, store=faces.app.store, clock=faces.app.clock)
    api.add_middleware(Guard, limits=faces.limits)
    return api
