"""When each channel last carried a message, without reading them all."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_messages_channel", "messages", ["channel", "direction", "seq"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_messages_channel", table_name="messages")
