"""The door for website visitors: a session, then one socket that talks in small JSON frames (docs/channels/web_chat.md)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, Protocol
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import HTTPConnection

from switchboard.api.files import shown
from switchboard.channels.web_chat import read_event
from switchboard.domain.ids import MessageId
from switchboard.domain.inbound import InboundEvent
from switchboard.errors import InvalidInput, NotFound, SwitchboardError, TooManyRequests
from switchboard.flows.files import OpenFile
from switchboard.ports.channel import Channel, RawRequest
from switchboard.ports.clock import Clock
from switchboard.ports.hub import Hub
from switchboard.ports.store import Store
from switchboard.ports.web_chat import Visitor, Visitors
from switchboard.views.web_chat import ChatMessage, ChatState, chat_state

LONGEST_FRAME = 16_384
JOIN_WITHIN = 10.0
SILENT_FOR = 60.0
PLACE_EVERY = 5.0
MESSAGES = RateLimitItemPerMinute(20)
FRAMES = RateLimitItemPerMinute(240)
SESSIONS = RateLimitItemPerMinute(20)
POLICY, TOO_BIG, AGAIN = 1008, 1009, 1013


class Accept(Protocol):
    """Makes events durable, with the bytes of their files by ``Attachment.provider_id``, before it returns."""

    async def __call__(self, events: Sequence[InboundEvent], files: Mapping[str, bytes] | None = None) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WebChatDeps:
    """``accept`` makes events durable before it returns. ``ask`` are the fields of the form before the chat, ``required``
    those without which nothing is taken (a visitor whom the website signed in need not fill it in). ``origins``: sites
    whose pages may open the socket besides our own (the panel is a frame of ours, so usually none). ``account`` is what
    the channel puts into its events."""

    store: Store
    hub: Hub
    clock: Clock
    channel: Channel
    visitors: Visitors
    accept: Accept
    ask: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    largest_file: int = 10 * 1024 * 1024
    account: str = "widget"
    token_header: str = "x-visitor-token"
    origins: frozenset[str] = frozenset()
    open_file: Callable[[MessageId, int], Awaitable[OpenFile]] | None = None
    """Opens a file of a message; without it chats carry none."""
    throttle: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))


class SessionForm(BaseModel):
    """Everything is optional; ``user_id`` needs the host site's ``signature``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    token: str | None = Field(default=None, max_length=2000)
    user_id: str | None = Field(default=None, min_length=1, max_length=200)
    name: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=254)
    signature: str | None = Field(default=None, max_length=200)
    answers: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=200)]] = Field(
        default={}, max_length=10
    )


class Join(BaseModel):
    type: Literal["join"]
    token: str = Field(max_length=2000)
    after: str | None = Field(default=None, max_length=80)


class Said(BaseModel):
    type: Literal["message"]
    client_id: str = Field(pattern=r"^[\w-]{8,64}$")


class Small(BaseModel):
    type: Literal["typing", "read", "ping"]


Frame = TypeAdapter[Said | Small](Annotated[Said | Small, Field(discriminator="type")])


def web_chat_router(deps: WebChatDeps) -> APIRouter:
    """``POST /widget/session`` and the socket ``/ws/chat``."""
    router = APIRouter(tags=["web chat"])

    @router.post("/widget/session")
    async def session(request: Request, form: SessionForm) -> JSONResponse:
        """A visitor's token, signed by us and kept by the widget."""
        source = request.client.host if request.client else ""
        try:
            if not deps.throttle.hit(SESSIONS, "session", source):
                raise TooManyRequests("too many new chats from one place", fix="wait a minute")
            token = issue(deps, form)
        except SwitchboardError as error:
            body = {"title": error.title, "status": error.status, "detail": error.detail}
            return JSONResponse(body, status_code=error.status, media_type="application/problem+json")
        return JSONResponse({"token": token}, headers={"cache-control": "no-store"})

    @router.get("/widget/files/{ticket}", include_in_schema=False)
    async def file(ticket: str) -> Response:
        """A file of ours in a chat; the link proves that it was given to the visitor."""
        try:
            message_id, place = deps.visitors.read_ticket(ticket, deps.clock.now())
            if deps.open_file is None:
                raise NotFound("there is no such file")
            return shown(await deps.open_file(MessageId(message_id), place))
        except SwitchboardError as error:
            body = {"title": error.title, "status": error.status, "detail": error.detail}
            return JSONResponse(body, status_code=error.status, media_type="application/problem+json")

    @router.websocket("/ws/chat")
    async def chat(socket: WebSocket) -> None:
        if not origin_allowed(socket, deps.origins):
            await socket.close(POLICY)
            return
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await ChatSocket(deps, socket).run()

    return router


