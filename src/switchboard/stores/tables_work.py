"""Tables of waiting work, events, agents, decisions, drafts and advice."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
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

jobs = Table(
    "jobs",
    metadata,
    sequence_column(),
    text_column("kind"),
    text_column("lane"),
    float_column("priority"),
    float_column("rank"),
    time_column("due_at"),
    time_column("created_at"),
    time_column("lease_until", null=True),
    number_column("attempts"),
    number_column("failures"),
    maybe_text("conversation_id"),
    maybe_text("message_id"),
    text_column("payload"),
    text_column("errors"),
    Index("ix_jobs_lane", "kind", "lane", "seq"),
    Index("ix_jobs_rank", "kind", "rank", "seq"),
    sqlite_autoincrement=True,
)

dead_letters = Table(
    "dead_letters",
    metadata,
    sequence_column(),
    text_column("dead_letter_id"),
    text_column("kind"),
    text_column("lane"),
    float_column("priority"),
    time_column("created_at"),
    text_column("reason"),
    text_column("attempts"),
    maybe_text("conversation_id"),
    maybe_text("message_id"),
    text_column("payload"),
    text_column("state"),
    Index("ux_dead_letters_id", "dead_letter_id", unique=True),
    Index("ix_dead_letters_state", "state"),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    sequence_column(),
    text_column("type"),
    time_column("at"),
    maybe_text("conversation_id"),
    maybe_text("customer_id"),
    maybe_text("message_id"),
    text_column("metrics"),
    text_column("dimensions"),
    Index("ix_events_at", "at", "seq"),
    Index("ix_events_conversation", "conversation_id", "seq"),
    Index("ix_events_type", "type", "seq"),
    sqlite_autoincrement=True,
)

agents = Table(
    "agents",
    metadata,
    name_column("agent_id"),
    text_column("status"),
    number_column("workload"),
    number_column("max_workload"),
    float_column("performance_score"),
    text_column("skills"),
    text_column("languages"),
    text_column("success"),
    text_column("hours"),
    maybe_text("user_id"),
    time_column("status_since", null=True),
    number_column("version"),
    sealed_column(),
    CheckConstraint("workload >= 0 AND workload <= 5", name="ck_agents_workload"),
)

queue = Table(
    "queue",
    metadata,
    name_column("conversation_id"),
    text_column("customer_id"),
    float_column("priority"),
    number_column("urgency_score"),
    time_column("queued_at"),
    text_column("required_skills"),
    text_column("language"),
    maybe_text("topic"),
    Index("ix_queue_order", "priority", "queued_at"),
)

calls = Table(
    "calls",
    metadata,
    name_column("call_key"),
    maybe_text("conversation_id"),
    maybe_text("customer_id"),
    time_column("started_at"),
    time_column("updated_at"),
    number_column("live"),
    number_column("version"),
    sealed_column(),
    Index("ix_calls_conversation", "conversation_id", "started_at"),
    Index("ix_calls_customer", "customer_id"),
    Index("ix_calls_live", "live", "updated_at"),
)

decisions = Table(
    "decisions",
    metadata,
    sequence_column(),
    text_column("decision_id"),
    text_column("conversation_id"),
    text_column("customer_id"),
    maybe_text("message_id"),
    time_column("at"),
    text_column("decision"),
    sealed_column(),
    Index("ux_decisions_id", "decision_id", unique=True),
    Index("ix_decisions_conversation", "conversation_id", "seq"),
    Index("ix_decisions_message", "message_id"),
    sqlite_autoincrement=True,
)

drafts = Table(
    "drafts",
    metadata,
    sequence_column(),
    text_column("draft_id"),
    text_column("conversation_id"),
    text_column("customer_id"),
    maybe_text("message_id"),
    text_column("origin"),
    time_column("at"),
    maybe_text("sent_as"),
    sealed_column(),
    Index("ux_drafts_id", "draft_id", unique=True),
    Index("ix_drafts_conversation", "conversation_id", "seq"),
    Index("ix_drafts_sent_as", "sent_as"),
    sqlite_autoincrement=True,
)

typed_drafts = Table(
    "typed_drafts",
    metadata,
    text_column("agent_id"),
    text_column("conversation_id"),
    text_column("kind"),
    time_column("saved_at"),
    sealed_column(),
    PrimaryKeyConstraint("agent_id", "conversation_id", "kind", name="pk_typed_drafts"),
    Index("ix_typed_drafts_conversation", "conversation_id"),
)

uploads = Table(
    "uploads",
    metadata,
    name_column("upload_id"),
    text_column("conversation_id"),
    text_column("customer_id"),
    time_column("at"),
    sealed_column(),
    Index("ix_uploads_at", "at"),
)

machine_mails = Table(
    "machine_mails",
    metadata,
    text_column("address_key"),
    text_column("mail_key"),
    maybe_text("conversation_id"),
    time_column("at"),
    PrimaryKeyConstraint("address_key", "mail_key", name="pk_machine_mails"),
    Index("ix_machine_mails_at", "at"),
    Index("ix_machine_mails_conversation", "conversation_id"),
)

offers = Table(
    "offers",
    metadata,
    name_column("action_id"),
    text_column("conversation_id"),
    text_column("customer_id"),
    number_column("position"),
    number_column("current"),
    time_column("at"),
    sealed_column(),
    Index("ix_offers_conversation", "conversation_id", "current"),
)

outcomes = Table(
    "outcomes",
    metadata,
    sequence_column(),
    text_column("action_id"),
    text_column("type"),
    number_column("success"),
    time_column("recorded_at"),
    number_column("customer_satisfaction", null=True),
    float_column("resolution_time", null=True),
    text_column("intent"),
    text_column("topic"),
    float_column("sentiment_score"),
    text_column("conversation_id"),
    time_column("case_at"),
    sealed_column("sealed_notes"),
    sealed_column("sealed_embedding"),
    Index("ux_outcomes_action", "action_id", unique=True),
    Index("ix_outcomes_conversation", "conversation_id"),
    sqlite_autoincrement=True,
)
