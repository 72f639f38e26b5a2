"""What channels need besides a line to their provider: files of ours and of customers, and access that is renewed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import httpx2

from switchboard.engines.fetcher import GuardedFetcher
from switchboard.flows.files import loader
from switchboard.ports.blobs import Blobs
from switchboard.ports.channel import LoadFile
from switchboard.ports.fetcher import Fetcher
from switchboard.ports.store import Store
from switchboard.ports.tokens import TokenKeeper, TokenPair


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAccess:
    """``load`` opens files that go out, ``fetcher`` gets those that came, ``x_tokens`` keeps X's newest pair, ``keeper``
    others' by their name. ``store`` is the memory that channels share with every other process."""

    load: LoadFile
    fetcher: Fetcher
    x_tokens: TokenKeeper
    keeper: Callable[[str], TokenKeeper]
    store: Store


def channel_access(store: Store, blobs: Blobs, client: httpx2.AsyncClient) -> ChannelAccess:
    return ChannelAccess(
        load=loader(store, blobs),
        fetcher=GuardedFetcher(client),
        x_tokens=StoredTokens(store, "twitter-tokens"),
        keeper=lambda name: StoredTokens(store, name),
        store=store,
    )


class StoredTokens:
    """Fulfils ``TokenKeeper``: sealed in the store, the same for every process."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name = store, name

    async def load(self) -> TokenPair | None:
        kept = await self._store.read(lambda work: work.config.get_secret(self._name))
        return TokenPair(**json.loads(kept)) if kept else None

    async def save(self, pair: TokenPair) -> None:
        kept = json.dumps({"access": pair.access, "refresh": pair.refresh}).encode()
        await self._store.write(lambda work: work.config.set_secret(self._name, kept))
