"""The chat over plain requests, for visitors whose network lets no socket through: the same frames, cursors and limits."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from switchboard.api.web_chat import (
    FRAMES,
    LONGEST_FRAME,
    PLACE_EVERY,
    Frame,
    Said,
    WebChatDeps,
    message_frame,
    origin_allowed,
    status_frame,
    take_message,
)
from switchboard.channels.web_chat import read_event
from switchboard.errors import Forbidden, InvalidInput, SwitchboardError, TooLarge, TooManyRequests
from switchboard.ports.web_chat import Visitor
from switchboard.views.web_chat import OVERLAP, ChatState, chat_state

LONGEST_WAIT = 25.0
"""Seconds: most proxies close a request that is silent for 30."""
LOOK_SOON = 1.0
"""A message may be announced a moment before it counts as sent."""
WINDOWS = 8
"""Polls of one visitor at the same time: one for each open window."""
Token = Annotated[str, Header(alias="x-visitor-token", max_length=2000)]
Key = Annotated[str, Field(max_length=80)]
Hints = AsyncIterator[Mapping[str, str | int]]


class PollForm(BaseModel):
    """``after``: the last cursor seen; ``have``: ids already shown, those that ``after`` may repeat; ``state``: what the
    last answer gave; ``wait_s``: how long to wait for news."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    after: Key | None = None
    have: tuple[Key, ...] = Field(default=(), max_length=5 * OVERLAP)
    state: Key = ""
    wait_s: float = Field(default=LONGEST_WAIT, ge=0, le=60, allow_inf_nan=False)


def web_chat_poll_router(deps: WebChatDeps) -> APIRouter:
    """``POST /widget/poll`` and ``POST /widget/frames``."""
    router = APIRouter(tags=["web chat"])
    open_polls: Counter[str] = Counter()

    @router.post("/widget/poll")
    async def poll(request: Request, token: Token, form: PollForm) -> Response:
        """Answers as soon as there is something that this window does not have, at the latest after ``wait_s``."""
        try:
            visitor = _visitor(deps, request, token)
            with _one_more(open_polls, visitor.address):
                return _answer(await Poll(deps, visitor, form).news(request))
        except SwitchboardError as error:
            return _problem(error)

    @router.post("/widget/frames")
    async def frame(request: Request, token: Token) -> Response:
        """One frame of the visitor: ``message``, ``typing`` or ``read``. A message is answered with ``ack`` or ``error``."""
        try:
            visitor = _visitor(deps, request, token)
            return _answer({"frames": await _handle(deps, visitor, token, await request.body())})
        except SwitchboardError as error:
            return _problem(error)

    return router


def _visitor(deps: WebChatDeps, request: Request, token: str) -> Visitor:
    """Raises ``Forbidden`` for a foreign page, ``BadSignature`` and ``TooManyRequests``."""
    if not origin_allowed(request, deps.origins):
        raise Forbidden("this page may not use the chat", field="origin")
    visitor = deps.visitors.read(token, deps.clock.now())
    if not deps.throttle.hit(FRAMES, "frame", visitor.address):
        raise TooManyRequests("too many requests in a minute", fix="wait a moment")
    return visitor


@contextlib.contextmanager
def _one_more(open_polls: Counter[str], address: str) -> Iterator[None]:
    if open_polls[address] >= WINDOWS:
        raise TooManyRequests("too many windows wait at the same time", limit=str(WINDOWS), fix="close one")
    open_polls[address] += 1
    try:
        yield
    finally:
        open_polls[address] -= 1
        if not open_polls[address]:
            del open_polls[address]


async def _handle(deps: WebChatDeps, visitor: Visitor, token: str, body: bytes) -> list[dict[str, object]]:
    if len(body) > LONGEST_FRAME:
        raise TooLarge("the frame is too large", field="body", limit=f"{LONGEST_FRAME} bytes")
    try:
        frame = Frame.validate_json(body)
    except ValidationError:
        raise InvalidInput("this frame cannot be read", field="body") from None
    if isinstance(frame, Said):
        return [await take_message(deps, visitor, token, frame, body.decode("utf-8", "replace"))]
    if frame.type == "typing":
        deps.hub.publish("presence", {"visitor": visitor.address, "what": "typing"})
    elif frame.type == "read" and await _anything_unread(deps, visitor):
        with contextlib.suppress(SwitchboardError):  # a courtesy: the next one says it again
            await deps.accept((read_event(visitor, deps.clock.now()),))
    return []


