"""What is kept, table by table. Columns named ``sealed…`` hold encrypted customer data; everything else is codes and ids.

Times are whole microseconds since 1970 (UTC). Truth values are 0 or 1, so that both databases speak the same SQL.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

metadata = MetaData()

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


def _id(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _sequence() -> Column[int]:
    return Column("seq", _SEQUENCE, primary_key=True, autoincrement=True)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _maybe(name: str) -> Column[str]:
    return _text(name, null=True)


def _time(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def _number(name: str, *, null: bool = False, default: int | None = None) -> Column[int]:
    return Column(name, Integer, nullable=null, server_default=None if default is None else text(str(default)))


def _float(name: str, *, null: bool = False) -> Column[float]:
    return Column(name, Float(53), nullable=null)


def _sealed(name: str = "sealed", *, null: bool = True) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=null)


data_keys = Table(
    "data_keys",
    metadata,
    _id("key_id"),
    _text("owner"),
    _sealed("wrapped"),
    _text("master_id"),
    _time("created_at"),
    _time("destroyed_at", null=True),
    Index("ix_data_keys_owner", "owner"),
)

counters = Table("counters", metadata, _id("name"), Column("value", BigInteger, nullable=False))

schedules = Table("schedules", metadata, _id("name"), _time("last_at"))

customers = Table(
    "customers",
    metadata,
    _id("customer_id"),
    _time("created_at"),
    _text("customer_value"),
    _maybe("language"),
    _maybe("preferred_channel"),
    _maybe("last_agent_id"),
    _maybe("merged_into"),
    _time("erased_at", null=True),
    _sealed(),
    Index("ix_customers_newest", "created_at", "customer_id"),
    Index("ix_customers_merged_into", "merged_into"),
)

address_owners = Table(
    "address_owners",
    metadata,
    _id("address_key"),
    Column("customer_id", Text, ForeignKey("customers.customer_id"), nullable=False),
    Index("ix_address_owners_customer", "customer_id"),
)

identities = Table(
    "identities",
    metadata,
    _id("identity_id"),
    Column("customer_id", Text, ForeignKey("customers.customer_id"), nullable=False),
    _text("channel"),
    _text("address_key"),
    _number("verified"),
    _text("evidence"),
    _time("since", null=True),
    _sealed(),
    Index("ux_identities_address", "address_key", "channel", unique=True),
    Index("ix_identities_customer", "customer_id"),
)

purchases = Table(
    "purchases",
    metadata,
    _id("purchase_key"),
    Column("customer_id", Text, ForeignKey("customers.customer_id"), nullable=False),
    _time("purchased_at"),
    _sealed(),
    Index("ix_purchases_customer", "customer_id", "purchased_at"),
)

issues = Table(
    "issues",
    metadata,
    _id("issue_id"),
    Column("customer_id", Text, ForeignKey("customers.customer_id"), nullable=False),
    _text("conversation_id"),
    _text("intent"),
    _text("topic"),
    _time("created_at"),
    _time("resolved_at", null=True),
    _sealed(),
    Index("ix_issues_customer", "customer_id", "created_at"),
    Index("ix_issues_conversation", "conversation_id"),
)

customer_terms = Table(
    "customer_terms",
    metadata,
    Column("term", BigInteger, nullable=False),
    _text("customer_id"),
    _text("source"),
    PrimaryKeyConstraint("term", "customer_id", "source", name="pk_customer_terms"),
    Index("ix_customer_terms_customer", "customer_id"),
    sqlite_with_rowid=False,
)

merges = Table(
    "merges",
    metadata,
    _id("merge_id"),
    _text("kept"),
    _text("merged"),
    _time("at"),
    _time("undone_at", null=True),
    _text("document"),
    Index("ix_merges_kept", "kept"),
    Index("ix_merges_merged", "merged"),
)

conversations = Table(
    "conversations",
    metadata,
    _id("conversation_id"),
    Column("customer_id", Text, ForeignKey("customers.customer_id"), nullable=False),
    _text("status"),
    _text("handler"),
    _maybe("assigned_agent_id"),
    _number("urgency_score"),
    _float("priority"),
    _number("escalated"),
    _number("automation_attempts"),
    _text("channels"),
    _time("created_at"),
    _time("last_activity_at"),
    _number("version"),
    _number("last_sequence"),
    _maybe("intent"),
    _maybe("topic"),
    _maybe("language"),
    _float("sentiment_score", null=True),
    _maybe("last_channel"),
    _time("needs_reply_since", null=True),
    _time("queued_at", null=True),
    _time("resolved_at", null=True),
    _time("archived_at", null=True),
    _maybe("previous_conversation_id"),
    _maybe("last_decision_id"),
    _text("required_skills"),
    _number("is_open"),
    _sealed(),
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
    _sequence(),
    _text("message_id"),
    Column("conversation_id", Text, ForeignKey("conversations.conversation_id"), nullable=False),
    _text("customer_id"),
    _text("channel"),
    _text("account"),
    _text("direction"),
    _text("author"),
    _text("kind"),
    _time("at"),
    _number("sequence"),
    _time("sent_at", null=True),
    _maybe("processing"),
    _maybe("delivery"),
    _maybe("agent_id"),
    _maybe("reply_to"),
    _number("verified"),
    _number("withdrawn"),
    _number("automatic"),
    _maybe("sending_token"),
    _maybe("intent"),
    _maybe("topic"),
    _float("sentiment", null=True),
    _maybe("language"),
    _number("urgency_score", null=True),
    _float("priority", null=True),
    _maybe("anonymised_text"),
    _sealed(),
    _sealed("sealed_reading"),
    _sealed("sealed_embedding"),
    _sealed("sealed_history"),
    _sealed("sealed_error"),
    Index("ux_messages_id", "message_id", unique=True),
    Index("ux_messages_sequence", "conversation_id", "sequence", unique=True),
    Index("ix_messages_customer", "customer_id", "at", "seq"),
    sqlite_autoincrement=True,
)

external_ids = Table(
    "external_ids",
    metadata,
    _id("external_key"),
    _text("message_id"),
    Index("ix_external_ids_message", "message_id"),
)

thread_keys = Table(
    "thread_keys",
    metadata,
    _text("thread_key"),
    _text("conversation_id"),
    PrimaryKeyConstraint("thread_key", "conversation_id", name="pk_thread_keys"),
    Index("ix_thread_keys_conversation", "conversation_id"),
    sqlite_with_rowid=False,
)

search_terms = Table(
    "search_terms",
    metadata,
    Column("term", BigInteger, nullable=False),
    Column("message_seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("term", "message_seq", name="pk_search_terms"),
    sqlite_with_rowid=False,
)

jobs = Table(
    "jobs",
    metadata,
    _sequence(),
    _text("kind"),
    _text("lane"),
    _float("priority"),
    _float("rank"),
    _time("due_at"),
    _time("created_at"),
    _time("lease_until", null=True),
    _number("attempts"),
    _number("failures"),
    _maybe("conversation_id"),
    _maybe("message_id"),
    _text("payload"),
    _text("errors"),
    Index("ix_jobs_lane", "kind", "lane", "seq"),
    Index("ix_jobs_rank", "kind", "rank", "seq"),
    sqlite_autoincrement=True,
)

dead_letters = Table(
    "dead_letters",
    metadata,
    _sequence(),
    _text("dead_letter_id"),
    _text("kind"),
    _text("lane"),
    _float("priority"),
    _time("created_at"),
    _text("reason"),
    _text("attempts"),
    _maybe("conversation_id"),
    _maybe("message_id"),
    _text("payload"),
    _text("state"),
    Index("ux_dead_letters_id", "dead_letter_id", unique=True),
    Index("ix_dead_letters_state", "state"),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    _sequence(),
    _text("type"),
    _time("at"),
    _maybe("conversation_id"),
    _maybe("customer_id"),
    _maybe("message_id"),
    _text("metrics"),
    _text("dimensions"),
    Index("ix_events_at", "at", "seq"),
    Index("ix_events_conversation", "conversation_id", "seq"),
    Index("ix_events_type", "type", "seq"),
    sqlite_autoincrement=True,
)

agents = Table(
    "agents",
    metadata,
    _id("agent_id"),
    _text("status"),
    _number("workload"),
    _number("max_workload"),
    _float("performance_score"),
    _text("skills"),
    _text("languages"),
    _text("success"),
    _text("hours"),
    _maybe("user_id"),
    _time("status_since", null=True),
    _number("version"),
    _sealed(),
    CheckConstraint("workload >= 0 AND workload <= 5", name="ck_agents_workload"),
)

queue = Table(
    "queue",
    metadata,
    _id("conversation_id"),
    _text("customer_id"),
    _float("priority"),
    _number("urgency_score"),
    _time("queued_at"),
    _text("required_skills"),
    _text("language"),
    _maybe("topic"),
    Index("ix_queue_order", "priority", "queued_at"),
)

decisions = Table(
    "decisions",
    metadata,
    _sequence(),
    _text("decision_id"),
    _text("conversation_id"),
    _text("customer_id"),
    _maybe("message_id"),
    _time("at"),
    _text("decision"),
    _sealed(),
    Index("ux_decisions_id", "decision_id", unique=True),
    Index("ix_decisions_conversation", "conversation_id", "seq"),
    Index("ix_decisions_message", "message_id"),
    sqlite_autoincrement=True,
)

drafts = Table(
    "drafts",
    metadata,
    _sequence(),
    _text("draft_id"),
    _text("conversation_id"),
    _text("customer_id"),
    _maybe("message_id"),
    _text("origin"),
    _time("at"),
    _maybe("sent_as"),
    _sealed(),
    Index("ux_drafts_id", "draft_id", unique=True),
    Index("ix_drafts_conversation", "conversation_id", "seq"),
    Index("ix_drafts_sent_as", "sent_as"),
    sqlite_autoincrement=True,
)

typed_drafts = Table(
    "typed_drafts",
    metadata,
    _text("agent_id"),
    _text("conversation_id"),
    _text("kind"),
    _time("saved_at"),
    _sealed(),
    PrimaryKeyConstraint("agent_id", "conversation_id", "kind", name="pk_typed_drafts"),
    Index("ix_typed_drafts_conversation", "conversation_id"),
)

offers = Table(
    "offers",
    metadata,
    _id("action_id"),
    _text("conversation_id"),
    _text("customer_id"),
    _number("position"),
    _number("current"),
    _time("at"),
    _sealed(),
    Index("ix_offers_conversation", "conversation_id", "current"),
)

outcomes = Table(
    "outcomes",
    metadata,
    _sequence(),
    _text("action_id"),
    _text("type"),
    _number("success"),
    _time("recorded_at"),
    _number("customer_satisfaction", null=True),
    _float("resolution_time", null=True),
    _text("intent"),
    _text("topic"),
    _float("sentiment_score"),
    _text("conversation_id"),
    _time("case_at"),
    _sealed("sealed_notes"),
    _sealed("sealed_embedding"),
    Index("ux_outcomes_action", "action_id", unique=True),
    Index("ix_outcomes_conversation", "conversation_id"),
    sqlite_autoincrement=True,
)

documents = Table(
    "documents",
    metadata,
    _id("document_id"),
    _text("title"),
    _text("content"),
    _text("category"),
    _text("tags"),
    _time("last_updated"),
    _maybe("url"),
    _text("language"),
    _number("version"),
    Index("ix_documents_newest", "last_updated", "document_id"),
)

passages = Table(
    "passages",
    metadata,
    _id("passage_id"),
    Column("document_id", Text, ForeignKey("documents.document_id"), nullable=False),
    _number("position"),
    _text("heading"),
    _text("text"),
    _number("start_at"),
    _number("end_at"),
    Column("embedding", LargeBinary, nullable=False),
    Index("ix_passages_document", "document_id", "position"),
)

payloads = Table(
    "payloads",
    metadata,
    _sequence(),
    _text("payload_id"),
    _text("channel"),
    _text("account"),
    _time("received_at"),
    _text("fate"),
    _number("size"),
    _text("content_type"),
    _maybe("customer_id"),
    _sealed("sealed_body"),
    _sealed(),
    Index("ux_payloads_id", "payload_id", unique=True),
    Index("ix_payloads_received", "received_at"),
    Index("ix_payloads_customer", "customer_id"),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("seq", _SEQUENCE, primary_key=True, autoincrement=False),
    _time("at"),
    _text("actor"),
    _text("action"),
    _text("target"),
    _maybe("customer_id"),
    _maybe("conversation_id"),
    _text("digest"),
    _sealed(null=False),
)

users = Table(
    "users",
    metadata,
    _id("user_id"),
    _text("email_key"),
    _maybe("agent_id"),
    _number("disabled"),
    _number("session_epoch"),
    _time("created_at"),
    _sealed(),
    Index("ux_users_email", "email_key", unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    _id("token_hash"),
    _text("user_id"),
    _time("created_at"),
    _time("last_seen_at"),
    _time("expires_at"),
    _sealed(),
    Index("ix_sessions_user", "user_id"),
    Index("ix_sessions_expires", "expires_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    _id("key_id"),
    _text("key_hash"),
    _text("name"),
    _text("role"),
    _text("scopes"),
    _time("created_at"),
    _time("expires_at", null=True),
    _time("revoked_at", null=True),
    _time("last_used_at", null=True),
    Index("ux_api_keys_hash", "key_hash", unique=True),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    _id("token_hash"),
    _text("family"),
    _text("client_id"),
    _text("subject"),
    _text("scopes"),
    _time("expires_at"),
    _number("spent"),
    Index("ix_refresh_tokens_family", "family"),
    Index("ix_refresh_tokens_expires", "expires_at"),
)

once_tokens = Table(
    "once_tokens",
    metadata,
    _text("purpose"),
    _text("token_hash"),
    _time("expires_at"),
    PrimaryKeyConstraint("purpose", "token_hash", name="pk_once_tokens"),
    Index("ix_once_tokens_expires", "expires_at"),
)

config = Table("config", metadata, _id("name"), _number("version"), _sealed(null=False))

secrets = Table("secrets", metadata, _id("name"), _sealed(null=False))

answers = Table(
    "answers",
    metadata,
    _id("answer_key"),
    _text("fingerprint"),
    _number("status"),
    _text("content_type"),
    _time("expires_at"),
    _sealed(null=False),
    Index("ix_answers_expires", "expires_at"),
)

webhooks = Table(
    "webhooks",
    metadata,
    _id("endpoint_id"),
    _text("events"),
    _time("created_at"),
    _number("enabled"),
    _text("disabled_reason"),
    _sealed(null=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    _sequence(),
    _text("delivery_id"),
    _text("endpoint_id"),
    _number("event_sequence"),
    _text("event_type"),
    _text("state"),
    _text("attempts"),
    _time("created_at"),
    Index("ux_deliveries_id", "delivery_id", unique=True),
    Index("ix_deliveries_endpoint", "endpoint_id", "seq"),
    sqlite_autoincrement=True,
)
