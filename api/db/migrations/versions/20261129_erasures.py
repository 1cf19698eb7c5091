"""Proof of erased chats."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0013_erasures"
down_revision: str | None = "0012_clocks"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", api.db.base.PlainText(), nullable=False),
        sa.Column("channel", api.db.base.PlainText(), nullable=False),
        sa.Column("subject", api.db.base.PlainText(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("oldest", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("newest", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cutoff", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", api.db.base.PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_at"), "erasures", ["at"], unique=False)
    op.create_index(op.f("ix_erasures_subject"), "erasures", ["subject"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_erasures_subject"), table_name="erasures")
    op.drop_index(op.f("ix_erasures_at"), table_name="erasures")
    op.drop_table("erasures")
