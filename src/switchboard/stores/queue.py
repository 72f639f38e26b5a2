"""Conversations that wait for a person, most urgent first."""

from __future__ import annotations

from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.ports.records import QueueEntry
from switchboard.stores.codec import load_list, micros, moment, text_dumps
from switchboard.stores.database import Row, sql, upsert
from switchboard.stores.session import Session

_COLUMNS = ["customer_id", "priority", "urgency_score", "queued_at", "required_skills", "language", "topic"]
_SELECT = f"SELECT conversation_id, {', '.join(_COLUMNS)} FROM queue"
_PUT = upsert("queue", ["conversation_id"], _COLUMNS)
_REMOVE = sql("DELETE FROM queue WHERE conversation_id = :id")
_ENTRIES = sql(f"{_SELECT} ORDER BY priority DESC, queued_at, conversation_id LIMIT :limit")
_GET = sql(f"{_SELECT} WHERE conversation_id = :id")
_DEPTH = sql("SELECT count(*) FROM queue")
# Equal ageing for all: the aged order is that of priority * pace - queued_at, whatever the time is now.
_AHEAD = sql(
    "SELECT count(*) FROM queue WHERE conversation_id <> :id AND (priority * :pace - queued_at > :rank "
    "OR (priority * :pace - queued_at = :rank AND (queued_at, conversation_id) < (:queued_at, :id)))"
)


class SqlQueue:
    """Fulfils ``ports.store.Queue``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def put(self, entry: QueueEntry) -> None:
        self._db.run(
            _PUT,
            conversation_id=entry.conversation_id,
            customer_id=entry.customer_id,
            priority=entry.priority,
            urgency_score=entry.urgency_score,
            queued_at=micros(entry.queued_at),
            required_skills=text_dumps(entry.required_skills),
            language=entry.language,
            topic=entry.topic,
        )

    def remove(self, conversation_id: ConversationId) -> None:
        self._db.run(_REMOVE, id=conversation_id)

    def entries(self, limit: int = 500) -> tuple[QueueEntry, ...]:
        return tuple(_entry(row) for row in self._db.all(_ENTRIES, limit=limit))

    def get(self, conversation_id: ConversationId) -> QueueEntry | None:
        row = self._db.one(_GET, id=conversation_id)
        return None if row is None else _entry(row)

    def depth(self) -> int:
        return self._db.number(_DEPTH)

    def ahead_of(self, entry: QueueEntry, s_per_point: float) -> int:
        pace, queued_at = s_per_point * 1e6, micros(entry.queued_at)
        rank = entry.priority * pace - queued_at
        return self._db.number(_AHEAD, id=entry.conversation_id, pace=pace, rank=rank, queued_at=queued_at)


def _entry(row: Row) -> QueueEntry:
    return QueueEntry(
        conversation_id=ConversationId(row.conversation_id),
        customer_id=CustomerId(row.customer_id),
        priority=row.priority,
        urgency_score=row.urgency_score,
        queued_at=moment(row.queued_at),
        required_skills=frozenset(load_list(row.required_skills)),
        language=row.language,
        topic=row.topic,
    )
