"""Telephone calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("call_key", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("call_key"),
    )
    op.create_index("ix_calls_conversation", "calls", ["conversation_id", "started_at"], unique=False)
    op.create_index("ix_calls_customer", "calls", ["customer_id"], unique=False)
    op.create_index("ix_calls_live", "calls", ["live", "updated_at"], unique=False)


def downgrade() -> None:
    op.drop_table("calls")
