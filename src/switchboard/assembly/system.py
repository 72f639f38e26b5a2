"""The one place that chooses implementations and wires them together."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2
from fastapi import APIRouter, FastAPI, Request

from switchboard.api.app import Faces, create_api
from switchboard.api.caller import Authenticator, Caller
from switchboard.api.guard import RequestLimits
from switchboard.api.tokens import Tokens, load_or_make_key
from switchboard.api.web_chat import WebChatDeps, web_chat_router
from switchboard.api.web_chat_files import web_chat_files_router
from switchboard.api.web_chat_poll import web_chat_poll_router
from switchboard.assembly.access import channel_access
from switchboard.assembly.channels import build_channels, visitor_tokens
from switchboard.assembly.credentials import sources, stored_accounts, with_stored
from switchboard.assembly.engines import Engines
from switchboard.assembly.keys import open_store
from switchboard.assembly.probes import build_probes
from switchboard.assembly.telephone import build_telephone
from switchboard.channels.email.outgoing import Relay
from switchboard.channels.email.worker_pool import MailReaderPool
from switchboard.desk.assets import Assets
from switchboard.desk.composer import reach_of
from switchboard.desk.deps import DeskDeps
from switchboard.desk.doing import DeskActions
from switchboard.desk.files import files_router
from switchboard.desk.pages import desk_router
from switchboard.desk.render import Renderer, environment
from switchboard.desk.sign_in import SignIn, sign_in_router
from switchboard.desk.widget import WidgetDeps, widget_router
from switchboard.domain.ids import AgentId
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import ChannelType
from switchboard.engines.blobs import FolderBlobs
from switchboard.engines.breaker import GuardedLanguageModel, Guards
from switchboard.engines.cached_embedder import CachedEmbedder
from switchboard.engines.clock import SystemClock
from switchboard.engines.document_process import DocumentReader
from switchboard.engines.hub import LocalHub
from switchboard.engines.knowledge_search import StoredKnowledge
from switchboard.engines.language_model_anthropic import AnthropicModel
from switchboard.engines.language_model_openai import OpenAIModel
from switchboard.engines.poster import GuardedPoster
from switchboard.flows.app import Accounts, App, Talk, Tempo
from switchboard.flows.call_desk import telephones
from switchboard.flows.explain import explain
from switchboard.flows.files import open_file
from switchboard.flows.intake import receive_events
from switchboard.flows.recommend import recommendations
from switchboard.ports.channel import Channel, Parsed
from switchboard.ports.clock import Clock
from switchboard.ports.engines import LanguageModel
from switchboard.ports.hub import Hub
from switchboard.ports.store import Store, Work
from switchboard.settings import Settings
from switchboard.worker.run import Crew, Hands

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Everything that runs: the stories' app, the HTTP face and the hands."""

    settings: Settings
    app: App
    api: FastAPI
    crew: Crew
    stop: asyncio.Event
    sign_in: SignIn
    guards: Guards
    client: httpx2.AsyncClient
    closers: tuple[Callable[[], None], ...] = ()
    model_folder: Path | None = None
    """The model whose encoder serves retrieval; None: the one in the package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a demo or a test puts in the place of the real thing."""

    client: httpx2.AsyncClient | None = None
    clock: Clock | None = None
    store: Store | None = None
    relay: Relay | None = None
    pages: Callable[[DeskDeps], APIRouter] | None = None
    reading_apart: bool = False
    """The models in a process of their own, as a server has them; else in this one, loaded with the first message."""


