"""OAuth 2.0 access tokens: short-lived, signed, their keys published and rotatable; refresh tokens in families."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from switchboard.domain.ids import AgentId
from switchboard.ports.store import Store, Work

if TYPE_CHECKING:
    from switchboard.api.caller import Caller

ALGORITHMS = ["Ed25519"]
AUDIENCE = "switchboard"
ISSUER = "switchboard"
VALID_FOR = timedelta(minutes=30)
REFRESH_FOR = timedelta(days=14)
SECRET = "oauth-signing-key"


def load_or_make_key(work: Work) -> OKPKey:
    """The signing key, made at first use and sealed in the store."""
    stored = work.config.get_secret(SECRET)
    if stored is None:
        key = OKPKey.generate_key("Ed25519", parameters={"kid": secrets.token_hex(8), "use": "sig", "alg": "Ed25519"})
        work.config.set_secret(SECRET, orjson.dumps(key.as_dict(private=True)))
        return key
    return OKPKey.import_key(orjson.loads(stored))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Whom a token speaks for. ``subject`` is ``key:<id>`` or ``user:<id>``."""

    subject: str
    roles: frozenset[str]
    scopes: frozenset[str]
    agent_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    key: OKPKey
    store: Store

    def public_keys(self) -> dict[str, object]:
        """The key set that others check tokens with."""
        return dict(KeySet([self.key]).as_dict(private=False))

    def issue(self, grant: Grant, now: datetime) -> tuple[str, int]:
        """An access token and its life in seconds."""
        claims: dict[str, object] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": grant.subject,
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + VALID_FOR).timestamp()),
            "jti": secrets.token_hex(16),
            "roles": sorted(grant.roles),
            "scope": " ".join(sorted(grant.scopes)),
        }
        if grant.agent_id:
            claims["agent_id"] = grant.agent_id
        header = {"alg": ALGORITHMS[0], "kid": self.key.kid, "typ": "at+jwt"}
        return jwt.encode(header, claims, self.key, algorithms=ALGORITHMS), int(VALID_FOR.total_seconds())

    async def caller_of(self, token: str, now: datetime) -> Caller | None:
        """None for anything but a token of ours that is valid now and whose subject still may."""
        from switchboard.api.caller import Caller  # the two modules describe one thing from two sides

        grant = self._read(token, now)
        if grant is None or not await self._still_may(grant, now):
            return None
        agent_id = AgentId(grant.agent_id) if grant.agent_id else None
        return Caller(actor=grant.subject, roles=grant.roles, scopes=grant.scopes, agent_id=agent_id)

    def _read(self, token: str, now: datetime) -> Grant | None:
        try:
            decoded = jwt.decode(token, self.key, algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError, UnicodeError):
            return None
        claims, moment = decoded.claims, now.timestamp()
        valid = (
            decoded.header.get("typ") == "at+jwt"
            and claims.get("iss") == ISSUER
            and claims.get("aud") == AUDIENCE
            and float(claims.get("nbf", moment + 1)) <= moment < float(claims.get("exp", 0))
        )
        if not valid:
            return None
        return Grant(
            subject=str(claims["sub"]),
            roles=frozenset(claims.get("roles", ())),
            scopes=frozenset(str(claims.get("scope", "")).split()),
            agent_id=claims.get("agent_id"),
        )

    async def _still_may(self, grant: Grant, now: datetime) -> bool:
        kind, _, identifier = grant.subject.partition(":")
        if kind == "user":
            user = await self.store.read(lambda work: work.access.user(identifier))
            return user is not None and not user.disabled and grant.roles <= user.roles
        keys = await self.store.read(lambda work: work.access.keys())
        own = next((key for key in keys if key.key_id == identifier), None)
        return own is not None and own.revoked_at is None and (own.expires_at is None or own.expires_at > now)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
