"""Routing decisions as they were made, for the Why panel and the audit."""

from __future__ import annotations

from collections.abc import Sequence

from switchboard.domain.ids import ConversationId, CustomerId, DecisionId, MessageId
from switchboard.domain.routing import Decision, RoutingDecision
from switchboard.domain.urgency import UrgencyScore
from switchboard.ports.records import DecisionRecord
from switchboard.stores.codec import decode, micros, moment
from switchboard.stores.database import Row, insert, sql
from switchboard.stores.session import Session

_COLUMNS = ["decision_id", "conversation_id", "customer_id", "message_id", "at", "decision", "sealed"]
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM decisions"
_ADD = insert("decisions", _COLUMNS)
_GET = sql(f"{_SELECT} WHERE decision_id = :id")
_OF_CONVERSATION = sql(f"{_SELECT} WHERE conversation_id = :id ORDER BY seq")
_OF_MESSAGE = sql(f"{_SELECT} WHERE message_id = :id ORDER BY seq DESC LIMIT 1")
_ERASED_URGENCY = UrgencyScore(score=5, unclamped=5, priority=5.0, factors=())


class SqlDecisions:
    """Fulfils ``ports.store.Decisions``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def add(self, record: DecisionRecord) -> None:
        document = {"decision": record.decision, "urgency": record.urgency}
        self._db.run(
            _ADD,
            decision_id=record.decision_id,
            conversation_id=record.conversation_id,
            customer_id=record.customer_id,
            message_id=record.message_id,
            at=micros(record.at),
            decision=record.decision.decision,
            sealed=self._db.sealer.seal(record.customer_id, _place(record.decision_id), document),
        )

    def get(self, decision_id: DecisionId) -> DecisionRecord | None:
        row = self._db.one(_GET, id=decision_id)
        return None if row is None else self._record(row)

    def of_conversation(self, conversation_id: ConversationId) -> tuple[DecisionRecord, ...]:
        return self._records(self._db.all(_OF_CONVERSATION, id=conversation_id))

    def of_message(self, message_id: MessageId) -> DecisionRecord | None:
        """The newest one about this message."""
        row = self._db.one(_OF_MESSAGE, id=message_id)
        return None if row is None else self._record(row)

    def _records(self, rows: Sequence[Row]) -> tuple[DecisionRecord, ...]:
        self._db.sealer.preload(row.sealed for row in rows)
        return tuple(self._record(row) for row in rows)

    def _record(self, row: Row) -> DecisionRecord:
        document = self._db.sealer.open_or_none(_place(row.decision_id), row.sealed)
        return DecisionRecord(
            decision_id=DecisionId(row.decision_id),
            conversation_id=ConversationId(row.conversation_id),
            customer_id=CustomerId(row.customer_id),
            message_id=MessageId(row.message_id) if row.message_id else None,
            at=moment(row.at),
            decision=decode(RoutingDecision, document["decision"]) if document else _erased(row.decision),
            urgency=decode(UrgencyScore, document["urgency"]) if document else _ERASED_URGENCY,
        )


def _erased(decision: str) -> RoutingDecision:
    return RoutingDecision(decision=Decision(decision), rule="erased", reasoning="[erased]")


def _place(decision_id: str) -> str:
    return f"decisions|{decision_id}|document"
