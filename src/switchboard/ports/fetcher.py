"""Getting a file from an address that a provider's payload named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from switchboard.ports.channel import FetchedFile

Headers = Callable[[str], Mapping[str, str]]
"""The headers for a request to an address: credentials go only where the caller says."""


class Fetcher(Protocol):
    """Https only, to ``hosts`` (and their subdomains) that are outside, or to exactly the origin of ``base_url``, which
    an operator set. Every redirect passes the same checks.

    Raises ``Unavailable`` (time-out, 5xx, 429), ``ChannelNeedsAttention`` (401), ``NotFound`` (403, 404, 410: expired),
    ``TooLarge`` and ``InvalidInput`` (an address that is not called).
    """

    async def get(
        self, url: str, headers: Headers, *, hosts: Collection[str], base_url: str, most: int
    ) -> FetchedFile: ...
