"""Which message each stored file belongs to, so that what nobody needs any more is really deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column("blob_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("doomed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("blob_id"),
    )
    op.create_index("ix_blobs_fingerprint", "blobs", ["fingerprint"], unique=False)
    op.create_index("ix_blobs_conversation", "blobs", ["conversation_id"], unique=False)
    op.create_index("ix_blobs_customer", "blobs", ["customer_id"], unique=False)
    op.create_index("ix_blobs_doomed", "blobs", ["doomed"], unique=False)


def downgrade() -> None:
    for name in ("doomed", "customer", "conversation", "fingerprint"):
        op.drop_index(f"ix_blobs_{name}", table_name="blobs")
    op.drop_table("blobs")
