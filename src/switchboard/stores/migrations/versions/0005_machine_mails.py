"""Automatic mails of the last day, so that loops end over restarts and with several workers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "machine_mails",
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("mail_key", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address_key", "mail_key", name="pk_machine_mails"),
    )
    op.create_index("ix_machine_mails_at", "machine_mails", ["at"], unique=False)
    op.create_index("ix_machine_mails_conversation", "machine_mails", ["conversation_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_machine_mails_conversation", table_name="machine_mails")
    op.drop_index("ix_machine_mails_at", table_name="machine_mails")
    op.drop_table("machine_mails")
