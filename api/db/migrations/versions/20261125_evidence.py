"""Evidence files of tickets."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0005_evidence"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ticket_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("digest", api.db.base.PlainText(), nullable=False),
        sa.Column("name", api.db.base.EncryptedText(), nullable=False),
        sa.Column("media_type", api.db.base.PlainText(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", api.db.base.PlainText(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_evidence_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_evidence")),
        sa.UniqueConstraint("ticket_id", "digest", name=op.f("uq_ticket_evidence_ticket_id")),
    )


def downgrade() -> None:
    op.drop_table("ticket_evidence")
