"""Records on tickets with all their versions, refused looks, and representatives among the parties."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0010_records"
down_revision: str | None = "0009_oversight"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "access_refusals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_no", api.db.base.PlainText(), nullable=False),
        sa.Column("actor", api.db.base.PlainText(), nullable=False),
        sa.Column("actor_name", api.db.base.PlainText(), nullable=False),
        sa.Column("organisation", api.db.base.PlainText(), nullable=False),
        sa.Column("at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_refusals")),
    )
    with op.batch_alter_table("access_refusals", schema=None) as batch_op:
        batch_op.create_index("ix_access_refusals_ticket", ["ticket_no", "at"], unique=False)

    op.create_table(
        "ticket_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", api.db.base.PlainText(), nullable=False),
        sa.Column("state", api.db.base.PlainText(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("author", api.db.base.PlainText(), nullable=False),
        sa.Column("author_name", api.db.base.PlainText(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("due_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("code", api.db.base.PlainText(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("content", api.db.base.EncryptedText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_ticket_records_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["ticket_records.id"], name=op.f("fk_ticket_records_parent_id_ticket_records")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_records_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_records")),
        sa.UniqueConstraint("ticket_id", "no", name=op.f("uq_ticket_records_ticket_id")),
    )
    with op.batch_alter_table("ticket_records", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_records_day", ["kind", "day"], unique=False)
        batch_op.create_index("ix_ticket_records_due", ["kind", "state", "due_at"], unique=False)
        batch_op.create_index("ix_ticket_records_organisation", ["organisation_id", "kind", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_records_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "ticket_record_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("step", api.db.base.PlainText(), nullable=False),
        sa.Column("state", api.db.base.PlainText(), nullable=False),
        sa.Column("content", api.db.base.EncryptedText(), nullable=False),
        sa.Column("salt", api.db.base.PlainText(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", api.db.base.PlainText(), nullable=False),
        sa.Column("actor_name", api.db.base.PlainText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["ticket_records.id"], name=op.f("fk_ticket_record_versions_record_id_ticket_records")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_record_versions")),
        sa.UniqueConstraint("record_id", "revision", name=op.f("uq_ticket_record_versions_record_id")),
    )
    with op.batch_alter_table("ticket_parties", schema=None) as batch_op:
        batch_op.add_column(sa.Column("represents", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("authority", api.db.base.PlainText(), nullable=False, server_default=""))
        batch_op.create_foreign_key(
            batch_op.f("fk_ticket_parties_represents_ticket_parties"), "ticket_parties", ["represents"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("ticket_parties", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_ticket_parties_represents_ticket_parties"), type_="foreignkey")
        batch_op.drop_column("authority")
        batch_op.drop_column("represents")

    op.drop_table("ticket_record_versions")
    with op.batch_alter_table("ticket_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_records_parent_id"))
        batch_op.drop_index("ix_ticket_records_organisation")
        batch_op.drop_index("ix_ticket_records_due")
        batch_op.drop_index("ix_ticket_records_day")

    op.drop_table("ticket_records")
    with op.batch_alter_table("access_refusals", schema=None) as batch_op:
        batch_op.drop_index("ix_access_refusals_ticket")

    op.drop_table("access_refusals")
