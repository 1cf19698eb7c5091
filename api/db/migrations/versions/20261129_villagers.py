"""Tickets opened by their check code, ratings, and lines of the desk that wait for an answer."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0015_villagers"
down_revision: str | None = "0014_counting_indexes"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ticket_claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("no", api.db.base.PlainText(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("channel", api.db.base.PlainText(), nullable=False),
        sa.Column("sender", api.db.base.PlainText(), nullable=False),
        sa.Column("side", api.db.base.PlainText(), nullable=False),
        sa.Column("at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_claims_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_claims")),
    )
    op.create_index("ix_ticket_claims_conversation", "ticket_claims", ["channel", "sender", "ticket_id"])
    op.create_index("ix_ticket_claims_number", "ticket_claims", ["no", "at"])
    op.create_table(
        "ticket_ratings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("channel", api.db.base.PlainText(), nullable=False),
        sa.Column("sender", api.db.base.PlainText(), nullable=False),
        sa.Column("score", api.db.base.PlainText(), nullable=False),
        sa.Column("comment", api.db.base.EncryptedText(), nullable=False),
        sa.Column("at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_ratings_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_ratings")),
        sa.UniqueConstraint("ticket_id", "channel", "sender", name=op.f("uq_ticket_ratings_ticket_id")),
    )
    with op.batch_alter_table("conversations") as batch_op:
        batch_op.add_column(sa.Column("desk_ticket", api.db.base.PlainText(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("conversations") as batch_op:
        batch_op.drop_column("desk_ticket")
    op.drop_table("ticket_ratings")
    op.drop_table("ticket_claims")
