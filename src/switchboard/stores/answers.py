"""First answers kept for repeated requests, and timers that ring on one replica only."""

from __future__ import annotations

from datetime import datetime, timedelta

from switchboard.errors import Conflict
from switchboard.ports.records import StoredAnswer
from switchboard.stores.codec import micros, moment
from switchboard.stores.database import insert, sql
from switchboard.stores.sealing import PAYLOADS
from switchboard.stores.session import Session

_COLUMNS = ["answer_key", "fingerprint", "status", "content_type", "expires_at", "sealed"]
_GET = sql(f"SELECT {', '.join(_COLUMNS)} FROM answers WHERE answer_key = :key AND expires_at > :now")
_DROP_OLD = sql("DELETE FROM answers WHERE answer_key = :key AND expires_at <= :now")
_PUT = insert("answers", _COLUMNS, or_ignore=["answer_key"])
_DROP = sql("DELETE FROM answers WHERE answer_key = :key")
_PURGE = sql("DELETE FROM answers WHERE expires_at <= :now")

_FIRST = insert("schedules", ["name", "last_at"], or_ignore=["name"])
_NEXT = sql("UPDATE schedules SET last_at = :now WHERE name = :name AND (last_at <= :due OR last_at > :ahead)")


class SqlAnswers:
    """Fulfils ``ports.store.Answers``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def get(self, key: str, now: datetime) -> StoredAnswer | None:
        hashed = self._db.index.opaque("answer", key)
        row = self._db.one(_GET, key=hashed, now=micros(now))
        if row is None:
            return None
        return StoredAnswer(
            key=key,
            fingerprint=row.fingerprint,
            status=row.status,
            content_type=row.content_type,
            body=self._db.sealer.open_bytes(f"answers|{hashed}|body", row.sealed),
            expires_at=moment(row.expires_at),
        )

    def put(self, answer: StoredAnswer) -> None:
        key = self._db.index.opaque("answer", answer.key)
        self._db.run(_DROP_OLD, key=key, now=micros(self._db.clock.now()))
        added = self._db.run(
            _PUT,
            answer_key=key,
            fingerprint=answer.fingerprint,
            status=answer.status,
            content_type=answer.content_type,
            expires_at=micros(answer.expires_at),
            sealed=self._db.sealer.seal_bytes(PAYLOADS, f"answers|{key}|body", answer.body),
        )
        if not added:
            raise Conflict("this Idempotency-Key was used already")

    def drop(self, key: str) -> None:
        self._db.run(_DROP, key=self._db.index.opaque("answer", key))

    def purge(self, now: datetime) -> int:
        return self._db.run(_PURGE, now=micros(now))


class SqlSchedules:
    """Fulfils ``ports.store.Schedules``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def take(self, name: str, every: timedelta, now: datetime) -> bool:
        if self._db.run(_FIRST, name=name, last_at=micros(now)):
            return True
        # A time far ahead means that the clock was set back: without this the timer would sleep until then.
        due, ahead = micros(now - every), micros(now + every)
        return bool(self._db.run(_NEXT, name=name, now=micros(now), due=due, ahead=ahead))
