"""Tables of customers and of the keys that lock their data."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from switchboard.stores.columns import (
    maybe_text,
    metadata,
    name_column,
    number_column,
    sealed_column,
    text_column,
    time_column,
)

data_keys = Table(
    "data_keys",
    metadata,
    name_column("key_id"),
    text_column("owner"),
    sealed_column("wrapped"),
    text_column("master_id"),
    time_column("created_at"),
    time_column("destroyed_at", null=True),
    Index("ix_data_keys_owner", "owner"),
)

counters = Table("counters", metadata, name_column("name"), Column("value", BigInteger, nullable=False))

schedules = Table("schedules", metadata, name_column("name"), time_column("last_at"))

customers = Table(
    "customers",
    metadata,
    name_column("customer_id"),
    time_column("created_at"),
    text_column("customer_value"),
    maybe_text("language"),
    maybe_text("preferred_channel"),
    maybe_text("last_agent_id"),
    maybe_text("merged_into"),
    time_column("erased_at", null=True),
    sealed_column(),
    Index("ix_customers_newest", "created_at", "customer_id"),
    Index("ix_customers_merged_into", "merged_into"),
)

address_owners = Table(
    "address_owners",
    metadata,
    name_column("address_key"),
    Column("customer_id", Text, ForeignKey("customers.customer_id"), nullable=False),
    Index("ix_address_owners_customer", "customer_id"),
)

identities = Table(
    "identities",
    metadata,
    name_column("identity_id"),
    Column("customer_id", Text, ForeignKey("customers.customer_id"), nullable=False),
    text_column("channel"),
    text_column("address_key"),
    number_column("verified"),
    text_column("evidence"),
    time_column("since", null=True),
    sealed_column(),
    Index("ux_identities_address", "address_key", "channel", unique=True),
    Index("ix_identities_customer", "customer_id"),
)

purchases = Table(
    "purchases",
    metadata,
    name_column("purchase_key"),
    Column("customer_id", Text, ForeignKey("customers.customer_id"), nullable=False),
    time_column("purchased_at"),
    sealed_column(),
    Index("ix_purchases_customer", "customer_id", "purchased_at"),
)

issues = Table(
    "issues",
    metadata,
    name_column("issue_id"),
    Column("customer_id", Text, ForeignKey("customers.customer_id"), nullable=False),
    text_column("conversation_id"),
    text_column("intent"),
    text_column("topic"),
    time_column("created_at"),
    time_column("resolved_at", null=True),
    sealed_column(),
    Index("ix_issues_customer", "customer_id", "created_at"),
    Index("ix_issues_conversation", "conversation_id"),
)

customer_terms = Table(
    "customer_terms",
    metadata,
    Column("term", BigInteger, nullable=False),
    text_column("customer_id"),
    text_column("source"),
    PrimaryKeyConstraint("term", "customer_id", "source", name="pk_customer_terms"),
    Index("ix_customer_terms_customer", "customer_id"),
    sqlite_with_rowid=False,
)

merges = Table(
    "merges",
    metadata,
    name_column("merge_id"),
    text_column("kept"),
    text_column("merged"),
    time_column("at"),
    time_column("undone_at", null=True),
    text_column("document"),
    sealed_column(),
    Index("ix_merges_kept", "kept"),
    Index("ix_merges_merged", "merged"),
)
