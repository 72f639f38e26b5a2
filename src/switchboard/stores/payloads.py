"""Payloads exactly as they came, sealed, with what became of each event in them."""

from __future__ import annotations

from datetime import datetime

from switchboard.domain.ids import CustomerId, PayloadId
from switchboard.domain.inbound import Fate
from switchboard.domain.message import ChannelType
from switchboard.ports.records import Page, PayloadEvent, PayloadRecord
from switchboard.ports.tables.rows import Rows
from switchboard.stores.codec import decode, micros, moment
from switchboard.stores.database import Row, sql, upsert
from switchboard.stores.sealing import PAYLOADS
from switchboard.stores.session import Session, cursor_of, number_cursor, page_limit

_COLUMNS = ["channel", "account", "received_at", "fate", "size", "content_type", "customer_id", "sealed_body", "sealed"]
_LISTED = "seq, payload_id, channel, account, received_at, fate, size, content_type, customer_id, sealed"
_PUT = upsert("payloads", ["payload_id"], _COLUMNS)
_GET = sql(f"SELECT {_LISTED}, sealed_body FROM payloads WHERE payload_id = :id")
_PAGE = sql(f"SELECT {_LISTED} FROM payloads WHERE seq < :before ORDER BY seq DESC LIMIT :limit")
_PURGE = sql("DELETE FROM payloads WHERE received_at < :before")


class SqlPayloads:
    """Fulfils ``ports.store.Payloads``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def add(self, record: PayloadRecord) -> None:
        """Insert, or replace by ``payload_id`` when the fate is known later."""
        owner = record.customer_id or PAYLOADS
        sealer, payload_id = self._db.sealer, record.payload_id
        self._db.run(
            _PUT,
            payload_id=payload_id,
            channel=record.channel,
            account=record.account,
            received_at=micros(record.received_at),
            fate=record.fate,
            size=record.size,
            content_type=record.content_type,
            customer_id=record.customer_id,
            sealed_body=sealer.seal_bytes(owner, _place(payload_id, "body"), record.body),
            sealed=sealer.seal(owner, _place(payload_id, "events"), {"reason": record.reason, "events": record.events}),
        )

    def get(self, payload_id: PayloadId) -> PayloadRecord | None:
        row = self._db.one(_GET, id=payload_id)
        if row is None:
            return None
        return self._record(row, self._db.sealer.bytes_or_none(_place(payload_id, "body"), row.sealed_body) or b"")

    def page(self, page: Page) -> Rows[PayloadRecord]:
        """Newest first, without the bodies (``body`` is empty: ask for one payload to see its bytes)."""
        limit, before = page_limit(page), number_cursor(page)
        rows = self._db.all(_PAGE, before=2**62 if before is None else before, limit=limit + 1)
        following = cursor_of(rows[limit - 1].seq) if len(rows) > limit else None
        return Rows(items=tuple(self._record(row, b"") for row in rows[:limit]), next_cursor=following)

    def purge(self, before: datetime) -> int:
        return self._db.run(_PURGE, before=micros(before))

    def _record(self, row: Row, body: bytes) -> PayloadRecord:
        document = self._db.sealer.open_or_none(_place(row.payload_id, "events"), row.sealed)
        document = document or {"reason": "", "events": []}
        return PayloadRecord(
            payload_id=PayloadId(row.payload_id),
            channel=ChannelType(row.channel),
            account=row.account,
            received_at=moment(row.received_at),
            fate=Fate(row.fate),
            reason=document["reason"],
            size=row.size,
            body=body,
            content_type=row.content_type,
            events=tuple(decode(PayloadEvent, event) for event in document["events"]),
            customer_id=CustomerId(row.customer_id) if row.customer_id else None,
        )


def _place(payload_id: str, column: str) -> str:
    return f"payloads|{payload_id}|{column}"
