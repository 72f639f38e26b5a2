"""Machine-written replies with their sources, and what agents have typed but not sent."""

from __future__ import annotations

from switchboard.domain.ids import ConversationId, CustomerId, MessageId
from switchboard.domain.reply import GeneratedResponse, ValidationResult
from switchboard.errors import NotFound
from switchboard.ports.records import AgentDraft, DraftOrigin, DraftRecord
from switchboard.stores.codec import decode, micros, moment
from switchboard.stores.database import Row, sql, upsert
from switchboard.stores.session import Session

_COLUMNS = ["conversation_id", "customer_id", "message_id", "origin", "at", "sent_as", "sealed"]
_SELECT = f"SELECT draft_id, {', '.join(_COLUMNS)} FROM drafts"
_PUT = upsert("drafts", ["draft_id"], _COLUMNS)
_LATEST = sql(f"{_SELECT} WHERE conversation_id = :id ORDER BY seq DESC LIMIT 1")
_SENT_AS = sql(f"{_SELECT} WHERE sent_as = :id ORDER BY seq DESC LIMIT 1")
_OWNER = sql("SELECT customer_id FROM conversations WHERE conversation_id = :id")
_PUT_TYPED = upsert("typed_drafts", ["agent_id", "conversation_id", "kind"], ["saved_at", "sealed"])
_TYPED = sql(
    "SELECT kind, saved_at, sealed FROM typed_drafts WHERE agent_id = :agent_id AND conversation_id = :id ORDER BY kind"
)
_CLEAR = sql("DELETE FROM typed_drafts WHERE agent_id = :agent_id AND conversation_id = :id AND kind = :kind")


class SqlDrafts:
    """Fulfils ``ports.store.Drafts``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def add(self, record: DraftRecord) -> None:
        """Insert, or replace by ``draft_id``."""
        document = {"response": record.response, "validation": record.validation}
        self._db.run(
            _PUT,
            draft_id=record.draft_id,
            conversation_id=record.conversation_id,
            customer_id=record.customer_id,
            message_id=record.message_id,
            origin=record.origin,
            at=micros(record.at),
            sent_as=record.sent_as,
            sealed=self._db.sealer.seal(record.customer_id, f"drafts|{record.draft_id}|document", document),
        )

    def latest(self, conversation_id: ConversationId) -> DraftRecord | None:
        return self._first(self._db.one(_LATEST, id=conversation_id))

    def sent_as(self, message_id: MessageId) -> DraftRecord | None:
        return self._first(self._db.one(_SENT_AS, id=message_id))

    def save_typed(self, draft: AgentDraft) -> None:
        owner = self._db.one(_OWNER, id=draft.conversation_id)
        if owner is None:
            raise NotFound("no such conversation")
        place = _typed_place(draft.agent_id, draft.conversation_id, draft.kind)
        self._db.run(
            _PUT_TYPED,
            agent_id=draft.agent_id,
            conversation_id=draft.conversation_id,
            kind=draft.kind,
            saved_at=micros(draft.saved_at),
            sealed=self._db.sealer.seal(owner.customer_id, place, {"text": draft.text}),
        )

    def typed(self, agent_id: str, conversation_id: ConversationId) -> tuple[AgentDraft, ...]:
        return tuple(
            AgentDraft(
                agent_id=agent_id,
                conversation_id=conversation_id,
                kind=row.kind,
                text=self._db.sealer.open(_typed_place(agent_id, conversation_id, row.kind), row.sealed)["text"],
                saved_at=moment(row.saved_at),
            )
            for row in self._db.all(_TYPED, agent_id=agent_id, id=conversation_id)
        )

    def clear_typed(self, agent_id: str, conversation_id: ConversationId, kind: str) -> None:
        self._db.run(_CLEAR, agent_id=agent_id, id=conversation_id, kind=kind)

    def _first(self, row: Row | None) -> DraftRecord | None:
        document = None if row is None else self._db.sealer.open_or_none(f"drafts|{row.draft_id}|document", row.sealed)
        if row is None or document is None:
            return None
        return DraftRecord(
            draft_id=row.draft_id,
            conversation_id=ConversationId(row.conversation_id),
            customer_id=CustomerId(row.customer_id),
            message_id=MessageId(row.message_id) if row.message_id else None,
            origin=DraftOrigin(row.origin),
            at=moment(row.at),
            response=decode(GeneratedResponse, document["response"]),
            validation=decode(ValidationResult, document["validation"]) if document["validation"] else None,
            sent_as=MessageId(row.sent_as) if row.sent_as else None,
        )


def _typed_place(agent_id: str, conversation_id: str, kind: str) -> str:
    return f"typed_drafts|{agent_id}/{conversation_id}/{kind}|text"
