"""Tables of knowledge, payloads, audit, access, settings and webhooks."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from switchboard.stores.columns import (
    SEQUENCE,
    maybe_text,
    metadata,
    name_column,
    number_column,
    sealed_column,
    sequence_column,
    text_column,
    time_column,
)

documents = Table(
    "documents",
    metadata,
    name_column("document_id"),
    text_column("title"),
    text_column("content"),
    text_column("category"),
    text_column("tags"),
    time_column("last_updated"),
    maybe_text("url"),
    text_column("language"),
    number_column("version"),
    Index("ix_documents_newest", "last_updated", "document_id"),
)

passages = Table(
    "passages",
    metadata,
    name_column("passage_id"),
    Column("document_id", Text, ForeignKey("documents.document_id"), nullable=False),
    number_column("position"),
    text_column("heading"),
    text_column("text"),
    number_column("start_at"),
    number_column("end_at"),
    Column("embedding", LargeBinary, nullable=False),
    Index("ix_passages_document", "document_id", "position"),
)

payloads = Table(
    "payloads",
    metadata,
    sequence_column(),
    text_column("payload_id"),
    text_column("channel"),
    text_column("account"),
    time_column("received_at"),
    text_column("fate"),
    number_column("size"),
    text_column("content_type"),
    maybe_text("customer_id"),
    sealed_column("sealed_body"),
    sealed_column(),
    maybe_text("body_blob_id"),
    Index("ux_payloads_id", "payload_id", unique=True),
    Index("ix_payloads_received", "received_at"),
    Index("ix_payloads_customer", "customer_id"),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=False),
    time_column("at"),
    text_column("actor"),
    text_column("action"),
    text_column("target"),
    maybe_text("customer_id"),
    maybe_text("conversation_id"),
    text_column("digest"),
    sealed_column(null=False),
)

users = Table(
    "users",
    metadata,
    name_column("user_id"),
    text_column("email_key"),
    maybe_text("agent_id"),
    number_column("disabled"),
    number_column("session_epoch"),
    time_column("created_at"),
    sealed_column(),
    Index("ux_users_email", "email_key", unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    name_column("token_hash"),
    text_column("user_id"),
    time_column("created_at"),
    time_column("last_seen_at"),
    time_column("expires_at"),
    sealed_column(),
    Index("ix_sessions_user", "user_id"),
    Index("ix_sessions_expires", "expires_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    name_column("key_id"),
    text_column("key_hash"),
    text_column("name"),
    text_column("role"),
    text_column("scopes"),
    time_column("created_at"),
    time_column("expires_at", null=True),
    time_column("revoked_at", null=True),
    time_column("last_used_at", null=True),
    Index("ux_api_keys_hash", "key_hash", unique=True),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    name_column("token_hash"),
    text_column("family"),
    text_column("client_id"),
    text_column("subject"),
    text_column("scopes"),
    time_column("expires_at"),
    number_column("spent"),
    Index("ix_refresh_tokens_family", "family"),
    Index("ix_refresh_tokens_expires", "expires_at"),
)

once_tokens = Table(
    "once_tokens",
    metadata,
    text_column("purpose"),
    text_column("token_hash"),
    time_column("expires_at"),
    PrimaryKeyConstraint("purpose", "token_hash", name="pk_once_tokens"),
    Index("ix_once_tokens_expires", "expires_at"),
)

config = Table("config", metadata, name_column("name"), number_column("version"), sealed_column(null=False))

secrets = Table("secrets", metadata, name_column("name"), sealed_column(null=False))

answers = Table(
    "answers",
    metadata,
    name_column("answer_key"),
    text_column("fingerprint"),
    number_column("status"),
    text_column("content_type"),
    time_column("expires_at"),
    sealed_column(null=False),
    Index("ix_answers_expires", "expires_at"),
)

webhooks = Table(
    "webhooks",
    metadata,
    name_column("endpoint_id"),
    text_column("events"),
    time_column("created_at"),
    number_column("enabled"),
    text_column("disabled_reason"),
    sealed_column(null=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    sequence_column(),
    text_column("delivery_id"),
    text_column("endpoint_id"),
    number_column("event_sequence"),
    text_column("event_type"),
    text_column("state"),
    text_column("attempts"),
    time_column("created_at"),
    Index("ux_deliveries_id", "delivery_id", unique=True),
    Index("ix_deliveries_endpoint", "endpoint_id", "seq"),
    sqlite_autoincrement=True,
)
