"""Who calls, and may they? One authorisation for every operation (Properties 51, 55)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from switchboard.api.tokens import Tokens
from switchboard.domain.ids import AgentId, new_id
from switchboard.errors import Forbidden, Unauthenticated
from switchboard.ports.clock import Clock
from switchboard.ports.records import ApiKeyRecord
from switchboard.ports.store import Store
from switchboard.trust.roles import Permission, allowed_any, who_may

KEY_PREFIX = "sbk_"
_bearer = HTTPBearer(auto_error=False, description="An API key, or an access token from /oauth/token.")
_key_header = APIKeyHeader(name="X-API-Key", auto_error=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """``actor`` names them in audit entries. Empty ``scopes`` = everything the roles may. ``agent_id`` if they are one."""

    actor: str
    roles: frozenset[str]
    scopes: frozenset[str] = frozenset()
    agent_id: AgentId | None = None

    def may(self, permission: Permission) -> bool:
        return allowed_any(self.roles, permission, self.scopes)

    def require(self, permission: Permission) -> None:
        if not self.may(permission):
            roles = ", ".join(role.value for role in who_may(permission))
            raise Forbidden(f"this needs the permission {permission.value}", fix=f"ask somebody who is: {roles}")


def hash_key(key: str) -> str:
    """Keys are long and random: a plain SHA-256 keeps them as safe as a slow hash would."""
    return hashlib.sha256(key.encode()).hexdigest()


def new_key(
    role: str, name: str, now: datetime, *, scopes: frozenset[str] = frozenset(), valid_for: timedelta | None = None
) -> tuple[str, ApiKeyRecord]:
    """The key (shown once) and the record to store."""
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    record = ApiKeyRecord(
        key_id=new_id("key"),
        name=name,
        key_hash=hash_key(key),
        role=role,
        scopes=scopes,
        created_at=now,
        expires_at=now + valid_for if valid_for else None,
    )
    return key, record


@dataclass(slots=True, kw_only=True)
class Authenticator:
    """Turns a bearer token or API key into a caller. Keys are looked up once a minute at most."""

    store: Store
    clock: Clock
    tokens: Tokens
    session: Callable[[Request], Awaitable[Caller | None]] | None = None
    _known: dict[str, tuple[float, ApiKeyRecord]]

    def __init__(
        self,
        store: Store,
        clock: Clock,
        tokens: Tokens,
        session: Callable[[Request], Awaitable[Caller | None]] | None = None,
    ) -> None:
        self.store, self.clock, self.tokens, self.session = store, clock, tokens, session
        self._known = {}

    async def caller(self, request: Request, credential: str | None) -> Caller:
        """Raises ``Unauthenticated`` with the same words whatever is wrong."""
        if credential is None:
            found = await self.session(request) if self.session is not None and request.method == "GET" else None
        else:
            found = await self.by_credential(credential)
        if found is None:
            raise Unauthenticated("a valid API key or access token is needed", fix="send Authorization: Bearer …")
        return found

    async def by_credential(self, credential: str) -> Caller | None:
        """Whose API key or access token this is; None when it is not valid (any more)."""
        if credential.startswith(KEY_PREFIX):
            return await self._by_key(credential)
        return await self.tokens.caller_of(credential, self.clock.now())

    async def _by_key(self, key: str) -> Caller | None:
        digest, now = hash_key(key), self.clock.now()
        cached = self._known.get(digest)
        if cached is None or self.clock.monotonic() - cached[0] > 2.0:
            record = await self.store.read(lambda work: work.access.key_by_hash(digest))
            if record is None:
                self._known.pop(digest, None)
                return None
            if len(self._known) > 10_000:
                self._known.clear()
            cached = self._known[digest] = (self.clock.monotonic(), record)
        record = cached[1]
        if record.revoked_at is not None or (record.expires_at is not None and record.expires_at <= now):
            return None
        return Caller(actor=record.key_id, roles=frozenset({record.role}), scopes=record.scopes)


async def _credential(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    key: Annotated[str | None, Security(_key_header)],
) -> str | None:
    return bearer.credentials if bearer is not None else key


def needs(permission: Permission) -> Callable[..., Awaitable[Caller]]:
    """The dependency every operation declares: the caller, if the role allows this."""

    async def allowed_caller(request: Request, credential: Annotated[str | None, Depends(_credential)]) -> Caller:
        authenticator: Authenticator = request.app.state.authenticator
        caller = await authenticator.caller(request, credential)
        caller.require(permission)
        return caller

    return allowed_caller
