"""Time limits of tickets."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0012_clocks"
down_revision: str | None = "0011_flow"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ticket_clocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("key", api.db.base.PlainText(), nullable=False),
        sa.Column("ref", sa.Integer(), nullable=False),
        sa.Column("unit", api.db.base.PlainText(), nullable=False),
        sa.Column("because", api.db.base.PlainText(), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("started_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("yellow_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("paused_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("how", api.db.base.PlainText(), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("next_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_clocks_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_clocks")),
    )
    op.create_index(
        "ix_ticket_clocks_due",
        "ticket_clocks",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_ticket_clocks_key", "ticket_clocks", ["key", "started_at"], unique=False)
    op.create_index(
        "ix_ticket_clocks_next",
        "ticket_clocks",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
        sqlite_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index("ix_ticket_clocks_ticket", "ticket_clocks", ["ticket_id"], unique=False)


def downgrade() -> None:
    op.drop_table("ticket_clocks")
