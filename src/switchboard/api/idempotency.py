"""The same request twice has one effect: the first answer is remembered for a day and given again, also after a restart."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from datetime import timedelta

from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from switchboard.api.problems import of_error, problem
from switchboard.errors import Conflict, SwitchboardError
from switchboard.ports.clock import Clock
from switchboard.ports.records import StoredAnswer
from switchboard.ports.store import Store

KEEP = timedelta(hours=24)
LONGEST_KEY = 200


class Idempotency:
    """ASGI middleware for POSTs that carry an ``Idempotency-Key``. Equal keys of different callers never meet."""

    def __init__(self, app: ASGIApp, store: Store, clock: Clock) -> None:
        self._app, self._store, self._clock = app, store, clock
        self._running: dict[str, asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else None
        key = headers.get("idempotency-key") if headers is not None else None
        if headers is None or key is None or scope["method"] != "POST" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        if not 1 <= len(key) <= LONGEST_KEY:
            refused = problem(
                400, "The idempotency key is not valid", field="Idempotency-Key", limit="1 to 200 characters"
            )
            await refused(scope, receive, send)
            return
        who = headers.get("authorization") or headers.get("x-api-key") or ""
        scoped = hashlib.sha256(f"{who}\n{scope['path']}\n{key}".encode()).hexdigest()
        lock = self._running.setdefault(scoped, asyncio.Lock())
        async with lock:
            await self._answer(scope, receive, send, scoped)
        if not lock.locked():
            self._running.pop(scoped, None)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, scoped: str) -> None:
        body = (await receive()).get("body", b"")  # the guard hands the whole body over in one message
        fingerprint = hashlib.sha256(body).hexdigest()
        try:
            known = await self._store.read(lambda work: work.answers.get(scoped, self._clock.now()))
        except SwitchboardError as error:
            await of_error(error)(scope, receive, send)
            return
        if known is not None:
            await _again(known, fingerprint)(scope, receive, send)
            return
        taken = _Taken()
        await self._app(scope, replay(body, receive), taken)
        response = taken.response()
        if response.status_code < 500 and response.status_code not in (401, 403, 429):
            await self._remember(scoped, fingerprint, response, bytes(response.body))
        await response(scope, receive, send)

    async def _remember(self, scoped: str, fingerprint: str, response: Response, body: bytes) -> None:
        answer = StoredAnswer(
            key=scoped,
            fingerprint=fingerprint,
            status=response.status_code,
            content_type=response.headers.get("content-type", ""),
            body=body,
            expires_at=self._clock.now() + KEEP,
        )
        with suppress(Conflict):  # another replica was faster with the same request
            await self._store.write(lambda work: work.answers.put(answer))


def _again(known: StoredAnswer, fingerprint: str) -> Response:
    if known.fingerprint != fingerprint:
        return problem(
            409, "The idempotency key was used for another body", field="Idempotency-Key", fix="use a new key"
        )
    return Response(
        known.body, status_code=known.status, media_type=known.content_type, headers={"Idempotent-Replay": "true"}
    )


class _Taken:
    """Collects what the application sends, to be remembered before it is passed on."""

    def __init__(self) -> None:
        self._status = 500
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], list(message.get("headers", ()))
        else:
            self._body.append(message.get("body", b""))

    def response(self) -> Response:
        answer = Response(b"".join(self._body), status_code=self._status)
        answer.raw_headers = self._headers
        return answer


def replay(body: bytes, receive: Receive) -> Receive:
    """The body once more, for the application behind."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
