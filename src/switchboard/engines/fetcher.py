"""Files of customers, fetched from their providers: known hosts only, never from inside, no bigger than allowed."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import unquote, urljoin, urlsplit

import httpx2

from switchboard.engines.outside import at, host_and_port, outside_address
from switchboard.errors import ChannelNeedsAttention, InvalidInput, NotFound, TooLarge, Unavailable
from switchboard.ports.channel import FetchedFile
from switchboard.ports.fetcher import Headers

TIMEOUT_S = 60.0
MOST_REDIRECTS = 3
GONE = (400, 403, 404, 410)
"""Providers answer so when the link of a file has expired."""


class GuardedFetcher:
    """Fulfils ``ports.fetcher.Fetcher``."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def get(self, url: str, headers: Headers, *, hosts: Collection[str], base_url: str, most: int) -> FetchedFile:
        for _ in range(MOST_REDIRECTS + 1):
            target, host = await _checked(url, hosts, base_url)
            sent = {**headers(url), "host": urlsplit(url).netloc}
            try:
                async with self._client.stream(
                    "GET", target, headers=sent, timeout=TIMEOUT_S, follow_redirects=False,
                    extensions={"sni_hostname": host},
                ) as response:  # fmt: skip
                    onward = response.headers.get("location") if response.is_redirect else None
                    if onward is None:
                        return await _read(response, url, most)
                    url = urljoin(url, onward)
            except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
                raise InvalidInput("the address of the file cannot be read", field="url") from error
            except httpx2.HTTPError as error:
                raise Unavailable(f"the provider's file server gave no answer ({type(error).__name__})") from error
        raise InvalidInput("the file's address redirects too often", field="url", limit=f"{MOST_REDIRECTS} redirects")


async def _checked(url: str, hosts: Collection[str], base_url: str) -> tuple[str, str]:
    """The address to call and the name of its host."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise InvalidInput("the address of the file cannot be read", field="url") from None
    if not host or parts.username or parts.password:
        raise InvalidInput("the address of the file is not complete or holds a password", field="url")
    base = urlsplit(base_url)
    if (parts.scheme, host_and_port(url)) == (base.scheme, host_and_port(base_url)):
        return url, host
    if parts.scheme != "https" or port not in (None, 443):
        raise InvalidInput("the file's address does not begin with https://", field="url")
    if not any(host == known or host.endswith(f".{known}") for known in hosts):
        raise InvalidInput("the file lies at a host that is not the provider's", field="url")
    return at(await outside_address(url), url), host


async def _read(response: httpx2.Response, url: str, most: int) -> FetchedFile:
    _refuse(response)
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:18]) > most:
        raise TooLarge("the file is too large", field="attachment", limit=f"{most} bytes")
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > most:
            raise TooLarge("the file is too large", field="attachment", limit=f"{most} bytes")
        parts.append(part)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return FetchedFile(data=b"".join(parts), content_type=kind or None, name=_name(response, url))


def _refuse(response: httpx2.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    if status in GONE:
        raise NotFound("the provider no longer gives the file out: its link has expired")
    if status == 401:
        raise ChannelNeedsAttention("the provider refuses our access to the file: check the token")
    wait = response.headers.get("retry-after", "")
    raise Unavailable(
        f"the provider's file server answered {status}", retry_after=float(wait[:6]) if wait.isdigit() else 5.0
    )


_FILENAME = re.compile(r'filename="?([^";\\/\x00-\x1f]{1,200})', re.IGNORECASE)


def _name(response: httpx2.Response, url: str) -> str | None:
    told = _FILENAME.search(response.headers.get("content-disposition", "")[:1000])
    if told is not None:
        return told[1].strip() or None
    last = unquote(urlsplit(url).path.rpartition("/")[2])
    return last[:200] if re.fullmatch(r"[\w. ()-]{1,180}\.\w{2,5}", last) else None
