"""Files that agents handed in and have not sent yet."""

from __future__ import annotations

from datetime import datetime

from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.domain.message import Attachment
from switchboard.ports.records import UploadRecord
from switchboard.stores.codec import decode, micros, moment
from switchboard.stores.database import insert, sql
from switchboard.stores.files import SqlFiles, note_files
from switchboard.stores.session import Session

_COLUMNS = ["upload_id", "conversation_id", "customer_id", "at", "sealed"]
_ADD = insert("uploads", _COLUMNS)
_GET = sql(f"SELECT {', '.join(_COLUMNS)} FROM uploads WHERE upload_id = :id AND conversation_id = :conversation_id")
_REMOVE = sql("DELETE FROM uploads WHERE upload_id = :id")
_OLD = sql("SELECT upload_id FROM uploads WHERE at < :before ORDER BY at LIMIT :limit")


class SqlUploads:
    """Fulfils ``ports.store.Uploads``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def add(self, record: UploadRecord) -> None:
        place = _place(record.upload_id)
        note_files(self._db, record.conversation_id, record.customer_id, (record.attachment,))
        self._db.run(
            _ADD,
            upload_id=record.upload_id,
            conversation_id=record.conversation_id,
            customer_id=record.customer_id,
            at=micros(record.at),
            sealed=self._db.sealer.seal(record.customer_id, place, {"attachment": record.attachment}),
        )

    def take(self, upload_id: str, conversation_id: ConversationId) -> UploadRecord | None:
        row = self._db.one(_GET, id=upload_id, conversation_id=conversation_id)
        document = None if row is None else self._db.sealer.open_or_none(_place(upload_id), row.sealed)
        if row is None or document is None or not self._db.run(_REMOVE, id=upload_id):
            return None
        return UploadRecord(
            upload_id=upload_id,
            conversation_id=ConversationId(row.conversation_id),
            customer_id=CustomerId(row.customer_id),
            at=moment(row.at),
            attachment=decode(Attachment, document["attachment"]),
        )

    def purge(self, before: datetime, limit: int) -> tuple[str, ...]:
        old = tuple(row.upload_id for row in self._db.all(_OLD, before=micros(before), limit=limit))
        for upload_id in old:
            self._db.run(_REMOVE, id=upload_id)
        SqlFiles(self._db).doom(old)
        return old


def _place(upload_id: str) -> str:
    return f"uploads|{upload_id}|attachment"
