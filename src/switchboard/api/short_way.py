"""The short way for the request that comes most: an ordinary message, from a known key, in the right shape.

It does what the route ``POST /v1/messages`` does, without the framework's machinery around it. Whatever is unusual (no
valid key, a field at fault, a repeated call under a key of its own) takes the long way, so that there is one place
where errors are told and one description of the operation.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from switchboard.api.caller import Authenticator, Caller
from switchboard.api.idempotency import replay
from switchboard.api.messages import take
from switchboard.api.problems import tell
from switchboard.api.shapes import NewMessage
from switchboard.errors import SwitchboardError
from switchboard.flows.app import App
from switchboard.trust.roles import Permission

PATH = "/v1/messages"


class ShortWay:
    """ASGI middleware, inside the guard: the body comes in one piece and is JSON of ordinary size."""

    def __init__(self, app: ASGIApp, switchboard: App, authenticator: Authenticator) -> None:
        self._app, self._switchboard, self._authenticator = app, switchboard, authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ordinary = _Ordinary.of(scope)
        caller = await self._authenticator.by_credential(ordinary.credential) if ordinary is not None else None
        if caller is None or not caller.may(Permission.RECEIVE_MESSAGES):
            await self._app(scope, receive, send)
            return
        body: bytes = (await receive()).get("body", b"")
        message = _read(body)
        if message is None:
            await self._app(scope, replay(body, receive), send)
            return
        try:
            await _answer(send, await self._taken(message, caller, body))
        except SwitchboardError as error:
            await tell(scope["method"], scope["path"], error)(scope, receive, send)

    async def _taken(self, message: NewMessage, caller: Caller, body: bytes) -> bytes:
        accepted = await take(self._switchboard, message, caller, body)
        return accepted.model_dump_json().encode()


@dataclass(frozen=True, slots=True)
class _Ordinary:
    """What is looked at of a request's head."""

    credential: str

    @classmethod
    def of(cls, scope: Scope) -> _Ordinary | None:
        """None for every other operation, and for calls that need more than this way knows."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            return None
        credential, json = "", False
        for name, value in scope["headers"]:
            if name == b"authorization" and value[:7].lower() == b"bearer ":
                credential = value[7:].decode("latin-1").strip()
            elif name == b"content-type":
                json = value.startswith(b"application/json")
            elif name == b"idempotency-key":
                return None
        return cls(credential) if credential and json else None


def _read(body: bytes) -> NewMessage | None:
    try:
        return NewMessage.model_validate_json(body)
    except ValidationError:
        return None


async def _answer(send: Send, document: bytes) -> None:
    headers = [(b"content-length", str(len(document)).encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": document})