def issue(deps: WebChatDeps, form: SessionForm) -> str:
    now = deps.clock.now()
    known = form.token
    if known is not None:
        try:
            deps.visitors.read(known, now)
        except SwitchboardError:
            known = None
    return deps.visitors.issue(
        now,
        user_id=form.user_id,
        name=form.name,
        email=form.email,
        signature=form.signature,
        known=known,
        answers={name: told.strip() for name, told in form.answers.items() if name in deps.ask and told.strip()},
    )


def unanswered(deps: WebChatDeps, visitor: Visitor) -> tuple[str, ...]:
    """The fields that must be filled in before anything is taken."""
    if visitor.user_id is not None:
        return ()
    return tuple(name for name in deps.required if not visitor.answers.get(name))


def origin_allowed(socket: HTTPConnection, origins: frozenset[str]) -> bool:
    """Browsers name the page that opens a socket: it must be ours or listed. Programs send no origin."""
    origin = socket.headers.get("origin")
    if origin is None or origin in origins:
        return True
    return urlsplit(origin).netloc == socket.headers.get("host", "")


class ChatSocket:
    """One open window of a visitor."""

    def __init__(self, deps: WebChatDeps, socket: WebSocket) -> None:
        self.deps = deps
        self.socket = socket
        self.shown: set[str] = set()
        self.leaving: set[str] = set()
        self.status: Mapping[str, object] = {}
        self.after: str | None = None
        self.unseen = False
        self.token = ""
        self.turn = asyncio.Lock()

    async def run(self) -> None:
        visitor = await self._joined()
        if visitor is None:
            return
        topic = f"chat:{visitor.address}"
        async with self.deps.hub.subscribe(topic) as hints:
            await self._catch_up(visitor, first=True)
            parts = (self._read(visitor), self._watch(visitor, hints), self._keep_waiting_informed(visitor))
            await first_to_end([asyncio.create_task(part) for part in parts])

    async def _joined(self) -> Visitor | None:
        """The first frame proves who this is, within 10 s; everything else closes the socket."""
        try:
            join = Join.model_validate_json(await asyncio.wait_for(self._receive(), JOIN_WITHIN))
            visitor = self.deps.visitors.read(join.token, self.deps.clock.now())
        except (ValidationError, SwitchboardError, TimeoutError):
            await self._send({"type": "error", "code": "join_first", "detail": "Join with a valid token first."})
            await self.socket.close(POLICY)
            return None
        self.after, self.token = join.after, join.token
        return visitor

    async def _receive(self) -> str:
        text = await self.socket.receive_text()
        if len(text) > LONGEST_FRAME:
            await self.socket.close(TOO_BIG)
            raise WebSocketDisconnect(TOO_BIG)
        return text

    async def _read(self, visitor: Visitor) -> None:
        while True:
            try:
                text = await asyncio.wait_for(self._receive(), SILENT_FOR)
            except TimeoutError:
                await self.socket.close(AGAIN)
                return
            if not self.deps.throttle.hit(FRAMES, "frame", visitor.address):
                await self.socket.close(POLICY)
                return
            await self._handle(visitor, text)

    async def _handle(self, visitor: Visitor, text: str) -> None:
        try:
            frame = Frame.validate_json(text)
        except ValidationError:
            await self._send({"type": "error", "code": "bad_frame", "detail": "This frame cannot be read."})
            return
        if isinstance(frame, Said):
            await self._said(visitor, frame, text)
        elif frame.type == "ping":
            await self._send({"type": "pong"})
        elif frame.type == "typing":
            self.deps.hub.publish("presence", {"visitor": visitor.address, "what": "typing"})
        elif self.unseen:
            self.unseen = False
            with contextlib.suppress(SwitchboardError):  # a courtesy: the next one says it again
                await self.deps.accept((read_event(visitor, self.deps.clock.now()),))

    async def _said(self, visitor: Visitor, frame: Said, text: str) -> None:
        await self._send(await take_message(self.deps, visitor, self.token, frame, text))

    async def _watch(self, visitor: Visitor, hints: AsyncIterator[Mapping[str, str | int]]) -> None:
        """A hint says that something may be there for this visitor; the store says what."""
        async for hint in hints:
            what = hint.get("what")
            if what == "typing":
                await self._send({"type": "typing"})
                continue
            if what == "read":
                await self._send({"type": "read", "client_id": hint.get("client_id")})
                continue
            key = hint.get("message_id")
            if isinstance(key, str):
                self.leaving.add(key)
            await self._catch_up(visitor)

    async def _keep_waiting_informed(self, visitor: Visitor) -> None:
        """Places in the queue move without any message: whoever waits hears of it every few seconds."""
        while True:
            await asyncio.sleep(PLACE_EVERY)
            if self.status.get("handler") == "queue":
                await self._catch_up(visitor)

    async def _catch_up(self, visitor: Visitor, *, first: bool = False) -> None:
        async with self.turn:
            await self._show_news(visitor, first=first)

    async def _show_news(self, visitor: Visitor, *, first: bool) -> None:
        after, leaving = self.after, frozenset(self.leaving)
        state = await self.deps.store.read(
            lambda work: chat_state(work, visitor.address, self.deps.account, after=after, leaving=leaving)
        )
        if first:
            await self._send({"type": "joined", "cursor": after})
        for message in state.messages:
            if message.message_id not in self.shown:
                self.shown.add(message.message_id)
                self.unseen = self.unseen or (message.author != "customer" and not message.seen)
                await self._send(message_frame(message, self._ticket))
        await self._say_status(state)

    def _ticket(self, message_id: str, place: int) -> str:
        return self.deps.visitors.ticket(message_id, place, self.deps.clock.now())

    async def _say_status(self, state: ChatState) -> None:
        status = status_frame(state)
        if status != self.status:
            self.status = status
            await self._send(status)

    async def _send(self, frame: Mapping[str, object]) -> None:
        await self.socket.send_text(orjson.dumps(frame).decode())


