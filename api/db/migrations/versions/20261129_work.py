"""Work beside tickets: records of all kinds and their history."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0007_work"
down_revision: str | None = "0006_channels"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "work_counters",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_work_counters")),
    )
    op.create_table(
        "work_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("no", api.db.base.PlainText(), nullable=False),
        sa.Column("kind", api.db.base.PlainText(), nullable=False),
        sa.Column("scope", api.db.base.PlainText(), nullable=False),
        sa.Column("key", api.db.base.PlainText(), nullable=True),
        sa.Column("fingerprint", api.db.base.PlainText(), nullable=False),
        sa.Column("status", api.db.base.PlainText(), nullable=False),
        sa.Column("county", api.db.base.PlainText(), nullable=False),
        sa.Column("town", api.db.base.PlainText(), nullable=False),
        sa.Column("village", api.db.base.PlainText(), nullable=False),
        sa.Column("group_name", api.db.base.PlainText(), nullable=False),
        sa.Column("tier", api.db.base.PlainText(), nullable=False),
        sa.Column("tier_rank", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("words", api.db.base.EncryptedText(), nullable=False),
        sa.Column("tickets", sa.JSON(), nullable=False),
        sa.Column("made_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("head", api.db.base.PlainText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_work_records_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["organisations.id"], name=op.f("fk_work_records_owner_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["work_records.id"], name=op.f("fk_work_records_parent_id_work_records")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_records")),
        sa.UniqueConstraint("no", name=op.f("uq_work_records_no")),
        sa.UniqueConstraint("scope", "key", name=op.f("uq_work_records_scope")),
    )
    op.create_index(op.f("ix_work_records_day"), "work_records", ["day"], unique=False)
    op.create_index("ix_work_records_due", "work_records", ["due_on", "kind"], unique=False)
    op.create_index("ix_work_records_kind", "work_records", ["kind", "id"], unique=False)
    op.create_index("ix_work_records_organisation", "work_records", ["organisation_id", "kind"], unique=False)
    op.create_index(op.f("ix_work_records_owner_id"), "work_records", ["owner_id"], unique=False)
    op.create_index(op.f("ix_work_records_parent_id"), "work_records", ["parent_id"], unique=False)
    op.create_index("ix_work_records_place", "work_records", ["town", "village", "kind"], unique=False)
    op.create_table(
        "work_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("move", api.db.base.PlainText(), nullable=False),
        sa.Column("at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", api.db.base.PlainText(), nullable=False),
        sa.Column("actor_name", api.db.base.PlainText(), nullable=False),
        sa.Column("note", api.db.base.EncryptedText(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["work_records.id"], name=op.f("fk_work_events_record_id_work_records")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_events")),
        sa.UniqueConstraint("record_id", "seq", name=op.f("uq_work_events_record_id")),
    )


def downgrade() -> None:
    op.drop_table("work_events")
    op.drop_index("ix_work_records_place", table_name="work_records")
    op.drop_index(op.f("ix_work_records_parent_id"), table_name="work_records")
    op.drop_index(op.f("ix_work_records_owner_id"), table_name="work_records")
    op.drop_index("ix_work_records_organisation", table_name="work_records")
    op.drop_index("ix_work_records_kind", table_name="work_records")
    op.drop_index("ix_work_records_due", table_name="work_records")
    op.drop_index(op.f("ix_work_records_day"), table_name="work_records")
    op.drop_table("work_records")
    op.drop_table("work_counters")
