"""Posting to an address that somebody else gave us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Poster(Protocol):
    """Never follows redirects, never connects to inside addresses (unless allowed by setting). Returns the status.
    Raises ``Unavailable`` on time-out or connection loss and ``InvalidInput`` for an address that is not allowed."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int: ...

    def check(self, url: str) -> None:
        """Raises ``InvalidInput`` naming what is wrong with the address."""
        ...
