"""Recommended actions and what became of them: what later rankings learn from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from switchboard.domain.advice import ActionOutcome, ActionRecommendation, ActionType, PastCase
from switchboard.domain.ids import ActionId, ConversationId, CustomerId
from switchboard.stores.codec import decode, micros, moment, pack, unpack
from switchboard.stores.database import Row, sql, upsert
from switchboard.stores.sealing import SYSTEM
from switchboard.stores.session import Session

_OUTDATE = sql("UPDATE offers SET current = 0 WHERE conversation_id = :id AND current = 1")
_OFFER = upsert("offers", ["action_id"], ["conversation_id", "customer_id", "position", "current", "at", "sealed"])
_OFFERED = sql("SELECT action_id, sealed FROM offers WHERE conversation_id = :id AND current = 1 ORDER BY position")
_OF_ACTION = sql("SELECT conversation_id, customer_id FROM offers WHERE action_id = :id")
_OUTCOME_COLUMNS = [
    "type",
    "success",
    "recorded_at",
    "customer_satisfaction",
    "resolution_time",
    "intent",
    "topic",
    "sentiment_score",
    "conversation_id",
    "case_at",
    "sealed_notes",
    "sealed_embedding",
]
_RECORD = upsert("outcomes", ["action_id"], _OUTCOME_COLUMNS)
_OUTCOME = sql(f"SELECT action_id, {', '.join(_OUTCOME_COLUMNS)} FROM outcomes WHERE action_id = :id")
_CASES = sql(f"SELECT action_id, {', '.join(_OUTCOME_COLUMNS)} FROM outcomes ORDER BY seq DESC LIMIT :limit")


class SqlAdvice:
    """Fulfils ``ports.store.Advice``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def offer(
        self,
        conversation_id: ConversationId,
        customer_id: CustomerId,
        offers: Sequence[ActionRecommendation],
        at: datetime,
    ) -> None:
        """Replaces what was offered before; earlier actions can still get their outcome."""
        self._db.run(_OUTDATE, id=conversation_id)
        rows = [
            {
                "action_id": offer.action_id,
                "conversation_id": conversation_id,
                "customer_id": customer_id,
                "position": position,
                "current": 1,
                "at": micros(at),
                "sealed": self._db.sealer.seal(customer_id, _place("offers", offer.action_id), offer),
            }
            for position, offer in enumerate(offers)
        ]
        self._db.many(_OFFER, rows)

    def offered(self, conversation_id: ConversationId) -> tuple[ActionRecommendation, ...]:
        opened = (
            self._db.sealer.open_or_none(_place("offers", row.action_id), row.sealed)
            for row in self._db.all(_OFFERED, id=conversation_id)
        )
        return tuple(decode(ActionRecommendation, document) for document in opened if document is not None)

    def conversation_of(self, action_id: ActionId) -> ConversationId | None:
        row = self._db.one(_OF_ACTION, id=action_id)
        return None if row is None else ConversationId(row.conversation_id)

    def record(self, outcome: ActionOutcome, case: PastCase) -> None:
        """The last report about an action counts."""
        offer = self._db.one(_OF_ACTION, id=outcome.action_id)
        owner = SYSTEM if offer is None else offer.customer_id
        sealer, action_id = self._db.sealer, outcome.action_id
        notes, embedding = outcome.notes, case.embedding
        self._db.run(
            _RECORD,
            action_id=action_id,
            type=case.type,
            success=int(outcome.success),
            recorded_at=micros(outcome.recorded_at),
            customer_satisfaction=outcome.customer_satisfaction,
            resolution_time=outcome.resolution_time,
            intent=case.intent,
            topic=case.topic,
            sentiment_score=case.sentiment_score,
            conversation_id=case.conversation_id,
            case_at=micros(case.at),
            sealed_notes=sealer.seal(owner, _place("notes", action_id), {"notes": notes}) if notes else None,
            sealed_embedding=(
                sealer.seal_bytes(owner, _place("cases", action_id), pack(embedding)) if embedding else None
            ),
        )

    def outcome(self, action_id: ActionId) -> ActionOutcome | None:
        row = self._db.one(_OUTCOME, id=action_id)
        if row is None:
            return None
        notes = self._db.sealer.open_or_none(_place("notes", action_id), row.sealed_notes)
        return ActionOutcome(
            action_id=action_id,
            success=bool(row.success),
            recorded_at=moment(row.recorded_at),
            customer_satisfaction=row.customer_satisfaction,
            resolution_time=row.resolution_time,
            notes=notes["notes"] if notes else None,
        )

    def past_cases(self, limit: int = 2000) -> tuple[PastCase, ...]:
        """The newest ones, newest first."""
        rows = self._db.all(_CASES, limit=limit)
        self._db.sealer.preload(row.sealed_embedding for row in rows)
        return tuple(self._case(row) for row in rows)

    def _case(self, row: Row) -> PastCase:
        packed = self._db.sealer.bytes_or_none(_place("cases", row.action_id), row.sealed_embedding)
        return PastCase(
            type=ActionType(row.type),
            success=bool(row.success),
            intent=row.intent,
            topic=row.topic,
            sentiment_score=row.sentiment_score,
            conversation_id=ConversationId(row.conversation_id),
            at=moment(row.case_at),
            embedding=unpack(packed) if packed else (),
        )


def _place(table: str, action_id: str) -> str:
    return f"{table}|{action_id}|document"
