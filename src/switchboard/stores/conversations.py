"""Conversations: at most one open per customer, changed only by who saw the newest version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from switchboard.domain.conversation import Conversation, ConversationState, ConversationStatus, Handler
from switchboard.domain.ids import AgentId, ConversationId, CustomerId, DecisionId
from switchboard.domain.message import ChannelType
from switchboard.errors import Conflict
from switchboard.ports.records import Page, View
from switchboard.ports.tables.rows import Rows
from switchboard.stores.codec import maybe_micros, maybe_moment, micros, moment
from switchboard.stores.database import Row, insert, sql
from switchboard.stores.erasing import strip
from switchboard.stores.files import DOOM_OF_CONVERSATION
from switchboard.stores.messages import SqlMessages
from switchboard.stores.session import Session, cursor_of, page_limit, pair_cursor

_FIXED = ("conversation_id", "customer_id", "created_at")
_CHANGING = [
    "status",
    "handler",
    "assigned_agent_id",
    "urgency_score",
    "priority",
    "escalated",
    "automation_attempts",
    "channels",
    "last_activity_at",
    "last_sequence",
    "intent",
    "topic",
    "language",
    "sentiment_score",
    "last_channel",
    "needs_reply_since",
    "queued_at",
    "resolved_at",
    "archived_at",
    "previous_conversation_id",
    "last_decision_id",
    "required_skills",
    "is_open",
    "sealed",
]
_SELECT = f"SELECT {', '.join((*_FIXED, 'version', *_CHANGING))} FROM conversations"

_INSERT = insert("conversations", (*_FIXED, "version", *_CHANGING))
_SAVE = sql(
    f"UPDATE conversations SET {', '.join(f'{name} = :{name}' for name in _CHANGING)}, version = version + 1 "
    "WHERE conversation_id = :conversation_id AND version = :version"
)
_GET = sql(f"{_SELECT} WHERE conversation_id = :id")
_OPEN_FOR = sql(f"{_SELECT} WHERE customer_id = :id AND is_open = 1")
_HAS_OPEN = sql("SELECT 1 AS present FROM conversations WHERE customer_id = :id AND is_open = 1")
_LATEST_FOR = sql(f"{_SELECT} WHERE customer_id = :id ORDER BY last_activity_at DESC, conversation_id DESC LIMIT 1")
_OF_CUSTOMER = sql(f"{_SELECT} WHERE customer_id = :id ORDER BY created_at, conversation_id")
_INACTIVE = sql(
    f"{_SELECT} WHERE status <> 'archived' AND last_activity_at < :before "
    "ORDER BY last_activity_at, conversation_id LIMIT :limit"
)
_RETENTION = sql(
    f"{_SELECT} WHERE status = 'archived' AND last_activity_at < :before "
    "ORDER BY last_activity_at, conversation_id LIMIT :limit"
)
_RETENTION_READABLE = sql(
    f"{_SELECT} WHERE status = 'archived' AND last_activity_at < :before AND sealed IS NOT NULL "
    "ORDER BY last_activity_at, conversation_id LIMIT :limit"
)
_COUNT_OPEN = sql(
    "SELECT handler, status, CASE WHEN assigned_agent_id = :agent_id THEN 1 ELSE 0 END AS mine, count(*) AS number "
    "FROM conversations WHERE is_open = 1 GROUP BY 1, 2, 3"
)
_COUNT_CLOSED = sql(
    "SELECT status, count(*) AS number FROM conversations WHERE status IN ('resolved', 'archived') GROUP BY 1"
)
_MESSAGES_OF = sql("SELECT m.* FROM messages m WHERE m.conversation_id = :id")
_DELETES = tuple(
    sql(statement)
    for statement in (
        "DELETE FROM external_ids WHERE message_id IN (SELECT message_id FROM messages WHERE conversation_id = :id)",
        "DELETE FROM thread_keys WHERE conversation_id = :id",
        "DELETE FROM jobs WHERE conversation_id = :id",
        "DELETE FROM queue WHERE conversation_id = :id",
        DOOM_OF_CONVERSATION,
        "DELETE FROM calls WHERE conversation_id = :id",
        "DELETE FROM typed_drafts WHERE conversation_id = :id",
        "DELETE FROM drafts WHERE conversation_id = :id",
        "DELETE FROM decisions WHERE conversation_id = :id",
        "DELETE FROM offers WHERE conversation_id = :id",
        "DELETE FROM machine_mails WHERE conversation_id = :id",
        "DELETE FROM issues WHERE conversation_id = :id",
        "DELETE FROM messages WHERE conversation_id = :id",
        "DELETE FROM conversations WHERE conversation_id = :id",
    )
)
_WHERE = {
    View.MINE: "is_open = 1 AND assigned_agent_id = :agent_id",
    View.QUEUE: "is_open = 1 AND handler = 'queue'",
    View.AUTOMATION: "is_open = 1 AND handler = 'automation'",
    View.OPEN: "is_open = 1",
    View.WAITING: "status = 'waiting'",
    View.RESOLVED: "status = 'resolved'",
    View.ALL: "1 = 1",
}
_BY_PRIORITY = frozenset({View.MINE, View.QUEUE, View.AUTOMATION, View.OPEN})


def _page_statement(view: View, *, of_customer: bool, following: bool, of_agent: bool) -> str:
    order = "priority" if view in _BY_PRIORITY else "last_activity_at"
    conditions = [_WHERE[view]]
    if of_agent and view is not View.MINE:
        conditions.append("assigned_agent_id = :agent_id")
    if of_customer:
        conditions.append("customer_id = :customer_id")
    if following:
        conditions.append(f"({order}, conversation_id) < (:first, :second)")
    return f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY {order} DESC, conversation_id DESC LIMIT :limit"


_PAGES = {
    (view, customer, following, agent): sql(
        _page_statement(view, of_customer=customer, following=following, of_agent=agent)
    )
    for view in View
    for customer in (False, True)
    for following in (False, True)
    for agent in (False, True)
}


class SqlConversations:
    """Fulfils ``ports.store.Conversations``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def get(self, conversation_id: ConversationId) -> Conversation | None:
        return self._first(self._db.one(_GET, id=conversation_id))

    def open_for(self, customer_id: CustomerId) -> Conversation | None:
        return None if customer_id in self._db.fresh else self._first(self._db.one(_OPEN_FOR, id=customer_id))

    def latest_for(self, customer_id: CustomerId) -> Conversation | None:
        return None if customer_id in self._db.fresh else self._first(self._db.one(_LATEST_FOR, id=customer_id))

    def of_customer(self, customer_id: CustomerId) -> tuple[Conversation, ...]:
        return self._conversations(self._db.all(_OF_CUSTOMER, id=customer_id))

    def add(self, conversation: Conversation) -> None:
        known = conversation.customer_id not in self._db.fresh
        if known and conversation.is_open and self._db.one(_HAS_OPEN, id=conversation.customer_id):
            raise Conflict("the customer has an open conversation already")
        self._db.put(_INSERT, self._row(conversation))  # a rival on another connection meets the unique index
        self._db.fresh.discard(conversation.customer_id)
        self._db.fresh.add(conversation.conversation_id)

    def save(self, conversation: Conversation) -> Conversation:
        if not self._db.put(_SAVE, self._row(conversation)):
            raise Conflict("the conversation was changed meanwhile")
        return replace(conversation, version=conversation.version + 1)

    def page(
        self, view: View, page: Page, *, agent_id: AgentId | None = None, customer_id: CustomerId | None = None
    ) -> Rows[Conversation]:
        limit, cursor = page_limit(page), pair_cursor(page)
        statement = _PAGES[view, customer_id is not None, cursor is not None, agent_id is not None]
        values: dict[str, object] = {"limit": limit + 1}
        if agent_id is not None or view is View.MINE:
            values["agent_id"] = agent_id
        if customer_id is not None:
            values["customer_id"] = customer_id
        if cursor is not None:
            values["first"], values["second"] = cursor
        rows = self._db.all(statement, **values)
        following = None
        if len(rows) > limit:
            last = rows[limit - 1]
            following = cursor_of(
                last.priority if view in _BY_PRIORITY else last.last_activity_at, last.conversation_id
            )
        return Rows(items=self._conversations(rows[:limit]), next_cursor=following)

    def counts(self, agent_id: AgentId | None = None) -> Mapping[View, int]:
        counted = dict.fromkeys(View, 0)
        for row in self._db.all(_COUNT_OPEN, agent_id=agent_id or ""):
            for view in _views_of(row):
                counted[view] += row.number
        for row in self._db.all(_COUNT_CLOSED):
            counted[View.ALL] += row.number
            if row.status == ConversationStatus.RESOLVED:
                counted[View.RESOLVED] += row.number
        return counted

    def inactive(self, before: datetime, limit: int) -> tuple[Conversation, ...]:
        return self._conversations(self._db.all(_INACTIVE, before=micros(before), limit=limit))

    def due_for_retention(
        self, before: datetime, limit: int, *, readable_only: bool = False
    ) -> tuple[Conversation, ...]:
        statement = _RETENTION_READABLE if readable_only else _RETENTION
        return self._conversations(self._db.all(statement, before=micros(before), limit=limit))

    def anonymise(self, conversation_id: ConversationId) -> None:
        strip(self._db, conversation_id)

    def delete(self, conversation_id: ConversationId) -> None:
        SqlMessages(self._db).forget_terms(_MESSAGES_OF, id=conversation_id)
        for statement in _DELETES:
            self._db.run(statement, id=conversation_id)

    def _row(self, conversation: Conversation) -> Mapping[str, object]:
        c, state = conversation, conversation.state
        return {
            "conversation_id": c.conversation_id,
            "customer_id": c.customer_id,
            "created_at": micros(c.created_at),
            "version": c.version,
            "status": state.status,
            "handler": state.handler,
            "assigned_agent_id": state.assigned_agent_id,
            "urgency_score": state.urgency_score,
            "priority": state.priority,
            "escalated": int(state.escalated),
            "automation_attempts": state.automation_attempts,
            "channels": " ".join(c.channels),
            "last_activity_at": micros(c.last_activity_at),
            "last_sequence": c.last_sequence,
            "intent": c.intent,
            "topic": c.topic,
            "language": c.language,
            "sentiment_score": c.sentiment_score,
            "last_channel": c.last_channel,
            "needs_reply_since": maybe_micros(c.needs_reply_since),
            "queued_at": maybe_micros(c.queued_at),
            "resolved_at": maybe_micros(c.resolved_at),
            "archived_at": maybe_micros(c.archived_at),
            "previous_conversation_id": c.previous_conversation_id,
            "last_decision_id": c.last_decision_id,
            "required_skills": "\n".join(c.required_skills),
            "is_open": int(c.is_open),
            "sealed": self._sealed(c),
        }

    def _sealed(self, conversation: Conversation) -> bytes | None:
        if conversation.subject is None and conversation.snippet is None:
            return None
        document = {"subject": conversation.subject, "snippet": conversation.snippet}
        return self._db.sealer.seal(conversation.customer_id, _place(conversation.conversation_id), document)

    def _first(self, row: Row | None) -> Conversation | None:
        return None if row is None else self._conversation(row)

    def _conversations(self, rows: Sequence[Row]) -> tuple[Conversation, ...]:
        self._db.sealer.preload(row.sealed for row in rows)
        return tuple(self._conversation(row) for row in rows)

    def _conversation(self, row: Row) -> Conversation:
        texts = self._db.sealer.open_or_none(_place(row.conversation_id), row.sealed) or {}
        return Conversation(
            conversation_id=ConversationId(row.conversation_id),
            customer_id=CustomerId(row.customer_id),
            state=_state(row),
            channels=tuple(ChannelType(name) for name in row.channels.split()),
            created_at=moment(row.created_at),
            last_activity_at=moment(row.last_activity_at),
            version=row.version,
            last_sequence=row.last_sequence,
            intent=row.intent,
            topic=row.topic,
            language=row.language,
            sentiment_score=row.sentiment_score,
            subject=texts.get("subject"),
            snippet=texts.get("snippet"),
            last_channel=ChannelType(row.last_channel) if row.last_channel else None,
            needs_reply_since=maybe_moment(row.needs_reply_since),
            queued_at=maybe_moment(row.queued_at),
            resolved_at=maybe_moment(row.resolved_at),
            archived_at=maybe_moment(row.archived_at),
            previous_conversation_id=ConversationId(row.previous_conversation_id)
            if row.previous_conversation_id
            else None,
            last_decision_id=DecisionId(row.last_decision_id) if row.last_decision_id else None,
            required_skills=tuple(row.required_skills.split("\n")) if row.required_skills else (),
        )


def _state(row: Row) -> ConversationState:
    return ConversationState(
        status=ConversationStatus(row.status),
        handler=Handler(row.handler),
        assigned_agent_id=AgentId(row.assigned_agent_id) if row.assigned_agent_id else None,
        urgency_score=row.urgency_score,
        priority=row.priority,
        escalated=bool(row.escalated),
        automation_attempts=row.automation_attempts,
    )


def _views_of(row: Row) -> set[View]:
    """The lists that an open conversation stands in."""
    views = {View.OPEN, View.ALL}
    if row.mine:
        views.add(View.MINE)
    if row.handler == Handler.QUEUE:
        views.add(View.QUEUE)
    if row.handler == Handler.AUTOMATION:
        views.add(View.AUTOMATION)
    if row.status == ConversationStatus.WAITING:
        views.add(View.WAITING)
    return views


def _place(conversation_id: str) -> str:
    return f"conversations|{conversation_id}|texts"
