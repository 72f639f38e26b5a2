"""The live stream: what changed, as small hints, resumable from the last one seen, never a silent gap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from switchboard.api.caller import Caller, needs
from switchboard.api.messages import TheApp
from switchboard.api.problems import RESPONSES
from switchboard.domain.event import Event
from switchboard.flows.app import App
from switchboard.trust.roles import Permission

router = APIRouter(prefix="/v1", responses=RESPONSES, tags=["events"])
COMMENT_EVERY_S = 15
LOOK_EVERY_S = 5.0
MOST_REPLAYED = 5000


@router.get("/events", response_class=EventSourceResponse)
async def stream(
    request: Request,
    app: TheApp,
    caller: Annotated[Caller, Depends(needs(Permission.LIST_CONVERSATIONS))],
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
    after: Annotated[int | None, Query(ge=0, le=2**53)] = None,
) -> EventSourceResponse:
    """Server-sent events; ids are the sequence of the event log. ``reset``: too much was missed, load everything anew."""
    given = last_event_id if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else None
    start = int(given) if given else after
    stop: asyncio.Event = request.app.state.stop
    return EventSourceResponse(
        follow(app, start, stop), ping=COMMENT_EVERY_S, headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    )


async def follow(app: App, start: int | None, stop: asyncio.Event) -> AsyncGenerator[ServerSentEvent, None]:
    """From ``start`` (default: from now on) until the client goes or the server stops."""
    async with app.hub.subscribe("events", "presence") as hints:
        last = await app.store.read(lambda work: work.events.last())
        position = last if start is None else start
        if position > last or last - position > MOST_REPLAYED:
            position = last
            yield ServerSentEvent(event="reset", data="{}", id=str(last))
        else:
            yield ServerSentEvent(event="ready", data="{}", id=str(position))
        waiting = aiter(hints)
        while not stop.is_set():
            events = await app.store.read(lambda work, after=position: work.events.after(after, 500))  # type: ignore[misc]  # bound now
            for event in events:
                position = event.sequence
                yield ServerSentEvent(event=event.type.value, id=str(position), data=_hint(event))
            if not events:
                await _nap(waiting, stop)


async def _nap(hints: AsyncIterator[object], stop: asyncio.Event) -> None:
    """Until something happens, somebody stops us, or a while has passed."""
    tasks = {asyncio.ensure_future(anext(hints)), asyncio.create_task(stop.wait())}
    try:
        await asyncio.wait(tasks, timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
    finally:  # also when the client goes meanwhile
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _hint(event: Event) -> str:
    fields = {
        "id": event.sequence,
        "type": event.type.value,
        "conversation_id": event.conversation_id,
        "message_id": event.message_id,
        "at": event.at.isoformat(),
        **{name: value for name, value in event.dimensions.items() if name in ("channel", "agent_id", "state")},
    }
    return orjson.dumps(fields).decode()
