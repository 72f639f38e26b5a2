"""How our requests to X are signed, and how an access that ends after two hours is renewed."""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qsl

import httpx2

from switchboard.channels import http
from switchboard.channels.fields import ident
from switchboard.channels.oauth1 import OAuth1
from switchboard.errors import ChannelNeedsAttention, Unavailable
from switchboard.ports.tokens import TokenKeeper, TokenPair


class Access(Protocol):
    async def authorization(self, method: str, url: str) -> str:
        """The ``Authorization`` header of a request whose body is not a form."""
        ...

    async def renew(self, refused: str) -> bool:
        """After a 401 to the header ``refused``: whether another try can help."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAccess:
    """OAuth 1.0a: a pair that never ends."""

    pair: OAuth1
    now: Callable[[], datetime]

    async def authorization(self, method: str, url: str) -> str:
        moment = int(self.now().timestamp())
        address, _, query = url.partition("?")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        return self.pair.header(method, address, timestamp=moment, nonce=secrets.token_hex(16), query=asked)

    async def renew(self, refused: str) -> bool:
        return False


@dataclass(slots=True, kw_only=True)
class BearerAccess:
    """An OAuth 2 user token. With a refresh token it is renewed whenever X refuses it; a refresh token works once, so
    the new pair is kept before it is used."""

    token: str = field(repr=False)
    client: httpx2.AsyncClient
    base_url: str
    refresh_token: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    keeper: TokenKeeper | None = None
    timeout: float = 10.0
    _pair: TokenPair | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def authorization(self, method: str, url: str) -> str:
        return f"Bearer {(await self._current()).access}"

    async def renew(self, refused: str) -> bool:
        async with self._turn:
            current = await self._current(anew=True)
            if f"Bearer {current.access}" != refused:
                return True  # somebody else was faster
            if not current.refresh or self.keeper is None:
                return False
            fresh = await self._ask(current.refresh)
            await self.keeper.save(fresh)
            self._pair = fresh
            return True

    async def _current(self, *, anew: bool = False) -> TokenPair:
        if self._pair is None or anew:
            kept = await self.keeper.load() if self.keeper is not None else None
            self._pair = kept or TokenPair(access=self.token, refresh=self.refresh_token)
        return self._pair

    async def _ask(self, refresh: str) -> TokenPair:
        form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": self.client_id}
        headers = {}
        if self.client_secret:
            basic = b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode("ascii")
            headers["authorization"] = f"Basic {basic}"
        url = f"{self.base_url.rstrip('/')}/2/oauth2/token"
        response = await http.upload(self.client, url, fields=form, files={}, headers=headers, seconds=self.timeout)
        answer = http.answer_object(response)
        access, following = ident(answer, "access_token"), ident(answer, "refresh_token")
        if response.status_code >= 500 or response.status_code == 429:
            raise Unavailable("X cannot renew our access now")
        if access is None or following is None:
            raise ChannelNeedsAttention("X does not renew our access: connect the account again")
        return TokenPair(access=access, refresh=following)


Send = Callable[[str], Awaitable[httpx2.Response]]


async def with_access(access: Access, method: str, url: str, send: Send) -> httpx2.Response:
    """Sends with the right header; once more with a renewed one if X refuses the first."""
    header = await access.authorization(method, url)
    response = await send(header)
    if response.status_code == 401 and await access.renew(header):
        response = await send(await access.authorization(method, url))
    return response