async def assemble(settings: Settings, parts: Parts | None = None) -> System:
    """Opens the store and builds the whole system; nothing runs yet."""
    parts = parts or Parts()
    clock = parts.clock or SystemClock()
    store: Store = parts.store if parts.store is not None else await asyncio.to_thread(open_store, settings, clock)
    client = parts.client or httpx2.AsyncClient(timeout=10.0)
    hub = LocalHub()
    guards = Guards(clock)
    secrets_ = await store.write(_internal_secrets)
    accounts = await store.read(stored_accounts)
    set_up = sources(settings, accounts)
    settings = with_stored(settings, accounts)
    mails = MailReaderPool()
    blobs = FolderBlobs(settings.data_dir / "blobs")
    access = channel_access(store, blobs, client)
    channels = build_channels(settings, clock, hub, guards, client, secrets_, parts.relay, mails, access)
    engines = Engines(settings, apart=parts.reading_apart)
    app = _app(settings, store, clock, hub, guards, channels, engines, blobs)
    app.accounts = Accounts(
        sources=set_up,
        probes=build_probes(settings, clock, client, access, {kind: one.added_at for kind, one in accounts.items()}),
        expiries={kind: one.expires_at for kind, one in accounts.items() if one.expires_at},
        breakers=guards.states,
    )
    stop = asyncio.Event()
    renderer = await _renderer(app, clock)
    sign_in = SignIn(store=store, clock=clock, renderer=renderer, secure=settings.server.public_url.startswith("https"))
    tokens = Tokens(key=await store.write(load_or_make_key), store=store)
    poster = GuardedPoster(client, settings.allowed_hosts)
    crew = Crew(app=app, poster=poster, hands=_hands(settings))
    faces = Faces(
        app=app,
        authenticator=Authenticator(store, clock, tokens, session=_session_caller(sign_in)),
        tokens=tokens,
        poster=poster,
        check_password=sign_in.check_password,
        read_document=DocumentReader(),
        stop=stop,
        public_url=settings.server.public_url,
        limits=_limits(settings),
        routers=_pages(settings, app, renderer, sign_in, hub, secrets_, parts),
        interactive=not settings.server.production,
    )
    return System(
        settings=settings,
        app=app,
        api=create_api(faces),
        crew=crew,
        stop=stop,
        sign_in=sign_in,
        guards=guards,
        client=client,
        closers=(mails.close, engines.close),
        model_folder=engines.folder,
    )


def _limits(settings: Settings) -> RequestLimits:
    limits = settings.limits
    return RequestLimits(
        body_bytes=limits.body_bytes,
        mail_bytes=limits.mail_bytes * 4 // 3 + 1024 * 1024,
        file_bytes=limits.file_bytes + 64 * 1024,
        json_depth=limits.json_depth,
        json_keys=limits.json_keys,
        per_minute=limits.requests_per_minute,
    )


def _internal_secrets(work: Work) -> Mapping[str, bytes]:
    """Made once: what signs mail threads and visitors' tokens."""
    found: dict[str, bytes] = {}
    for name in ("mail-threads", "visitors"):
        known = work.config.get_secret(name)
        if known is None:
            known = secrets.token_bytes(32)
            work.config.set_secret(name, known)
        found[name] = known
    return found


def _app(
    settings: Settings,
    store: Store,
    clock: Clock,
    hub: Hub,
    guards: Guards,
    channels: Mapping[ChannelType, Channel],
    engines: Engines,
    blobs: FolderBlobs,
) -> App:
    cached = CachedEmbedder(engines.embedder)
    engines.app = App(
        store=store,
        clock=clock,
        hub=hub,
        blobs=blobs,
        understanding=engines.understanding,
        embedder=cached,
        knowledge=StoredKnowledge(store, cached),
        channels=channels,
        language_model=_language_model(settings, guards),
        talks=_talks(settings),
        tempo=_tempo(settings),
    )
    return engines.app


def _talks(settings: Settings) -> Mapping[ChannelType, Talk]:
    telephone = build_telephone(settings)
    return {ChannelType.VOICE: telephone} if telephone is not None else {}


def _tempo(settings: Settings) -> Tempo:
    work = settings.work
    return Tempo(
        lease=timedelta(seconds=work.lease_s),
        undo=timedelta(seconds=work.undo_s),
        archive_after=timedelta(seconds=work.archive_after_s),
        reopen_within=timedelta(seconds=work.reopen_within_s),
        batch=work.batch,
        max_backlog=settings.limits.backlog,
        largest_file=settings.limits.file_bytes,
    )


