"""Who may come in: people, browsers, programs and their tokens. Secrets are stored as hashes only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from switchboard.errors import Conflict
from switchboard.ports.records import ApiKeyRecord, RefreshRecord, SessionRecord, UserRecord
from switchboard.stores.codec import load_list, maybe_micros, maybe_moment, micros, moment, text_dumps
from switchboard.stores.database import Row, insert, sql, upsert
from switchboard.stores.sealing import ACCESS
from switchboard.stores.session import Session

_USER_COLUMNS = ["email_key", "agent_id", "disabled", "session_epoch", "created_at", "sealed"]
_SELECT_USER = f"SELECT user_id, {', '.join(_USER_COLUMNS)} FROM users"
_USER = sql(f"{_SELECT_USER} WHERE user_id = :id")
_BY_EMAIL = sql(f"{_SELECT_USER} WHERE email_key = :key")
_USERS = sql(f"{_SELECT_USER} ORDER BY created_at, user_id")
_SAVE_USER = upsert("users", ["user_id"], _USER_COLUMNS)

_SESSION_COLUMNS = ["token_hash", "user_id", "created_at", "last_seen_at", "expires_at", "sealed"]
_ADD_SESSION = insert("sessions", _SESSION_COLUMNS)
_SESSION = sql(f"SELECT {', '.join(_SESSION_COLUMNS)} FROM sessions WHERE token_hash = :id")
_TOUCH = sql("UPDATE sessions SET last_seen_at = :at WHERE token_hash = :id AND last_seen_at < :at")
_END = sql("DELETE FROM sessions WHERE token_hash = :id")
_END_ALL = sql("DELETE FROM sessions WHERE user_id = :id")
_PURGE_SESSIONS = sql("DELETE FROM sessions WHERE expires_at < :now")

_KEY_COLUMNS = [
    "key_id",
    "key_hash",
    "name",
    "role",
    "scopes",
    "created_at",
    "expires_at",
    "revoked_at",
    "last_used_at",
]
_SELECT_KEY = f"SELECT {', '.join(_KEY_COLUMNS)} FROM api_keys"
_ADD_KEY = insert("api_keys", _KEY_COLUMNS)
_BY_HASH = sql(f"{_SELECT_KEY} WHERE key_hash = :hash")
_KEYS = sql(f"{_SELECT_KEY} ORDER BY created_at, key_id")
_REVOKE = sql("UPDATE api_keys SET revoked_at = :at WHERE key_id = :id AND revoked_at IS NULL")

_REFRESH_COLUMNS = ["token_hash", "family", "client_id", "subject", "scopes", "expires_at", "spent"]
_ADD_REFRESH = insert("refresh_tokens", _REFRESH_COLUMNS)
_REFRESH = sql(f"SELECT {', '.join(_REFRESH_COLUMNS)} FROM refresh_tokens WHERE token_hash = :id")
_SPEND = sql("UPDATE refresh_tokens SET spent = 1 WHERE token_hash = :id AND spent = 0")
_REVOKE_FAMILY = sql("UPDATE refresh_tokens SET spent = 1 WHERE family = :family")
_PURGE_REFRESH = sql("DELETE FROM refresh_tokens WHERE expires_at < :now")

_PUT_ONCE = insert("once_tokens", ["purpose", "token_hash", "expires_at"], or_ignore=["purpose", "token_hash"])
_TAKE_ONCE = sql("DELETE FROM once_tokens WHERE purpose = :purpose AND token_hash = :hash AND expires_at > :now")
_PURGE_ONCE = sql("DELETE FROM once_tokens WHERE expires_at < :now")


class SqlAccess:
    """Fulfils ``ports.store.Access``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def user(self, user_id: str) -> UserRecord | None:
        row = self._db.one(_USER, id=user_id)
        return None if row is None else self._user(row)

    def user_by_email(self, email: str) -> UserRecord | None:
        row = self._db.one(_BY_EMAIL, key=self._email_key(email))
        return None if row is None else self._user(row)

    def users(self) -> tuple[UserRecord, ...]:
        return tuple(self._user(row) for row in self._db.all(_USERS))

    def save_user(self, user: UserRecord) -> None:
        """Insert or replace by ``user_id``. Raises ``Conflict`` if another user has this e-mail address."""
        known = self._db.one(_BY_EMAIL, key=self._email_key(user.email))
        if known is not None and known.user_id != user.user_id:
            raise Conflict("another user has this e-mail address")
        document = {
            "email": user.email,
            "name": user.name,
            "password_hash": user.password_hash,
            "roles": user.roles,
        }
        self._db.run(
            _SAVE_USER,
            user_id=user.user_id,
            email_key=self._email_key(user.email),
            agent_id=user.agent_id,
            disabled=int(user.disabled),
            session_epoch=user.session_epoch,
            created_at=micros(user.created_at),
            sealed=self._db.sealer.seal(ACCESS, _place("users", user.user_id), document),
        )

    def add_session(self, session: SessionRecord) -> None:
        self._db.run(_PURGE_SESSIONS, now=micros(self._db.clock.now()))
        place = _place("sessions", session.token_hash)
        self._db.run(
            _ADD_SESSION,
            token_hash=session.token_hash,
            user_id=session.user_id,
            created_at=micros(session.created_at),
            last_seen_at=micros(session.last_seen_at),
            expires_at=micros(session.expires_at),
            sealed=self._db.sealer.seal(ACCESS, place, {"csrf": session.csrf}),
        )

    def session(self, token_hash: str) -> SessionRecord | None:
        """Also an expired one: the caller compares the times."""
        row = self._db.one(_SESSION, id=token_hash)
        if row is None:
            return None
        return SessionRecord(
            token_hash=token_hash,
            user_id=row.user_id,
            csrf=self._db.sealer.open(_place("sessions", token_hash), row.sealed)["csrf"],
            created_at=moment(row.created_at),
            last_seen_at=moment(row.last_seen_at),
            expires_at=moment(row.expires_at),
        )

    def touch_session(self, token_hash: str, at: datetime) -> None:
        self._db.run(_TOUCH, id=token_hash, at=micros(at))

    def end_session(self, token_hash: str) -> None:
        self._db.run(_END, id=token_hash)

    def end_sessions_of(self, user_id: str) -> None:
        self._db.run(_END_ALL, id=user_id)

    def add_key(self, key: ApiKeyRecord) -> None:
        self._db.put(_ADD_KEY, _key_row(key))

    def key_by_hash(self, key_hash: str) -> ApiKeyRecord | None:
        row = self._db.one(_BY_HASH, hash=key_hash)
        return None if row is None else _key(row)

    def keys(self) -> tuple[ApiKeyRecord, ...]:
        return tuple(_key(row) for row in self._db.all(_KEYS))

    def revoke_key(self, key_id: str, at: datetime) -> bool:
        return bool(self._db.run(_REVOKE, id=key_id, at=micros(at)))

    def add_refresh(self, token: RefreshRecord) -> None:
        self._db.run(_PURGE_REFRESH, now=micros(self._db.clock.now()))
        self._db.run(
            _ADD_REFRESH,
            token_hash=token.token_hash,
            family=token.family,
            client_id=token.client_id,
            subject=token.subject,
            scopes=text_dumps(token.scopes),
            expires_at=micros(token.expires_at),
            spent=int(token.spent),
        )

    def spend_refresh(self, token_hash: str) -> RefreshRecord | None:
        row = self._db.one(_REFRESH, id=token_hash)
        if row is None:
            return None
        if self._db.run(_SPEND, id=token_hash):
            return _refresh(row)
        self._db.run(_REVOKE_FAMILY, family=row.family)
        return replace(_refresh(row), spent=True)

    def put_once(self, purpose: str, token_hash: str, expires_at: datetime) -> None:
        """Raises ``Conflict`` if this token stands there already."""
        self._db.run(_PURGE_ONCE, now=micros(self._db.clock.now()))
        if not self._db.run(_PUT_ONCE, purpose=purpose, token_hash=token_hash, expires_at=micros(expires_at)):
            raise Conflict("this was seen before")

    def take_once(self, purpose: str, token_hash: str, now: datetime) -> bool:
        return bool(self._db.run(_TAKE_ONCE, purpose=purpose, hash=token_hash, now=micros(now)))

    def _email_key(self, email: str) -> str:
        return self._db.index.address("email", "staff", email)

    def _user(self, row: Row) -> UserRecord:
        texts = self._db.sealer.open(_place("users", row.user_id), row.sealed)
        return UserRecord(
            user_id=row.user_id,
            email=texts["email"],
            name=texts["name"],
            password_hash=texts["password_hash"],
            roles=frozenset(texts["roles"]),
            created_at=moment(row.created_at),
            agent_id=row.agent_id,
            disabled=bool(row.disabled),
            session_epoch=row.session_epoch,
        )


