"""Telephone calls as they stand, so that each goes on after a restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from switchboard.domain.call import Call
from switchboard.domain.ids import ConversationId
from switchboard.errors import Conflict, Erased
from switchboard.stores.codec import decode, micros
from switchboard.stores.database import Row, insert, sql
from switchboard.stores.sealing import PAYLOADS
from switchboard.stores.session import Session

_COLUMNS = ["call_key", "conversation_id", "customer_id", "started_at", "updated_at", "live", "version", "sealed"]
_CHANGING = ["conversation_id", "customer_id", "updated_at", "live", "sealed"]
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM calls"
_GET = sql(f"{_SELECT} WHERE call_key = :key")
_ADD = insert("calls", _COLUMNS, or_ignore=["call_key"])
_SAVE = sql(
    f"UPDATE calls SET {', '.join(f'{name} = :{name}' for name in _CHANGING)}, version = version + 1 "
    "WHERE call_key = :call_key AND version = :version"
)
_OF_CONVERSATION = sql(f"{_SELECT} WHERE conversation_id = :id ORDER BY started_at, call_key")
_SILENT = sql(f"{_SELECT} WHERE live = 1 AND updated_at < :before ORDER BY updated_at LIMIT :limit")
_PURGE = sql("DELETE FROM calls WHERE conversation_id IS NULL AND updated_at < :before")


class SqlCalls:
    """Fulfils ``ports.store.Calls``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def get(self, call_id: str) -> Call | None:
        row = self._db.one(_GET, key=self._key(call_id))
        return self._call(row) if row is not None else None

    def save(self, call: Call) -> Call:
        key = self._key(call.call_id)
        document = {"call": replace(call, version=0)}
        row = {
            "call_key": key,
            "conversation_id": call.conversation_id,
            "customer_id": call.customer_id,
            "started_at": micros(call.started_at),
            "updated_at": micros(call.updated_at),
            "live": int(call.on_the_line),
            "version": call.version or 1,
            "sealed": self._db.sealer.seal(call.customer_id or PAYLOADS, f"calls|{key}|call", document),
        }
        if not self._db.put(_SAVE if call.version else _ADD, row):
            raise Conflict("the call was changed meanwhile")
        return replace(call, version=call.version + 1)

    def of_conversation(self, conversation_id: ConversationId) -> tuple[Call, ...]:
        return self._calls(self._db.all(_OF_CONVERSATION, id=conversation_id))

    def live_of(self, conversation_id: ConversationId) -> Call | None:
        return next((call for call in reversed(self.of_conversation(conversation_id)) if call.live), None)

    def silent(self, before: datetime, limit: int = 100) -> tuple[Call, ...]:
        return self._calls(self._db.all(_SILENT, before=micros(before), limit=limit))

    def purge(self, before: datetime) -> int:
        return self._db.run(_PURGE, before=micros(before))

    def _key(self, call_id: str) -> str:
        return self._db.index.opaque("call", call_id)

    def _calls(self, rows: Sequence[Row]) -> tuple[Call, ...]:
        self._db.sealer.preload(row.sealed for row in rows)
        found = (self._call(row) for row in rows)
        return tuple(call for call in found if call is not None)

    def _call(self, row: Row) -> Call | None:
        """None where the caller was erased."""
        try:
            document = self._db.sealer.open(f"calls|{row.call_key}|call", row.sealed)
        except Erased:
            return None
        return replace(decode(Call, document["call"]), version=row.version)