async def take_message(deps: WebChatDeps, visitor: Visitor, token: str, frame: Said, text: str) -> dict[str, object]:
    """Durable first, acknowledged after: an unacknowledged message is sent again with the same ``client_id``. The answer
    is a frame, ``ack`` or ``error``; ``text`` is what came, unread."""
    try:
        if not deps.throttle.hit(MESSAGES, "message", visitor.address):
            raise TooManyRequests("too many messages in a minute", fix="wait a moment")
        missing = unanswered(deps, visitor)
        if missing:
            raise InvalidInput(f"fill in first: {', '.join(missing)}", field="answers")
        await deps.accept(deps.channel.parse(_as_request(deps, token, text)).events)
    except SwitchboardError as error:
        known = {"type": "error", "code": "not_taken", "client_id": frame.client_id}
        return {**known, "detail": error.detail, "again": error.retryable}
    deps.hub.publish(f"chat:{visitor.address}")
    return {"type": "ack", "client_id": frame.client_id}


def _as_request(deps: WebChatDeps, token: str, text: str) -> RawRequest:
    return RawRequest(
        method="POST",
        url="/ws/chat",
        headers={deps.token_header: token},
        query={},
        body=text.encode("utf-8", "surrogatepass"),
        received_at=deps.clock.now(),
    )


def status_frame(state: ChatState) -> dict[str, object]:
    """Who has the conversation, and how long the visitor may have to wait."""
    return {
        "type": "status",
        "handler": state.handler,
        "agent": state.agent,
        "place": state.place,
        "wait_s": state.wait_s,
        "open": state.open,
    }


async def first_to_end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Runs all until one of them ends, then stops the others; raises what that one raised. Stopped from outside, it
    leaves nothing running (``gather`` would forget who had asked it to stop)."""
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        faults = {task: None if task.cancelled() else task.exception() for task in tasks}
    for task in done:
        if (fault := faults[task]) is not None:
            raise fault


def message_frame(message: ChatMessage, ticket: Callable[[str, int], str]) -> dict[str, object]:
    """What the widget gets to show. ``ticket`` opens a file of a message."""
    return {
        "type": "message",
        "id": message.message_id,
        "cursor": message.cursor,
        "author": message.author,
        "name": message.name,
        "text": message.text,
        "at": message.at,
        "client_id": message.client_id,
        "sources": [{"number": s.number, "title": s.title, "url": s.url} for s in message.sources],
        "files": [
            {"name": f.name, "size": f.size, "url": f"/widget/files/{ticket(message.message_id, f.place)}"}
            for f in message.files
        ],
    }
