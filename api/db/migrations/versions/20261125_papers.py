"""Drafts of papers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "papers",
        sa.Column("id", api.db.base.PlainText(), nullable=False),
        sa.Column("code", api.db.base.PlainText(), nullable=False),
        sa.Column("facts", api.db.base.EncryptedText(), nullable=False),
        sa.Column("ticket_no", api.db.base.PlainText(), nullable=True),
        sa.Column("made_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
    )
    with op.batch_alter_table("papers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_papers_expires_at"), ["expires_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("papers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_papers_expires_at"))
    op.drop_table("papers")