def _key_row(key: ApiKeyRecord) -> Mapping[str, object]:
    return {
        "key_id": key.key_id,
        "key_hash": key.key_hash,
        "name": key.name,
        "role": key.role,
        "scopes": text_dumps(key.scopes),
        "created_at": micros(key.created_at),
        "expires_at": maybe_micros(key.expires_at),
        "revoked_at": maybe_micros(key.revoked_at),
        "last_used_at": maybe_micros(key.last_used_at),
    }


def _key(row: Row) -> ApiKeyRecord:
    return ApiKeyRecord(
        key_id=row.key_id,
        name=row.name,
        key_hash=row.key_hash,
        role=row.role,
        scopes=frozenset(load_list(row.scopes)),
        created_at=moment(row.created_at),
        expires_at=maybe_moment(row.expires_at),
        revoked_at=maybe_moment(row.revoked_at),
        last_used_at=maybe_moment(row.last_used_at),
    )


def _refresh(row: Row) -> RefreshRecord:
    return RefreshRecord(
        token_hash=row.token_hash,
        family=row.family,
        client_id=row.client_id,
        subject=row.subject,
        scopes=frozenset(load_list(row.scopes)),
        expires_at=moment(row.expires_at),
        spent=bool(row.spent),
    )


def _place(table: str, row: str) -> str:
    return f"{table}|{row}|texts"
