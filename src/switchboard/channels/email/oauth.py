"""Access to mailboxes at Google and Microsoft, which take no passwords: tokens that live for an hour and are renewed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx2

from switchboard.channels import http
from switchboard.channels.fields import ident
from switchboard.errors import ChannelNeedsAttention, Unavailable
from switchboard.ports.tokens import TokenKeeper, TokenPair

GOOGLE_TOKENS = "https://oauth2.googleapis.com/token"
MICROSOFT_TOKENS = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
MICROSOFT_USER = "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
MICROSOFT_APP = "https://outlook.office365.com/.default"

EARLY = timedelta(seconds=90)
"""A token is renewed this long before it ends."""
LIFETIME = 3600
"""Seconds, where the provider does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """The app registered at the provider. Without ``refresh_token`` the app speaks for itself (client credentials)."""

    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    scope: str = ""


def google(client_id: str, client_secret: str, refresh_token: str) -> OAuthClient:
    return OAuthClient(
        token_url=GOOGLE_TOKENS, client_id=client_id, client_secret=client_secret, refresh_token=refresh_token
    )


def microsoft(tenant: str, client_id: str, client_secret: str, refresh_token: str = "") -> OAuthClient:
    return OAuthClient(
        token_url=MICROSOFT_TOKENS.format(tenant=tenant or "common"),
        client_id=client_id,
        client_secret=client_secret,
        refresh_token=refresh_token,
        scope=MICROSOFT_USER if refresh_token else MICROSOFT_APP,
    )


@dataclass(slots=True, kw_only=True)
class MailAccess:
    """Fulfils ``imap_session.AccessToken``. ``keeper`` remembers a refresh token that the provider exchanged for another
    (Microsoft does); the one of the settings stays the way back in. Tokens stand in no log and no error."""

    app: OAuthClient
    client: httpx2.AsyncClient
    now: Callable[[], datetime]
    keeper: TokenKeeper | None = None
    timeout: float = 10.0
    _token: str = field(default="", repr=False)
    _until: datetime | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def token(self, refused: str = "") -> str:
        async with self._turn:
            fresh = self._until is not None and self.now() < self._until - EARLY
            if not (fresh and self._token) or self._token == refused:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        kept = await self.keeper.load() if self.keeper is not None else None
        tried = list(dict.fromkeys([*([kept.refresh] if kept is not None else []), self.app.refresh_token]))
        for refresh in tried:
            if await self._ask(refresh):
                return
        raise ChannelNeedsAttention("The mail provider does not renew our access: connect the mailbox again.")

    async def _ask(self, refresh: str) -> bool:
        form = {"client_id": self.app.client_id, "grant_type": "refresh_token" if refresh else "client_credentials"}
        optional = {"client_secret": self.app.client_secret, "refresh_token": refresh, "scope": self.app.scope}
        form |= {name: value for name, value in optional.items() if value}
        response = await http.upload(
            self.client, self.app.token_url, fields=form, files={}, headers={}, seconds=self.timeout
        )
        if response.status_code >= 500 or response.status_code == 429:
            raise Unavailable("The mail provider cannot renew our access now.", retry_after=60)
        answer = http.answer_object(response)
        access = ident(answer, "access_token")
        if access is None:
            return False
        following = ident(answer, "refresh_token") or refresh
        if self.keeper is not None and following and following != self.app.refresh_token:
            await self.keeper.save(TokenPair(access="", refresh=following))
        lives = answer.get("expires_in")
        seconds = float(lives) if isinstance(lives, int | float) else LIFETIME
        self._token, self._until = access, self.now() + timedelta(seconds=seconds)
        return True
