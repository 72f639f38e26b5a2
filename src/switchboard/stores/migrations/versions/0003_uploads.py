"""Files that agents handed in and have not sent yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("upload_id"),
    )
    op.create_index("ix_uploads_at", "uploads", ["at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_uploads_at", table_name="uploads")
    op.drop_table("uploads")