def _hands(settings: Settings) -> Hands:
    work = settings.work
    return Hands(
        batch=work.batch,
        answerers=work.answerers,
        senders=work.senders,
        fetchers=work.fetchers,
        poll_s=work.poll_s,
        timer_s=work.timer_s,
    )


def _language_model(settings: Settings, guards: Guards) -> LanguageModel | None:
    llm = settings.llm
    if not llm.provider:
        return None
    build = AnthropicModel if llm.provider == "anthropic" else OpenAIModel
    model: LanguageModel = build(
        api_key=llm.api_key.get_secret_value(), model=llm.model, base_url=llm.base_url or None, timeout=llm.timeout_s
    )
    return GuardedLanguageModel(model, guards.named("language_model"))


async def _renderer(app: App, clock: Clock) -> Renderer:
    business = await app.business()
    return Renderer(
        env=environment(),
        assets=Assets(),
        clock=clock,
        zone=ZoneInfo(business.hours.zone),
        business=app.brand_name,
    )


def _session_caller(sign_in: SignIn) -> Callable[[Request], Awaitable[Caller | None]]:
    """People signed in at the desk may read the live stream with their cookie."""

    async def caller(request: Request) -> Caller | None:
        who = await sign_in.current_user(request)
        if who is None:
            return None
        agent_id = AgentId(who.agent_id) if who.agent_id else None
        return Caller(actor=f"user:{who.user_id}", roles=who.roles, agent_id=agent_id)

    return caller


def _pages(
    settings: Settings,
    app: App,
    renderer: Renderer,
    sign_in: SignIn,
    hub: Hub,
    secrets_: Mapping[str, bytes],
    parts: Parts,
) -> list[APIRouter]:
    deps = desk_deps(app, renderer, sign_in)
    chat = WebChatDeps(
        store=app.store,
        hub=hub,
        clock=app.clock,
        channel=app.channels[ChannelType.WEB_CHAT],
        visitors=visitor_tokens(settings, secrets_),
        accept=lambda events, files=None: accept_frames(app, events, files),
        ask=settings.web_chat.ask,
        required=settings.web_chat.required,
        largest_file=min(settings.web_chat.file_bytes, settings.limits.file_bytes),
        origins=frozenset(settings.web_chat.origins),
        open_file=lambda message_id, place: open_file(app, message_id, place),
    )
    return [
        renderer.assets.router(),
        sign_in_router(sign_in),
        files_router(deps, app),
        desk_router(deps),
        widget_router(WidgetDeps(renderer=renderer, hosts=" ".join(settings.web_chat.origins) or "'self'")),
        web_chat_router(chat),
        web_chat_files_router(chat),
        web_chat_poll_router(chat),
        *([parts.pages(deps)] if parts.pages is not None else []),
    ]


async def accept_frames(app: App, events: Sequence[InboundEvent], files: Mapping[str, bytes] | None = None) -> object:
    """What a visitor wrote, made durable before the widget hears that it was."""
    body = "\n".join(event.content.text for event in events).encode("utf-8", "replace")
    return await receive_events(app, ChannelType.WEB_CHAT, Parsed(events=tuple(events)), body, "text/plain", files)


def desk_deps(app: App, renderer: Renderer, sign_in: SignIn) -> DeskDeps:
    return DeskDeps(
        store=app.store,
        clock=app.clock,
        renderer=renderer,
        authenticate=sign_in.current_user,
        actions=DeskActions(app),
        advise=lambda conversation_id: recommendations(app, conversation_id),
        explain=lambda text: explain(app, text, app.clock.now()),
        reach=lambda work: reach_of(app, work),
        telephones=lambda: telephones(app),
        links=(("/reading", "How it reads", "eye"),),
    )
