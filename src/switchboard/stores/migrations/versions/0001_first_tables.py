"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "agents",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("workload", sa.Integer(), nullable=False),
        sa.Column("max_workload", sa.Integer(), nullable=False),
        sa.Column("performance_score", sa.Float(precision=53), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("success", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("status_since", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("workload >= 0 AND workload <= 5", name="ck_agents_workload"),
        sa.PrimaryKeyConstraint("agent_id"),
    )
    op.create_table(
        "answers",
        sa.Column("answer_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("answer_key"),
    )
    op.create_index("ix_answers_expires", "answers", ["expires_at"], unique=False)
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_index("ux_api_keys_hash", "api_keys", ["key_hash"], unique=True)
    op.create_table(
        "audit",
        sa.Column("seq", SEQUENCE, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "config",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "customer_terms",
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("term", "customer_id", "source", name="pk_customer_terms"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_customer_terms_customer", "customer_terms", ["customer_id"], unique=False)
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("customer_value", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("preferred_channel", sa.Text(), nullable=True),
        sa.Column("last_agent_id", sa.Text(), nullable=True),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_index("ix_customers_merged_into", "customers", ["merged_into"], unique=False)
    op.create_index("ix_customers_newest", "customers", ["created_at", "customer_id"], unique=False)
    op.create_table(
        "data_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("master_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("destroyed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_index("ix_data_keys_owner", "data_keys", ["owner"], unique=False)
    op.create_table(
        "dead_letters",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("dead_letter_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("priority", sa.Float(precision=53), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_dead_letters_state", "dead_letters", ["state"], unique=False)
    op.create_index("ux_dead_letters_id", "dead_letters", ["dead_letter_id"], unique=True)
    op.create_table(
        "decisions",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decisions_conversation", "decisions", ["conversation_id", "seq"], unique=False)
    op.create_index("ix_decisions_message", "decisions", ["message_id"], unique=False)
    op.create_index("ux_decisions_id", "decisions", ["decision_id"], unique=True)
    op.create_table(
        "deliveries",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("event_sequence", sa.Integer(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_endpoint", "deliveries", ["endpoint_id", "seq"], unique=False)
    op.create_index("ux_deliveries_id", "deliveries", ["delivery_id"], unique=True)
    op.create_table(
        "documents",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("last_updated", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("document_id"),
    )
    op.create_index("ix_documents_newest", "documents", ["last_updated", "document_id"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sent_as", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_drafts_conversation", "drafts", ["conversation_id", "seq"], unique=False)
    op.create_index("ix_drafts_sent_as", "drafts", ["sent_as"], unique=False)
    op.create_index("ux_drafts_id", "drafts", ["draft_id"], unique=True)
    op.create_table(
        "events",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("metrics", sa.Text(), nullable=False),
        sa.Column("dimensions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_at", "events", ["at", "seq"], unique=False)
    op.create_index("ix_events_conversation", "events", ["conversation_id", "seq"], unique=False)
    op.create_index("ix_events_type", "events", ["type", "seq"], unique=False)
    op.create_table(
        "external_ids",
        sa.Column("external_key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("external_key"),
    )
    op.create_index("ix_external_ids_message", "external_ids", ["message_id"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("priority", sa.Float(precision=53), nullable=False),
        sa.Column("rank", sa.Float(precision=53), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("errors", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_lane", "jobs", ["kind", "lane", "seq"], unique=False)
    op.create_index("ix_jobs_rank", "jobs", ["kind", "rank", "seq"], unique=False)
    op.create_table(
        "merges",
        sa.Column("merge_id", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("merged", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("merge_id"),
    )
    op.create_index("ix_merges_kept", "merges", ["kept"], unique=False)
    op.create_index("ix_merges_merged", "merges", ["merged"], unique=False)
    op.create_table(
        "offers",
        sa.Column("action_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("action_id"),
    )
    op.create_index("ix_offers_conversation", "offers", ["conversation_id", "current"], unique=False)
    op.create_table(
        "once_tokens",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "token_hash", name="pk_once_tokens"),
    )
    op.create_index("ix_once_tokens_expires", "once_tokens", ["expires_at"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("action_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("success", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("customer_satisfaction", sa.Integer(), nullable=True),
        sa.Column("resolution_time", sa.Float(precision=53), nullable=True),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("sentiment_score", sa.Float(precision=53), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("case_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_notes", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_embedding", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outcomes_conversation", "outcomes", ["conversation_id"], unique=False)
    op.create_index("ux_outcomes_action", "outcomes", ["action_id"], unique=True)
    op.create_table(
        "payloads",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("payload_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("sealed_body", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_payloads_customer", "payloads", ["customer_id"], unique=False)
    op.create_index("ix_payloads_received", "payloads", ["received_at"], unique=False)
    op.create_index("ux_payloads_id", "payloads", ["payload_id"], unique=True)
    op.create_table(
        "queue",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("priority", sa.Float(precision=53), nullable=False),
        sa.Column("urgency_score", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("required_skills", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("conversation_id"),
    )
    op.create_index("ix_queue_order", "queue", ["priority", "queued_at"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_refresh_tokens_expires", "refresh_tokens", ["expires_at"], unique=False)
    op.create_index("ix_refresh_tokens_family", "refresh_tokens", ["family"], unique=False)
    op.create_table(
        "schedules",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "search_terms",
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("message_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("term", "message_seq", name="pk_search_terms"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_sessions_expires", "sessions", ["expires_at"], unique=False)
    op.create_index("ix_sessions_user", "sessions", ["user_id"], unique=False)
    op.create_table(
        "thread_keys",
        sa.Column("thread_key", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("thread_key", "conversation_id", name="pk_thread_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_thread_keys_conversation", "thread_keys", ["conversation_id"], unique=False)
    op.create_table(
        "typed_drafts",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("agent_id", "conversation_id", "kind", name="pk_typed_drafts"),
    )
    op.create_index("ix_typed_drafts_conversation", "typed_drafts", ["conversation_id"], unique=False)
    op.create_table(
        "users",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("disabled", sa.Integer(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_index("ux_users_email", "users", ["email_key"], unique=True)
    op.create_table(
        "webhooks",
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("enabled", sa.Integer(), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("endpoint_id"),
    )
    op.create_table(
        "address_owners",
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.customer_id"],
        ),
        sa.PrimaryKeyConstraint("address_key"),
    )
    op.create_index("ix_address_owners_customer", "address_owners", ["customer_id"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.Column("assigned_agent_id", sa.Text(), nullable=True),
        sa.Column("urgency_score", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Float(precision=53), nullable=False),
        sa.Column("escalated", sa.Integer(), nullable=False),
        sa.Column("automation_attempts", sa.Integer(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_activity_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("sentiment_score", sa.Float(precision=53), nullable=True),
        sa.Column("last_channel", sa.Text(), nullable=True),
        sa.Column("needs_reply_since", sa.BigInteger(), nullable=True),
        sa.Column("queued_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.Column("previous_conversation_id", sa.Text(), nullable=True),
        sa.Column("last_decision_id", sa.Text(), nullable=True),
        sa.Column("required_skills", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.customer_id"],
        ),
        sa.PrimaryKeyConstraint("conversation_id"),
    )
    op.create_index("ix_conversations_activity", "conversations", ["last_activity_at", "conversation_id"], unique=False)
    op.create_index(
        "ix_conversations_agent",
        "conversations",
        ["assigned_agent_id", "priority", "conversation_id"],
        unique=False,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open = 1"),
    )
    op.create_index("ix_conversations_customer", "conversations", ["customer_id", "created_at"], unique=False)
    op.create_index(
        "ix_conversations_handler",
        "conversations",
        ["handler", "priority", "conversation_id"],
        unique=False,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open = 1"),
    )
    op.create_index(
        "ix_conversations_live",
        "conversations",
        ["last_activity_at", "conversation_id"],
        unique=False,
        sqlite_where=sa.text("status <> 'archived'"),
        postgresql_where=sa.text("status <> 'archived'"),
    )
    op.create_index(
        "ix_conversations_open",
        "conversations",
        ["priority", "conversation_id"],
        unique=False,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open = 1"),
    )
    op.create_index(
        "ix_conversations_status", "conversations", ["status", "last_activity_at", "conversation_id"], unique=False
    )
    op.create_index(
        "ux_conversations_one_open",
        "conversations",
        ["customer_id"],
        unique=True,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open = 1"),
    )
    op.create_table(
        "identities",
        sa.Column("identity_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("verified", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.customer_id"],
        ),
        sa.PrimaryKeyConstraint("identity_id"),
    )
    op.create_index("ix_identities_customer", "identities", ["customer_id"], unique=False)
    op.create_index("ux_identities_address", "identities", ["address_key", "channel"], unique=True)
    op.create_table(
        "issues",
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.customer_id"],
        ),
        sa.PrimaryKeyConstraint("issue_id"),
    )
    op.create_index("ix_issues_conversation", "issues", ["conversation_id"], unique=False)
    op.create_index("ix_issues_customer", "issues", ["customer_id", "created_at"], unique=False)
    op.create_table(
        "passages",
        sa.Column("passage_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start_at", sa.Integer(), nullable=False),
        sa.Column("end_at", sa.Integer(), nullable=False),
        sa.Column("embedding", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.document_id"],
        ),
        sa.PrimaryKeyConstraint("passage_id"),
    )
    op.create_index("ix_passages_document", "passages", ["document_id", "position"], unique=False)
    op.create_table(
        "purchases",
        sa.Column("purchase_key", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("purchased_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.customer_id"],
        ),
        sa.PrimaryKeyConstraint("purchase_key"),
    )
    op.create_index("ix_purchases_customer", "purchases", ["customer_id", "purchased_at"], unique=False)
    op.create_table(
        "messages",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("processing", sa.Text(), nullable=True),
        sa.Column("delivery", sa.Text(), nullable=True),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.Column("verified", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.Column("automatic", sa.Integer(), nullable=False),
        sa.Column("sending_token", sa.Text(), nullable=True),
        sa.Column("intent", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("sentiment", sa.Float(precision=53), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("urgency_score", sa.Integer(), nullable=True),
        sa.Column("priority", sa.Float(precision=53), nullable=True),
        sa.Column("anonymised_text", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_reading", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_embedding", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_history", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_error", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_customer", "messages", ["customer_id", "at", "seq"], unique=False)
    op.create_index("ux_messages_id", "messages", ["message_id"], unique=True)
    op.create_index("ux_messages_sequence", "messages", ["conversation_id", "sequence"], unique=True)
