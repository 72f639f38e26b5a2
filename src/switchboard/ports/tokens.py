"""Access that a provider gives for a while only: where the newest pair of tokens is kept, over restarts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """``refresh`` can be used once."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


class TokenKeeper(Protocol):
    """``save`` is durable when it returns; what is kept is sealed."""

    async def load(self) -> TokenPair | None: ...

    async def save(self, pair: TokenPair) -> None: ...
