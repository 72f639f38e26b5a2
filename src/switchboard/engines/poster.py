"""Requests to foreign addresses: https only, resolved once, inside addresses refused, no redirects, short and small."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

import httpx2

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
        if parts.scheme != "https" and self._pair(url) not in self._allowed:
            raise InvalidInput("the address must begin with https://", field="url", fix="use https")

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.check(url)
        target = url
        extensions: dict[str, str] = {}
        if self._pair(url) not in self._allowed:
            target = _at(await self._outside_address(url), url)
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

    def _pair(self, url: str) -> str:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"

    async def _outside_address(self, url: str) -> str:
        """The address to connect to; refused if any of the name's addresses is inside."""
        parts = urlsplit(url)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                parts.hostname, parts.port or 443, type=socket.SOCK_STREAM
            )
        except OSError as error:
            raise Unavailable("the host's name cannot be resolved") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(ipaddress.ip_address(address.split("%")[0]).is_global for address in addresses):
            raise InvalidInput("the address leads inside", field="url", fix="use a public host")
        return addresses[0]


def _at(address: str, url: str) -> str:
    """The same request, but to the address that was checked: nobody can resolve the name anew in between."""
    parts = urlsplit(url)
    host = f"[{address}]" if ":" in address else address
    return parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host).geturl()
