"""OAuth 2.0 token endpoint: client credentials (an API key), password of a person, refresh."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from switchboard.api.caller import hash_key
from switchboard.api.tokens import REFRESH_FOR, Grant, Tokens, hash_token
from switchboard.flows.app import App
from switchboard.ports.records import ApiKeyRecord, RefreshRecord, UserRecord
from switchboard.trust.roles import PERMISSIONS, Role

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
PasswordCheck = Callable[[str, str, str], Awaitable[UserRecord | None]]
"""(e-mail, password, source address) -> the user; throttled, in constant time."""


class TokenAnswer(BaseModel):
    access_token: str
    token_type: str = "Bearer"
    expires_in: int
    scope: str = ""
    refresh_token: str | None = None


class OAuthError(BaseModel):
    """RFC 6749, section 5.2."""

    error: str
    error_description: str = ""


def oauth_router(check_password: PasswordCheck) -> APIRouter:
    router = APIRouter(tags=["access"])

    @router.post("/oauth/token", responses={400: {"model": OAuthError}, 401: {"model": OAuthError}})
    async def token(
        request: Request,
        grant_type: Annotated[str, Form(max_length=40)],
        client_id: Annotated[str | None, Form(max_length=200)] = None,
        client_secret: Annotated[str | None, Form(max_length=200)] = None,
        username: Annotated[str | None, Form(max_length=320)] = None,
        password: Annotated[str | None, Form(max_length=200)] = None,
        refresh_token: Annotated[str | None, Form(max_length=200)] = None,
        scope: Annotated[str, Form(max_length=2000)] = "",
    ) -> Response:
        """Access tokens live 30 minutes; refresh tokens 14 days and are good once."""
        app: App = request.app.state.switchboard
        tokens: Tokens = request.app.state.tokens
        wanted = frozenset(scope.split())
        match grant_type:
            case "client_credentials":
                record = await _key_of(app, client_secret or _basic(request))
                grant = _of_key(record, wanted) if record is not None else None
                if record is not None and grant is None:
                    return _refused("invalid_scope", 400)
                return await _answer(app, tokens, grant, None)
            case "password":
                source = request.client.host if request.client else ""
                user = await check_password(username or "", password or "", source)
                grant = _of_user(user, wanted) if user is not None else None
                return await _answer(app, tokens, grant, client_id or "password")
            case "refresh_token":
                return await _refresh(app, tokens, refresh_token or "")
            case _:
                return _refused("unsupported_grant_type", 400)

    @router.get("/.well-known/jwks.json")
    async def keys(request: Request) -> dict[str, object]:
        """The public keys that access tokens are signed with."""
        tokens: Tokens = request.app.state.tokens
        return tokens.public_keys()

    return router


def _basic(request: Request) -> str | None:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return None


async def _key_of(app: App, secret: str | None) -> ApiKeyRecord | None:
    if not secret:
        return None
    digest = hash_key(secret)
    record = await app.store.read(lambda work: work.access.key_by_hash(digest))
    now = app.clock.now()
    if record is None or record.revoked_at is not None or (record.expires_at is not None and record.expires_at <= now):
        return None
    return record


def _of_key(record: ApiKeyRecord, wanted: frozenset[str]) -> Grant | None:
    """Never more than the key itself may; None when nothing of what is wanted is among that."""
    own = record.scopes or frozenset(p.value for p in PERMISSIONS[Role(record.role)])
    if wanted and not wanted & own:
        return None
    scopes = wanted & own if wanted else record.scopes
    return Grant(subject=f"key:{record.key_id}", roles=frozenset({record.role}), scopes=scopes)


def _of_user(user: UserRecord, wanted: frozenset[str]) -> Grant:
    return Grant(subject=f"user:{user.user_id}", roles=user.roles, scopes=wanted, agent_id=user.agent_id)


async def _answer(app: App, tokens: Tokens, grant: Grant | None, client_id: str | None) -> Response:
    if grant is None:
        return _refused("invalid_client" if client_id is None else "invalid_grant", 401 if client_id is None else 400)
    refresh = None
    if client_id is not None:
        refresh = await _new_refresh(app, grant, client_id, secrets.token_hex(16))
    access, life = tokens.issue(grant, app.clock.now())
    answer = TokenAnswer(
        access_token=access, expires_in=life, scope=" ".join(sorted(grant.scopes)), refresh_token=refresh
    )
    return JSONResponse(answer.model_dump(exclude_none=True), headers=NO_STORE)


async def _new_refresh(app: App, grant: Grant, client_id: str, family: str) -> str:
    token = secrets.token_urlsafe(32)
    record = RefreshRecord(
        token_hash=hash_token(token),
        family=family,
        client_id=client_id,
        subject=grant.subject,
        scopes=grant.scopes,
        expires_at=app.clock.now() + REFRESH_FOR,
    )
    await app.store.write(lambda work: work.access.add_refresh(record))
    return token


async def _refresh(app: App, tokens: Tokens, token: str) -> Response:
    """A spent token was stolen, by one side or the other: its whole family is revoked."""
    digest = hash_token(token)
    record = await app.store.write(lambda work: work.access.spend_refresh(digest))
    if record is None or record.spent or record.expires_at <= app.clock.now():
        return _refused("invalid_grant", 400)
    user = await app.store.read(lambda work: work.access.user(record.subject.removeprefix("user:")))
    if user is None or user.disabled:
        return _refused("invalid_grant", 400)
    grant = _of_user(user, record.scopes)
    fresh = await _new_refresh(app, grant, record.client_id, record.family)
    access, life = tokens.issue(grant, app.clock.now())
    answer = TokenAnswer(
        access_token=access, expires_in=life, scope=" ".join(sorted(grant.scopes)), refresh_token=fresh
    )
    return JSONResponse(answer.model_dump(exclude_none=True), headers=NO_STORE)


def _refused(error: str, status: int) -> Response:
    return JSONResponse({"error": error}, status_code=status, headers=NO_STORE)
