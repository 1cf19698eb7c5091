"""Notices, the pace of their receivers, and events nobody was told of yet."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0009_notices"
down_revision: str | None = "0008_counting"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "notice_lanes",
        sa.Column("lane", api.db.base.PlainText(), nullable=False),
        sa.Column("taken", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_notice_lanes")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", api.db.base.PlainText(), nullable=False),
        sa.Column("event", api.db.base.PlainText(), nullable=False),
        sa.Column("audience", api.db.base.PlainText(), nullable=False),
        sa.Column("medium", api.db.base.PlainText(), nullable=False),
        sa.Column("lane", api.db.base.PlainText(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("conversation_id", sa.Integer(), nullable=True),
        sa.Column("phone", api.db.base.EncryptedText(), nullable=True),
        sa.Column("text", api.db.base.PlainText(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=True),
        sa.Column("ways", sa.JSON(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("status", api.db.base.PlainText(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", api.db.base.PlainText(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_notices_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_notices_member_id_members")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_notices_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_notices_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
    )
    op.create_index("ix_notices_conversation", "notices", ["conversation_id", "sent_at"], unique=False)
    op.create_index("ix_notices_due", "notices", ["status", "due_at"], unique=False)
    op.create_index("ix_notices_lane", "notices", ["lane", "status", "due_at"], unique=False)
    op.create_index("ix_notices_member", "notices", ["member_id", "id"], unique=False)
    op.create_index("ix_notices_organisation", "notices", ["organisation_id", "id"], unique=False)
    op.create_index("ix_notices_ticket", "notices", ["ticket_id"], unique=False)

    op.create_table(
        "notice_reads",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_notice_reads_member_id_members")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_reads_notice_id_notices")),
        sa.PrimaryKeyConstraint("notice_id", "member_id", name=op.f("pk_notice_reads")),
    )
    op.create_table(
        "untold_events",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["ticket_events.id"], name=op.f("fk_untold_events_event_id_ticket_events")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_untold_events")),
    )


def downgrade() -> None:
    op.drop_table("untold_events")
    op.drop_table("notice_reads")

    op.drop_table("notices")
    op.drop_table("notice_lanes")
