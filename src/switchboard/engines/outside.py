"""Addresses of others: resolved once, refused if they lead inside, and called where they were checked."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from switchboard.errors import InvalidInput, Unavailable


async def outside_address(url: str) -> str:
    """The network address to connect to. Raises ``InvalidInput`` if any of the name's addresses is inside, and
    ``Unavailable`` if the name cannot be resolved."""
    parts = urlsplit(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable("the host's name cannot be resolved") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(ipaddress.ip_address(address.split("%")[0]).is_global for address in addresses):
        raise InvalidInput("the address leads inside", field="url", fix="use a public host")
    return addresses[0]


def at(address: str, url: str) -> str:
    """The same request, but to the address that was checked: nobody can resolve the name anew in between."""
    parts = urlsplit(url)
    host = f"[{address}]" if ":" in address else address
    return parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host).geturl()


def host_and_port(url: str) -> str:
    """``host:port`` of an address, with the port that its scheme implies."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
