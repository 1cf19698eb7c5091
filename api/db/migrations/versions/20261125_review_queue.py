"""Sentences waiting for a reviewer."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "review_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", api.db.base.PlainText(), nullable=False),
        sa.Column("text", api.db.base.EncryptedText(), nullable=False),
        sa.Column("reason", api.db.base.PlainText(), nullable=False),
        sa.Column("category", api.db.base.PlainText(), nullable=True),
        sa.Column("subcategory", api.db.base.PlainText(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("alternatives", sa.JSON(), nullable=False),
        sa.Column("status", api.db.base.PlainText(), nullable=False),
        sa.Column("label", api.db.base.PlainText(), nullable=True),
        sa.Column("reviewer", api.db.base.PlainText(), nullable=True),
        sa.Column("created_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_items")),
        sa.UniqueConstraint("digest", name=op.f("uq_review_items_digest")),
    )
    op.create_index("ix_review_items_open", "review_items", ["status", "id"])


def downgrade() -> None:
    op.drop_table("review_items")
