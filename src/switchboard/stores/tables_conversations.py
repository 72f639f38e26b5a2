"""Tables of conversations, messages and what finds them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from switchboard.stores.columns import (
    float_column,
    maybe_text,
    metadata,
    name_column,
    number_column,
    sealed_column,
    sequence_column,
    text_column,
    time_column,
)

conversations = Table(
    "conversations",
    metadata,
    name_column("conversation_id"),
    Column("customer_id", Text, ForeignKey("customers.customer_id"), nullable=False),
    text_column("status"),
    text_column("handler"),
    maybe_text("assigned_agent_id"),
    number_column("urgency_score"),
    float_column("priority"),
    number_column("escalated"),
    number_column("automation_attempts"),
    text_column("channels"),
    time_column("created_at"),
    time_column("last_activity_at"),
    number_column("version"),
    number_column("last_sequence"),
    maybe_text("intent"),
    maybe_text("topic"),
    maybe_text("language"),
    float_column("sentiment_score", null=True),
    maybe_text("last_channel"),
    time_column("needs_reply_since", null=True),
    time_column("queued_at", null=True),
    time_column("resolved_at", null=True),
    time_column("archived_at", null=True),
    maybe_text("previous_conversation_id"),
    maybe_text("last_decision_id"),
    text_column("required_skills"),
    number_column("is_open"),
    sealed_column(),
)
_OPEN = text("is_open = 1")
Index(
    "ux_conversations_one_open",
    conversations.c.customer_id,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index("ix_conversations_customer", conversations.c.customer_id, conversations.c.created_at)
Index(
    "ix_conversations_open",
    conversations.c.priority,
    conversations.c.conversation_id,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index(
    "ix_conversations_handler",
    conversations.c.handler,
    conversations.c.priority,
    conversations.c.conversation_id,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index(
    "ix_conversations_agent",
    conversations.c.assigned_agent_id,
    conversations.c.priority,
    conversations.c.conversation_id,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index(
    "ix_conversations_status",
    conversations.c.status,
    conversations.c.last_activity_at,
    conversations.c.conversation_id,
)
_LIVE = text("status <> 'archived'")
Index(
    "ix_conversations_live",
    conversations.c.last_activity_at,
    conversations.c.conversation_id,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)
Index("ix_conversations_activity", conversations.c.last_activity_at, conversations.c.conversation_id)

messages = Table(
    "messages",
    metadata,
    sequence_column(),
    text_column("message_id"),
    Column("conversation_id", Text, ForeignKey("conversations.conversation_id"), nullable=False),
    text_column("customer_id"),
    text_column("channel"),
    text_column("account"),
    text_column("direction"),
    text_column("author"),
    text_column("kind"),
    time_column("at"),
    number_column("sequence"),
    time_column("sent_at", null=True),
    maybe_text("processing"),
    maybe_text("delivery"),
    maybe_text("agent_id"),
    maybe_text("reply_to"),
    number_column("verified"),
    number_column("withdrawn"),
    number_column("automatic"),
    maybe_text("sending_token"),
    maybe_text("intent"),
    maybe_text("topic"),
    float_column("sentiment", null=True),
    maybe_text("language"),
    number_column("urgency_score", null=True),
    float_column("priority", null=True),
    maybe_text("anonymised_text"),
    sealed_column(),
    sealed_column("sealed_reading"),
    sealed_column("sealed_embedding"),
    sealed_column("sealed_history"),
    sealed_column("sealed_error"),
    Index("ux_messages_id", "message_id", unique=True),
    Index("ux_messages_sequence", "conversation_id", "sequence", unique=True),
    Index("ix_messages_customer", "customer_id", "at", "seq"),
    Index("ix_messages_channel", "channel", "direction", "seq"),
    sqlite_autoincrement=True,
)

external_ids = Table(
    "external_ids",
    metadata,
    name_column("external_key"),
    text_column("message_id"),
    Index("ix_external_ids_message", "message_id"),
)

thread_keys = Table(
    "thread_keys",
    metadata,
    text_column("thread_key"),
    text_column("conversation_id"),
    PrimaryKeyConstraint("thread_key", "conversation_id", name="pk_thread_keys"),
    Index("ix_thread_keys_conversation", "conversation_id"),
    sqlite_with_rowid=False,
)

blobs = Table(
    "blobs",
    metadata,
    name_column("blob_id"),
    text_column("fingerprint"),
    text_column("conversation_id"),
    text_column("customer_id"),
    number_column("doomed"),
    sealed_column("sealed_key"),
    Index("ix_blobs_fingerprint", "fingerprint"),
    Index("ix_blobs_conversation", "conversation_id"),
    Index("ix_blobs_customer", "customer_id"),
    Index("ix_blobs_doomed", "doomed"),
)

search_terms = Table(
    "search_terms",
    metadata,
    Column("term", BigInteger, nullable=False),
    Column("message_seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("term", "message_seq", name="pk_search_terms"),
    sqlite_with_rowid=False,
)