async def _anything_unread(deps: WebChatDeps, visitor: Visitor) -> bool:
    state = await deps.store.read(lambda work: chat_state(work, visitor.address, deps.account))
    return any(message.author != "customer" and not message.seen for message in state.messages)


class Poll:
    """One waiting request of a visitor's window."""

    def __init__(self, deps: WebChatDeps, visitor: Visitor, form: PollForm) -> None:
        self.deps, self.visitor, self.form = deps, visitor, form
        self.leaving: set[str] = set()
        self.hints: list[dict[str, object]] = []
        self.woken = asyncio.Event()

    async def news(self, request: Request) -> dict[str, object]:
        """Frames as the socket would bring them, with the ``state`` to come back with."""
        async with self.deps.hub.subscribe(f"chat:{self.visitor.address}") as hints:
            listening = asyncio.create_task(self._listen(hints))
            try:
                return await self._until_something(request)
            finally:
                listening.cancel()
                await asyncio.wait([listening])

    async def _until_something(self, request: Request) -> dict[str, object]:
        clock = asyncio.get_running_loop().time
        ends, pause = clock() + min(self.form.wait_s, LONGEST_WAIT), LOOK_SOON
        while True:
            self.woken.clear()
            state = await self._read()
            answer, new = self._told(state)
            if new or not await self._waited(request, min(pause, ends - clock())):
                return answer
            if clock() >= ends:
                return self._told(await self._read())[0]
            pause = PLACE_EVERY if state.handler == "queue" else LONGEST_WAIT

    async def _waited(self, request: Request, seconds: float) -> bool:
        """Until a hint comes or the time is over; False at once for no time, and when the visitor has gone."""
        clock = asyncio.get_running_loop().time
        ends = clock() + seconds
        while (left := ends - clock()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.woken.wait(), min(left, PLACE_EVERY))
                return True
            if await request.is_disconnected():
                return False
        return seconds > 0

    async def _listen(self, hints: Hints) -> None:
        async for hint in hints:
            self._note(hint)
            self.woken.set()

    def _note(self, hint: Mapping[str, str | int]) -> None:
        key = hint.get("message_id")
        if isinstance(key, str):
            self.leaving.add(key)
        elif hint.get("what") == "typing":
            self.hints.append({"type": "typing"})
        elif hint.get("what") == "read":
            self.hints.append({"type": "read", "client_id": hint.get("client_id")})

    async def _read(self) -> ChatState:
        leaving, after = frozenset(self.leaving), self.form.after
        return await self.deps.store.read(
            lambda work: chat_state(work, self.visitor.address, self.deps.account, after=after, leaving=leaving)
        )

    def _told(self, state: ChatState) -> tuple[dict[str, object], bool]:
        """The answer, and whether this window has not seen all of it."""
        status = status_frame(state)
        mark = hashlib.sha256(orjson.dumps(status)).hexdigest()[:16]
        have = set(self.form.have)
        frames = [message_frame(m, self._ticket) for m in state.messages if m.message_id not in have]
        changed = [status] if mark != self.form.state else []
        told = [*frames, *changed, *self.hints]
        return {"frames": told, "state": mark}, bool(told)

    def _ticket(self, message_id: str, place: int) -> str:
        return self.deps.visitors.ticket(message_id, place, self.deps.clock.now())


def _answer(body: Mapping[str, object]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json", headers={"cache-control": "no-store"})


def _problem(error: SwitchboardError) -> Response:
    told = {"title": error.title, "status": error.status, "detail": error.detail, "field": error.field}
    body = {**told, "limit": error.limit, "fix": error.fix}
    headers = {"retry-after": "5"} if isinstance(error, TooManyRequests) else {}
    return JSONResponse(body, status_code=error.status, media_type="application/problem+json", headers=headers)
