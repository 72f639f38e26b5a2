"""The socket for calls whose speech Twilio turns into text and back (ConversationRelay)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from switchboard.domain.call import CallAct, Spoken
from switchboard.domain.message import ChannelType
from switchboard.errors import BadSignature, InvalidInput, SwitchboardError
from switchboard.flows.app import App
from switchboard.flows.call_relay import RelayedCall
from switchboard.flows.calls import Telephone
from switchboard.flows.intake import keep_unreadable
from switchboard.ports.channel import RawRequest
from switchboard.ports.phone_line import RelayCodec, RelayKind

POLICY, AGAIN = 1008, 1013
SETUP_WITHIN_S = 10.0
MOST_BAD_FRAMES = 20
log = logging.getLogger(__name__)
router = APIRouter(tags=["channels"])


@router.websocket("/channels/voice/relay")
async def relay(socket: WebSocket) -> None:
    """Twilio opens it, signed like every request of its."""
    app: App = socket.app.state.switchboard
    phone = app.talks.get(ChannelType.VOICE)
    if not isinstance(phone, Telephone) or not _signed(app, socket):
        await socket.close(POLICY)
        return
    await socket.accept()
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await RelaySocket(app, phone, socket).run()


def _signed(app: App, socket: WebSocket) -> bool:
    """The signature is over the socket's public address; nothing is posted."""
    for scheme in ("wss", "https"):
        try:
            app.channels[ChannelType.VOICE].verify(_request(app, socket, scheme))
        except BadSignature:
            continue
        return True
    return False


def _request(app: App, socket: WebSocket, scheme: str, body: bytes = b"") -> RawRequest:
    public: str = socket.app.state.public_url
    base = urlsplit(public or f"https://{socket.url.netloc}")
    secure = scheme if base.scheme == "https" else scheme.removesuffix("s")
    path = base.path.rstrip("/") + socket.url.path
    url = urlunsplit((secure, base.netloc, path, socket.url.query, ""))
    headers = {name.lower(): value for name, value in socket.headers.items()}
    return RawRequest(method="GET", url=url, headers=headers, query={}, body=body, received_at=app.clock.now())


class RelaySocket:
    """One call on its socket: frames come in, sentences go out, hints of our own side in between."""

    def __init__(self, app: App, phone: Telephone, socket: WebSocket) -> None:
        self.app, self.phone, self.socket = app, phone, socket
        self.codec: RelayCodec = phone.line.relay_codec()
        self.bad = 0

    async def run(self) -> None:
        call = await self._set_up()
        if call is None:
            await self.socket.close(POLICY)
            return
        await call.begin()
        async with self.app.hub.subscribe("events") as hints:
            await self._talk(call, hints)
        await self.socket.close()

    async def _set_up(self) -> RelayedCall | None:
        """The first frame names the call, within 10 s."""
        try:
            text = await asyncio.wait_for(self.socket.receive_text(), SETUP_WITHIN_S)
            known = self.codec.read_setup(text)
        except (TimeoutError, SwitchboardError):
            return None
        url = _request(self.app, self.socket, "https").url
        return RelayedCall(
            app=self.app,
            phone=self.phone,
            call_id=known.call_id,
            as_request=lambda step, fields, now: known.as_request(url, step, fields, now),
            tell=self._tell,
        )

    async def _talk(self, call: RelayedCall, hints: AsyncIterator[object]) -> None:
        frame = asyncio.ensure_future(self.socket.receive_text())
        hint = asyncio.ensure_future(_next(hints))
        try:
            while not call.over:
                patience = await call.patience()
                done, _ = await asyncio.wait({frame, hint}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                if frame in done:
                    await self._hear(call, frame.result())
                    frame = asyncio.ensure_future(self.socket.receive_text())
                elif hint in done:
                    hint = asyncio.ensure_future(_next(hints))
                    await call.something_happened()
                else:
                    await call.nothing_came()
        finally:
            for task in (frame, hint):
                task.cancel()
            await asyncio.gather(frame, hint, return_exceptions=True)

    async def _hear(self, call: RelayedCall, text: str) -> None:
        try:
            frame = self.codec.read_frame(text)
        except InvalidInput as error:
            await self._unreadable(text, error)
            return
        match frame.kind:
            case RelayKind.PROMPT if frame.last:
                await call.said(frame.words)
            case RelayKind.DTMF if frame.digit:
                await call.pressed(frame.digit)
            case RelayKind.INTERRUPT:
                await call.heard_until(frame.words)
            case RelayKind.ERROR:
                log.warning("twilio reports an error on a relayed call")
            case _:
                return

    async def _unreadable(self, text: str, error: InvalidInput) -> None:
        """Kept for an operator; a socket that sends nothing else is closed."""
        self.bad += 1
        request = _request(self.app, self.socket, "wss", text.encode("utf-8", "replace")[: 64 * 1024])
        await keep_unreadable(self.app, ChannelType.VOICE, replace(request, headers={}), error)
        if self.bad > MOST_BAD_FRAMES:
            raise WebSocketDisconnect(POLICY)

    async def _tell(self, spoken: Spoken) -> None:
        """What only a document can do goes back to the webhook with a reason."""
        if spoken.act not in (CallAct.LISTEN, CallAct.HOLD):
            await self.socket.send_text(self.codec.end_frame(spoken.act.value))
        elif spoken.words:
            for frame in self.codec.text_frames(" ".join(spoken.words)):
                await self.socket.send_text(frame)


async def _next(hints: AsyncIterator[object]) -> object:
    return await anext(hints)
