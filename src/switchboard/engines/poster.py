"""Requests to foreign addresses: https only, resolved once, inside addresses refused, no redirects, short and small."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

import httpx2

from switchboard.engines.outside import at, host_and_port, outside_address
from switchboard.errors import InvalidInput, Unavailable

TIMEOUT_S = 20.0


class GuardedPoster:
    """Fulfils ``Poster``. ``allowed``: exact ``host:port`` pairs that may be plain http or inside (tests, own networks)."""

    def __init__(self, client: httpx2.AsyncClient, allowed: Collection[str] = ()) -> None:
        self._client = client
        self._allowed = frozenset(allowed)

    def check(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            complete = bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port that is no number, brackets that do not close
            raise InvalidInput("the address cannot be read", field="url", fix="write https://host/path") from None
        if not complete or parts.username or parts.password:
            raise InvalidInput("the address is not complete or holds a password", field="url")
        if parts.scheme != "https" and host_and_port(url) not in self._allowed:
            raise InvalidInput("the address must begin with https://", field="url", fix="use https")

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.check(url)
        target = url
        extensions: dict[str, str] = {}
        if host_and_port(url) not in self._allowed:
            target = at(await outside_address(url), url)
            extensions = {"sni_hostname": urlsplit(url).hostname or ""}
        try:
            response = await self._client.post(
                target,
                headers={**headers, "host": urlsplit(url).netloc},
                content=body,
                timeout=TIMEOUT_S,
                follow_redirects=False,
                extensions=extensions,
            )
        except httpx2.HTTPError as error:
            raise Unavailable(f"no answer ({type(error).__name__})") from error
        return response.status_code
