"""Where providers knock. The raw bytes go to the channel; 2xx leaves only when everything is durable."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from switchboard.domain.message import ChannelType
from switchboard.errors import NotFound
from switchboard.flows.app import App
from switchboard.flows.intake import receive_request
from switchboard.ports.channel import RawRequest

router = APIRouter(tags=["channels"])


@router.api_route("/channels/{channel}", methods=["GET", "POST"], include_in_schema=False)
async def knock(channel: str, request: Request) -> Response:
    """A provider's subscription check (GET) or events (POST)."""
    app: App = request.app.state.switchboard
    kind = _channel(app, channel)
    answer = await receive_request(app, kind, await raw(request, app))
    return Response(answer.body, status_code=answer.status, media_type=answer.content_type)


def _channel(app: App, name: str) -> ChannelType:
    if name not in set(ChannelType) or ChannelType(name) not in app.channels:
        raise NotFound(f"no channel {name[:40]!r} is set up here")
    return ChannelType(name)


async def raw(request: Request, app: App) -> RawRequest:
    """The request untouched. Its address is rebuilt from our public one: a proxy's headers prove nothing."""
    public: str = request.app.state.public_url
    base = public.rstrip("/") if public else f"{request.url.scheme}://{request.url.netloc}"
    query = f"?{request.url.query}" if request.url.query else ""
    return RawRequest(
        method=request.method,
        url=f"{base}{request.url.path}{query}",
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query_params),
        body=await request.body(),
        received_at=app.clock.now(),
    )
