"""What reports count, and figures from the courts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0008_counting"
down_revision: str | None = "0007_work"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "court_figures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("period", api.db.base.PlainText(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("criminal", sa.Integer(), nullable=True),
        sa.Column("source", api.db.base.PlainText(), nullable=False),
        sa.Column("imported_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name=op.f("fk_court_figures_place_id_places")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court_figures")),
        sa.UniqueConstraint("place_id", "period", name=op.f("uq_court_figures_place_id")),
    )
    op.create_table(
        "counted_tickets",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("category", api.db.base.PlainText(), nullable=False),
        sa.Column("subcategory", api.db.base.PlainText(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("kind", api.db.base.PlainText(), nullable=False),
        sa.Column("origin", api.db.base.PlainText(), nullable=False),
        sa.Column("town", api.db.base.PlainText(), nullable=False),
        sa.Column("village", api.db.base.PlainText(), nullable=False),
        sa.Column("tier", api.db.base.PlainText(), nullable=False),
        sa.Column("tier_rank", sa.Integer(), nullable=False),
        sa.Column("protective", sa.Boolean(), nullable=False),
        sa.Column("complexity", api.db.base.PlainText(), nullable=False),
        sa.Column("warning_level", api.db.base.PlainText(), nullable=False),
        sa.Column("respondent_org", api.db.base.PlainText(), nullable=False),
        sa.Column("single", sa.Boolean(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("outcome", api.db.base.PlainText(), nullable=False),
        sa.Column("decided_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("referred_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("days_to_court", sa.Integer(), nullable=True),
        sa.Column("reopened_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("rights_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("form", api.db.base.PlainText(), nullable=False),
        sa.Column("performed_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("prevented", api.db.base.PlainText(), nullable=False),
        sa.Column("prevented_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("visited_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["tickets.id"], name=op.f("fk_counted_tickets_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counted_tickets")),
    )
    op.create_index("ix_counted_tickets_last", "counted_tickets", ["last_at", "opened_at"], unique=False)
    op.create_index("ix_counted_tickets_open", "counted_tickets", ["ended_at", "opened_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_counted_tickets_open", table_name="counted_tickets")
    op.drop_index("ix_counted_tickets_last", table_name="counted_tickets")
    op.drop_table("counted_tickets")
    op.drop_table("court_figures")
