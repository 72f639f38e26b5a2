"""The audit trail: appended, never changed, and chained so that a missing or altered entry shows."""

from __future__ import annotations

import hashlib
from typing import Any

from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.errors import Erased
from switchboard.ports.records import AuditEntry, Page
from switchboard.ports.tables.rows import Rows
from switchboard.stores.codec import dumps, micros, moment
from switchboard.stores.database import Row, insert, sql
from switchboard.stores.sealing import SYSTEM
from switchboard.stores.session import Session, cursor_of, number_cursor, page_limit

CHUNK = 1000

_COLUMNS = ["seq", "at", "actor", "action", "target", "customer_id", "conversation_id", "digest", "sealed"]
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM audit"
_ADD = insert("audit", _COLUMNS)
_LAST = sql("SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1")
_PAGE = sql(f"{_SELECT} WHERE seq < :before ORDER BY seq DESC LIMIT :limit")
_CHAIN = sql(f"{_SELECT} WHERE seq > :after ORDER BY seq LIMIT {CHUNK}")
_HEAD = sql("SELECT value FROM counters WHERE name = 'audit'")
_SET_HEAD = sql(
    "INSERT INTO counters (name, value) VALUES ('audit', :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


class SqlAudit:
    """Fulfils ``ports.store.Audit``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def append(self, entry: AuditEntry) -> None:
        self._db.lock("audit")
        last = self._db.one(_LAST)
        sequence, previous = (last.seq + 1, last.digest) if last is not None else (1, "")
        sealed = self._seal(entry, sequence)
        at = micros(entry.at)
        facts = [at, entry.actor, entry.action, entry.target, entry.customer_id, entry.conversation_id]
        self._db.run(
            _ADD,
            seq=sequence,
            at=at,
            actor=entry.actor,
            action=entry.action,
            target=entry.target,
            customer_id=entry.customer_id,
            conversation_id=entry.conversation_id,
            digest=_digest(previous, sequence, facts, sealed),
            sealed=sealed,
        )
        self._db.run(_SET_HEAD, value=sequence)

    def page(self, page: Page) -> Rows[AuditEntry]:
        """Newest first."""
        limit, before = page_limit(page), number_cursor(page)
        rows = self._db.all(_PAGE, before=2**62 if before is None else before, limit=limit + 1)
        following = cursor_of(rows[limit - 1].seq) if len(rows) > limit else None
        return Rows(items=tuple(self._entry(row) for row in rows[:limit]), next_cursor=following)

    def verify(self) -> int | None:
        expected, previous = 1, ""
        while rows := self._db.all(_CHAIN, after=expected - 1):
            for row in rows:
                facts = [row.at, row.actor, row.action, row.target, row.customer_id, row.conversation_id]
                digest = _digest(previous, row.seq, facts, bytes(row.sealed))
                if row.seq != expected or digest != row.digest:
                    return expected
                expected, previous = expected + 1, digest
        # The counter betrays entries cut off at the end.
        return expected if self._db.number(_HEAD) >= expected else None

    def _seal(self, entry: AuditEntry, sequence: int) -> bytes:
        """Under the customer's key; an entry about an erased customer is sealed under the system's and names no text."""
        place = _place(sequence)
        if entry.customer_id is None:
            return self._db.sealer.seal(SYSTEM, place, entry.details)
        try:
            return self._db.sealer.seal(entry.customer_id, place, entry.details)
        except Erased:
            return self._db.sealer.seal(SYSTEM, place, entry.details)

    def _entry(self, row: Row) -> AuditEntry:
        return AuditEntry(
            at=moment(row.at),
            actor=row.actor,
            action=row.action,
            target=row.target,
            details=self._db.sealer.open_or_none(_place(row.seq), row.sealed) or {},
            customer_id=CustomerId(row.customer_id) if row.customer_id else None,
            conversation_id=ConversationId(row.conversation_id) if row.conversation_id else None,
            sequence=row.seq,
            digest=row.digest,
        )


def _digest(previous: str, sequence: int, facts: list[Any], sealed: bytes) -> str:
    return hashlib.sha256(dumps([previous, sequence, *facts]) + sealed).hexdigest()


def _place(sequence: int) -> str:
    return f"audit|{sequence}|details"
