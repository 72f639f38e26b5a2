"""Payloads exactly as they came, sealed, with what became of each event in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from switchboard.domain.ids import CustomerId, PayloadId
from switchboard.domain.inbound import Fate
from switchboard.domain.message import ChannelType
from switchboard.errors import Erased
from switchboard.ports.records import LockedFile, Page, PayloadEvent, PayloadRecord
from switchboard.ports.tables.rows import Rows
from switchboard.stores.codec import decode, micros, moment
from switchboard.stores.database import Row, sql, upsert
from switchboard.stores.files import DOOMED, SqlFiles
from switchboard.stores.sealing import PAYLOADS
from switchboard.stores.session import Session, cursor_of, number_cursor, page_limit

_COLUMNS = [
    *("channel", "account", "received_at", "fate", "size", "content_type", "customer_id"),
    *("sealed_body", "body_blob_id", "sealed"),
]
_LISTED = "seq, payload_id, channel, account, received_at, fate, size, content_type, customer_id, sealed"
_PUT = upsert("payloads", ["payload_id"], _COLUMNS)
_GET = sql(f"SELECT {_LISTED}, sealed_body, body_blob_id FROM payloads WHERE payload_id = :id")
_PAGE = sql(f"SELECT {_LISTED} FROM payloads WHERE seq < :before ORDER BY seq DESC LIMIT :limit")
_DOOM_FORMER = sql(
    f"{DOOMED} WHERE blob_id IN "
    "(SELECT body_blob_id FROM payloads WHERE payload_id = :id AND body_blob_id IS NOT NULL) AND blob_id <> :kept"
)
_DOOM_OLD = sql(
    f"{DOOMED} WHERE blob_id IN "
    "(SELECT body_blob_id FROM payloads WHERE received_at < :before AND body_blob_id IS NOT NULL)"
)
_PURGE = sql("DELETE FROM payloads WHERE received_at < :before")


class SqlPayloads:
    """Fulfils ``ports.store.Payloads``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def add(self, record: PayloadRecord) -> None:
        """Insert, or replace by ``payload_id`` when the fate is known later."""
        owner = record.customer_id or PAYLOADS
        sealer, payload_id, file = self._db.sealer, record.payload_id, record.body_file
        self._db.run(_DOOM_FORMER, id=payload_id, kept=file.blob_id if file else "")
        if file is not None:
            SqlFiles(self._db).lock(file, record.customer_id)
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
            sealed_body=None if file else sealer.seal_bytes(owner, _place(payload_id, "body"), record.body),
            body_blob_id=file.blob_id if file else None,
            sealed=sealer.seal(owner, _place(payload_id, "events"), {"reason": record.reason, "events": record.events}),
        )

    def get(self, payload_id: PayloadId) -> PayloadRecord | None:
        row = self._db.one(_GET, id=payload_id)
        if row is None:
            return None
        body = self._db.sealer.bytes_or_none(_place(payload_id, "body"), row.sealed_body) or b""
        return replace(self._record(row, body), body_file=self._file(row.body_blob_id))

    def _file(self, blob_id: str | None) -> LockedFile | None:
        try:
            return None if blob_id is None else LockedFile(blob_id=blob_id, key=SqlFiles(self._db).key(blob_id))
        except Erased:
            return None

    def page(self, page: Page) -> Rows[PayloadRecord]:
        """Newest first, without the bodies (``body`` is empty: ask for one payload to see its bytes)."""
        limit, before = page_limit(page), number_cursor(page)
        rows = self._db.all(_PAGE, before=2**62 if before is None else before, limit=limit + 1)
        following = cursor_of(rows[limit - 1].seq) if len(rows) > limit else None
        return Rows(items=tuple(self._record(row, b"") for row in rows[:limit]), next_cursor=following)

    def purge(self, before: datetime) -> int:
        self._db.run(_DOOM_OLD, before=micros(before))
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
