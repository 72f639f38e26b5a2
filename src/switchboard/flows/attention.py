"""A channel that needs an operator: kept until sending works again, for the desk and the health page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from switchboard.domain.message import ChannelType
from switchboard.flows.app import App
from switchboard.ports.store import Work

NAME = "channel-attention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """``detail`` is the provider's trouble in our words: it never holds customer text."""

    channel: ChannelType
    since: datetime
    detail: str


def note(work: Work, app: App, channel: ChannelType, detail: str) -> None:
    """The channel cannot send until somebody acts. The first time counts."""
    known = read(work)
    if channel in known and known[channel].detail == detail:
        return
    since = known[channel].since if channel in known else app.clock.now()
    _write(work, app, {**known, channel: Attention(channel=channel, since=since, detail=detail)})


def clear(work: Work, app: App, channel: ChannelType) -> None:
    """It sent something: the trouble is over."""
    if channel in app.attention:
        _write(work, app, {key: value for key, value in read(work).items() if key is not channel})


def read(work: Work) -> dict[ChannelType, Attention]:
    stored = work.config.get(NAME)
    found: dict[ChannelType, Attention] = {}
    for name, value in (stored[0] if stored is not None else {}).items():
        if isinstance(value, dict) and name in set(ChannelType):
            since = datetime.fromisoformat(str(value["since"]))
            found[ChannelType(name)] = Attention(channel=ChannelType(name), since=since, detail=str(value["detail"]))
    return found


async def look(app: App) -> None:
    """Another process may have noted or cleared something."""
    app.attention = {channel: one.detail for channel, one in (await app.store.read(read)).items()}


def _write(work: Work, app: App, attention: dict[ChannelType, Attention]) -> None:
    document = {key.value: {"since": a.since.isoformat(), "detail": a.detail} for key, a in attention.items()}
    work.config.set(NAME, document)
    app.attention = {channel: one.detail for channel, one in attention.items()}
