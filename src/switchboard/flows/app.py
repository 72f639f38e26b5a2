"""What every story needs at hand: the store, the machines, the channels, the business's own settings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from switchboard.domain.message import ChannelType
from switchboard.flows.business import Business, load_business
from switchboard.flows.underway import Underway
from switchboard.ports.blobs import Blobs
from switchboard.ports.channel import Channel, Parsed, RawRequest, RawResponse
from switchboard.ports.channel_check import Probe
from switchboard.ports.clock import Clock
from switchboard.ports.engines import Embedder, LanguageModel, Understanding
from switchboard.ports.hub import Hub
from switchboard.ports.knowledge import KnowledgeSearch
from switchboard.ports.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """How fast things happen; tests turn the clock faster."""

    lease: timedelta = timedelta(seconds=60)
    undo: timedelta = timedelta(seconds=5)
    archive_after: timedelta = timedelta(hours=24)
    reopen_within: timedelta = timedelta(hours=72)
    batch: int = 32
    max_backlog: int = 200_000
    largest_file: int = 25 * 1024 * 1024


def _none() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The channel accounts. ``sources``: where each that is set up is configured; ``expiries``: when access ends, as
    whoever added it said; ``breakers``: name to closed, open or half_open, of this process."""

    sources: Mapping[ChannelType, str] = field(default_factory=dict)
    probes: Mapping[ChannelType, Probe] = field(default_factory=dict)
    expiries: Mapping[ChannelType, datetime] = field(default_factory=dict)
    breakers: Callable[[], Mapping[str, str]] = _none


class Talk(Protocol):
    """A channel whose answer to a request is what the customer hears next (the telephone). It makes the events durable
    and says what comes then."""

    async def __call__(self, app: App, request: RawRequest, parsed: Parsed) -> RawResponse: ...


@dataclass(slots=True, kw_only=True)
class App:
    """The running system as the stories see it. Assembled in one place; passed in, never looked up."""

    store: Store
    clock: Clock
    hub: Hub
    blobs: Blobs
    understanding: Understanding
    embedder: Embedder
    knowledge: KnowledgeSearch
    channels: Mapping[ChannelType, Channel]
    language_model: LanguageModel | None = None
    talks: Mapping[ChannelType, Talk] = field(default_factory=dict)
    tempo: Tempo = field(default_factory=Tempo)
    accounts: Accounts = field(default_factory=Accounts)
    waiting: int = 0
    attention: dict[ChannelType, str] = field(default_factory=dict)
    """Channels that need an operator, with the reason; as last looked at."""
    signalled: dict[str, datetime] = field(default_factory=dict)
    """When which courtesy was last shown to whom."""
    _business: Business | None = None
    _known: Business | None = None
    one_big_file: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Whoever writes a big file holds it."""
    underway: Underway = field(default_factory=Underway)
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def business(self) -> Business:
        """The business's settings as of its last change."""
        if self._business is None:
            async with self._loading:
                if self._business is None:
                    self._business = self._known = await self.store.read(load_business)
        return self._business

    def known_products(self) -> tuple[str, ...]:
        """The catalogue as last read; empty before that."""
        return self._known.products if self._known is not None else ()

    def brand_name(self) -> str:
        """How the business calls itself, as last read."""
        return self._known.brand.business_name if self._known is not None else "Switchboard"

    def forget_business(self) -> None:
        """The settings changed: the next story reads them anew."""
        self._business = None
