"""The append-only log of what happened: no customer text, only ids, numbers and codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.stores.codec import loads, micros, moment, text_dumps
from switchboard.stores.database import Row, insert, sql
from switchboard.stores.session import Session

CHUNK = 2000

_COLUMNS = ["type", "at", "conversation_id", "customer_id", "message_id", "metrics", "dimensions"]
_SELECT = f"SELECT seq, {', '.join(_COLUMNS)} FROM events"
_ADD = insert("events", _COLUMNS)
_AFTER = sql(f"{_SELECT} WHERE seq > :after ORDER BY seq LIMIT :limit")
_LAST = sql("SELECT max(seq) FROM events")
_OLDEST = sql("SELECT min(seq) FROM events")
_BETWEEN = sql(f"{_SELECT} WHERE at >= :start AND at < :end AND (at, seq) > (:at, :seq) ORDER BY at, seq LIMIT {CHUNK}")
_OF_CONVERSATION = sql(f"{_SELECT} WHERE conversation_id = :id ORDER BY seq")
_RECENT = sql(f"{_SELECT} WHERE type = :kind ORDER BY seq DESC LIMIT :limit")


class SqlEvents:
    """Fulfils ``ports.store.Events``."""

    def __init__(self, session: Session) -> None:
        self._db = session
        self._noted: list[Mapping[str, object]] = []
        self._newest: dict[EventType, tuple[int, tuple[Event, ...]]] = {}

    def append(self, *events: Event) -> int:
        self.note(*events)
        return self.last()

    def note(self, *events: Event) -> None:
        for event in events:
            self._newest.pop(event.type, None)
            self._noted.append(_row(event))

    def flush(self) -> None:
        """Writes what was noted, in its order."""
        if self._noted:
            self._db.lock("events")  # so that a reader never sees number 8 before number 7
            noted, self._noted = self._noted, []
            self._db.many(_ADD, noted)

    def after(self, sequence: int, limit: int = 500) -> tuple[Event, ...]:
        self.flush()
        return tuple(_event(row) for row in self._db.all(_AFTER, after=sequence, limit=limit))

    def last(self) -> int:
        self.flush()
        return self._db.number(_LAST)

    def oldest(self) -> int:
        self.flush()
        return self._db.number(_OLDEST)

    def between(self, start: datetime, end: datetime) -> Iterable[Event]:
        """By time, then sequence; ``end`` itself is outside. Read in pieces: a year needs no more memory than a day."""
        self.flush()
        return self._between(micros(start), micros(end))

    def of_conversation(self, conversation_id: ConversationId) -> tuple[Event, ...]:
        self.flush()
        return tuple(_event(row) for row in self._db.all(_OF_CONVERSATION, id=conversation_id))

    def recent(self, kind: EventType, limit: int) -> tuple[Event, ...]:
        """Read once in a transaction: several messages that are concluded together ask the same."""
        most, known = self._newest.get(kind, (0, ()))
        if limit > most:
            self.flush()
            known = tuple(_event(row) for row in self._db.all(_RECENT, kind=kind, limit=limit))
            self._newest[kind] = limit, known
        return known[:limit]

    def _between(self, start: int, end: int) -> Iterator[Event]:
        at, seq = start, -1
        while rows := self._db.all(_BETWEEN, start=start, end=end, at=at, seq=seq):
            for row in rows:
                yield _event(row)
            at, seq = rows[-1].at, rows[-1].seq
            if len(rows) < CHUNK:
                return


def _row(event: Event) -> Mapping[str, object]:
    return {
        "type": event.type,
        "at": micros(event.at),
        "conversation_id": event.conversation_id,
        "customer_id": event.customer_id,
        "message_id": event.message_id,
        "metrics": text_dumps(event.metrics),
        "dimensions": text_dumps(event.dimensions),
    }


def _event(row: Row) -> Event:
    return Event(
        type=EventType(row.type),
        at=moment(row.at),
        conversation_id=ConversationId(row.conversation_id) if row.conversation_id else None,
        customer_id=CustomerId(row.customer_id) if row.customer_id else None,
        message_id=row.message_id,
        metrics=loads(row.metrics),
        dimensions=loads(row.dimensions),
        sequence=row.seq,
    )
