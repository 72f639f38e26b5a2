"""What every request passes before anything looks at it: size, JSON depth, keys and numbers, rate, safe headers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import orjson
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from switchboard.api.idempotency import replay
from switchboard.api.problems import of_error
from switchboard.errors import Rejected, TooLarge, TooManyRequests

SAFE_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
_SAFE = tuple((name.encode(), value.encode()) for name, value in SAFE_HEADERS.items())
BIGGEST_INTEGER = 2**63 - 1
_LONG_NUMBER = re.compile(rb"\d{19}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLimits:
    """Bytes of a body (mail webhooks carry whole mails, uploads whole documents, replies files), depth and keys of JSON,
    requests per minute of one caller."""

    body_bytes: int = 4 * 1024 * 1024
    mail_bytes: int = 36 * 1024 * 1024
    upload_bytes: int = 11 * 1024 * 1024
    file_bytes: int = 25 * 1024 * 1024 + 64 * 1024
    json_depth: int = 64
    json_keys: int = 10_000
    per_minute: int = 60_000


class Guard:
    """ASGI middleware; reads the body once, bounded, and hands it on."""

    def __init__(self, app: ASGIApp, limits: RequestLimits) -> None:
        self._app, self._limits = app, limits
        self._rate = MovingWindowRateLimiter(MemoryStorage())
        self._item = RateLimitItemPerMinute(limits.per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            if scope["path"].startswith("/v1/"):
                await self._throttle(scope, headers)
            body = await self._body(scope, headers, receive)
        except Rejected as refused:
            await of_error(refused)(scope, receive, _with_safe_headers(send))
            return
        await self._app(scope, replay(body, receive) if body is not None else receive, _with_safe_headers(send))

    async def _throttle(self, scope: Scope, headers: Headers) -> None:
        client = scope.get("client")
        who = headers.get("authorization") or headers.get("x-api-key") or (client[0] if client else "")
        if not await self._rate.hit(self._item, who):
            raise TooManyRequests("too many requests in this minute", limit=f"{self._limits.per_minute} per minute")

    async def _body(self, scope: Scope, headers: Headers, receive: Receive) -> bytes | None:
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return None
        larger = {
            "/channels/email": self._limits.mail_bytes,
            "/v1/knowledge/documents/upload": self._limits.upload_bytes,
        }
        usual = self._limits.file_bytes if scope["path"].endswith("/attachments") else self._limits.body_bytes
        most = larger.get(scope["path"], usual)
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > most:
            raise TooLarge("the body is too large", field="body", limit=f"{most} bytes")
        body = await _read(receive, most)
        if body and scope["path"].startswith("/v1/") and "json" in headers.get("content-type", "json"):
            self._check_json(body)
        return body

    def _check_json(self, body: bytes) -> None:
        if not self._plainly_harmless(body):
            self._check_closely(body)

    def _plainly_harmless(self, body: bytes) -> bool:
        """JSON with too few brackets and colons to be deep or crowded, and without a number that could be too big."""
        nested, keys = body.count(b"{") + body.count(b"["), body.count(b":")
        if nested > self._limits.json_depth or keys > self._limits.json_keys or _LONG_NUMBER.search(body):
            return False
        try:
            orjson.loads(body)
        except ValueError:
            return False
        return True

    def _check_closely(self, body: bytes) -> None:
        try:
            parsed = json.loads(body, parse_constant=_no_constant)
        except RecursionError:
            raise Rejected("the JSON is nested too deeply", limit=f"{self._limits.json_depth} levels") from None
        except ValueError as error:
            raise Rejected(f"the body is not JSON: {str(error)[:100]}", field="body") from None
        keys = 0
        for depth, value in _walk(parsed):
            if depth > self._limits.json_depth:
                raise Rejected("the JSON is nested too deeply", limit=f"{self._limits.json_depth} levels")
            keys += len(value) if isinstance(value, dict) else 0
            if keys > self._limits.json_keys:
                raise Rejected("the JSON has too many keys", limit=f"{self._limits.json_keys} keys")
            if isinstance(value, int) and abs(value) > BIGGEST_INTEGER:
                raise Rejected("a number is too big", limit="64-bit integers")


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _walk(parsed: object) -> Iterator[tuple[int, object]]:
    """Every value with its depth, without recursion."""
    stack: list[tuple[int, object]] = [(1, parsed)]
    while stack:
        depth, value = stack.pop()
        yield depth, value
        if isinstance(value, dict):
            stack.extend((depth + 1, inner) for inner in value.values())
        elif isinstance(value, list):
            stack.extend((depth + 1, inner) for inner in value)


async def _read(receive: Receive, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Rejected("the connection ended before the body did")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise TooLarge("the body is too large", field="body", limit=f"{most} bytes")
        if not message.get("more_body", False):
            return b"".join(parts)


def _with_safe_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            present = {name.lower() for name, _ in given}
            message["headers"] = [*given, *(header for header in _SAFE if header[0] not in present)]
        await send(message)

    return guarded
