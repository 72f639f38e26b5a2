"""Big bodies lie beside the database, each file with a key of its own, which stands sealed in its row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("blobs", sa.Column("sealed_key", sa.LargeBinary(), nullable=True))
    op.add_column("payloads", sa.Column("body_blob_id", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("payloads", "body_blob_id")
    op.drop_column("blobs", "sealed_key")
