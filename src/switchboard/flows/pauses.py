"""A channel whose sending is paused after repeated failures: told from process to process while the pause lasts."""

from __future__ import annotations

from datetime import datetime, timedelta

from switchboard.domain.message import ChannelType
from switchboard.flows.app import App
from switchboard.ports.store import Work

NAME = "channel-pauses"
FRESH = timedelta(seconds=60)
"""Whoever pauses says so again and again; what nobody repeats is over."""
AGAIN = timedelta(seconds=20)
OPEN = "open"


async def tell(app: App) -> None:
    """Writes down which channels this process has paused; nothing where there are none."""
    now = app.clock.now()
    paused = [channel for channel, state in app.accounts.breakers().items() if state == OPEN and channel in KNOWN]
    if not paused:
        return
    told = await app.store.read(lambda work: read(work, now))
    if any(now - told.get(ChannelType(channel), now - FRESH) >= AGAIN for channel in paused):
        await app.store.write(lambda work: _write(work, paused, now))


KNOWN = frozenset(channel.value for channel in ChannelType)


def read(work: Work, now: datetime) -> dict[ChannelType, datetime]:
    """The paused channels, with when that was last said."""
    stored = work.config.get(NAME)
    said = {name: datetime.fromisoformat(str(at)) for name, at in (stored[0] if stored else {}).items()}
    return {ChannelType(name): at for name, at in said.items() if name in KNOWN and now - at < FRESH}


def _write(work: Work, paused: list[str], now: datetime) -> None:
    others = {channel.value: at.isoformat() for channel, at in read(work, now).items()}
    work.config.set(NAME, {**others, **{channel: now.isoformat() for channel in paused}})
