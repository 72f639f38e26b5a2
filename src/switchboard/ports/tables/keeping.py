"""What is kept of who may do what, who did what, the configuration and repeated requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from switchboard.ports.records import (
    ApiKeyRecord,
    AuditEntry,
    Page,
    RefreshRecord,
    SessionRecord,
    StoredAnswer,
    UserRecord,
)
from switchboard.ports.tables.rows import Rows


class Audit(Protocol):
    def append(self, entry: AuditEntry) -> None: ...

    def page(self, page: Page) -> Rows[AuditEntry]: ...

    def verify(self) -> int | None:
        """None when the chain is whole, else the sequence of the first entry that does not fit."""
        ...


class Access(Protocol):
    def user(self, user_id: str) -> UserRecord | None: ...

    def user_by_email(self, email: str) -> UserRecord | None: ...

    def users(self) -> tuple[UserRecord, ...]: ...

    def save_user(self, user: UserRecord) -> None: ...

    def add_session(self, session: SessionRecord) -> None: ...

    def session(self, token_hash: str) -> SessionRecord | None: ...

    def touch_session(self, token_hash: str, at: datetime) -> None: ...

    def end_session(self, token_hash: str) -> None: ...

    def end_sessions_of(self, user_id: str) -> None: ...

    def add_key(self, key: ApiKeyRecord) -> None: ...

    def key_by_hash(self, key_hash: str) -> ApiKeyRecord | None: ...

    def keys(self) -> tuple[ApiKeyRecord, ...]: ...

    def revoke_key(self, key_id: str, at: datetime) -> bool: ...

    def add_refresh(self, token: RefreshRecord) -> None: ...

    def spend_refresh(self, token_hash: str) -> RefreshRecord | None:
        """The token as it was before; a spent one revokes its whole family and is returned with ``spent`` True."""
        ...

    def put_once(self, purpose: str, token_hash: str, expires_at: datetime) -> None:
        """A one-time token (setup, invite); also remembers nonces that must not come twice."""
        ...

    def take_once(self, purpose: str, token_hash: str, now: datetime) -> bool: ...


class Config(Protocol):
    """What the business has set, as named JSON documents with a version."""

    def get(self, name: str) -> tuple[Mapping[str, object], int] | None: ...

    def set(self, name: str, value: Mapping[str, object], *, expected_version: int | None = None) -> int: ...

    def names(self) -> tuple[str, ...]: ...

    def get_secret(self, name: str) -> bytes | None:
        """Sealed at rest (channel credentials, signing keys)."""
        ...

    def set_secret(self, name: str, value: bytes) -> None: ...


class Answers(Protocol):
    """Idempotency keys."""

    def get(self, key: str, now: datetime) -> StoredAnswer | None: ...

    def put(self, answer: StoredAnswer) -> None:
        """Raises ``Conflict`` if the key exists."""
        ...

    def drop(self, key: str) -> None:
        """The key is free again; nothing happens where it is unknown."""
        ...

    def purge(self, now: datetime) -> int: ...
