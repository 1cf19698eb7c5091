"""Hand-over, hotline and channels: who holds a conversation, calls, call-backs, marks, repeatable deliveries."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0006_channels"
down_revision: str | None = "0005_evidence"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("external_id", api.db.base.PlainText(), nullable=False),
        sa.Column("sender", api.db.base.PlainText(), nullable=False),
        sa.Column("phone", api.db.base.EncryptedText(), nullable=True),
        sa.Column("status", api.db.base.PlainText(), nullable=False),
        sa.Column("operator", api.db.base.PlainText(), nullable=True),
        sa.Column("operator_name", api.db.base.PlainText(), nullable=True),
        sa.Column("rang_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("outcome", api.db.base.PlainText(), nullable=True),
        sa.Column("summary", api.db.base.EncryptedText(), nullable=True),
        sa.Column("changed_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("external_id", name=op.f("uq_calls_external_id")),
    )
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calls_changed_at"), ["changed_at"], unique=False)
        batch_op.create_index("ix_calls_rang_at", ["rang_at"], unique=False)
        batch_op.create_index("ix_calls_sender", ["sender", "id"], unique=False)
        batch_op.create_index("ix_calls_status", ["status", "id"], unique=False)

    op.create_table(
        "callbacks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("phone", api.db.base.EncryptedText(), nullable=False),
        sa.Column("wish", api.db.base.EncryptedText(), nullable=False),
        sa.Column("status", api.db.base.PlainText(), nullable=False),
        sa.Column("operator", api.db.base.PlainText(), nullable=True),
        sa.Column("operator_name", api.db.base.PlainText(), nullable=True),
        sa.Column("due_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("note", api.db.base.EncryptedText(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_callbacks_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    with op.batch_alter_table("callbacks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_callbacks_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index("ix_callbacks_status", ["status", "due_at"], unique=False)

    op.create_table(
        "operator_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("kind", api.db.base.PlainText(), nullable=False),
        sa.Column("note", api.db.base.EncryptedText(), nullable=True),
        sa.Column("actor", api.db.base.PlainText(), nullable=False),
        sa.Column("at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_operator_marks_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_marks")),
    )
    with op.batch_alter_table("operator_marks", schema=None) as batch_op:
        batch_op.create_index("ix_operator_marks_actor", ["actor", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_operator_marks_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index("ix_operator_marks_kind", ["kind", "at"], unique=False)

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
        batch_op.add_column(sa.Column("place_hint", api.db.base.PlainText(), nullable=True))
        batch_op.add_column(sa.Column("operator", api.db.base.PlainText(), nullable=True))
        batch_op.add_column(sa.Column("operator_name", api.db.base.PlainText(), nullable=True))

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parts_sent", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("taken_by", api.db.base.PlainText(), nullable=True))

    with op.batch_alter_table("ticket_parties", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phone_hash", api.db.base.PlainText(), nullable=True))
        batch_op.create_index(batch_op.f("ix_ticket_parties_phone_hash"), ["phone_hash"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("ticket_parties", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_parties_phone_hash"))
        batch_op.drop_column("phone_hash")

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_column("taken_by")
        batch_op.drop_column("parts_sent")

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("operator_name")
        batch_op.drop_column("operator")
        batch_op.drop_column("place_hint")
        batch_op.drop_column("known")

    with op.batch_alter_table("operator_marks", schema=None) as batch_op:
        batch_op.drop_index("ix_operator_marks_kind")
        batch_op.drop_index(batch_op.f("ix_operator_marks_conversation_id"))
        batch_op.drop_index("ix_operator_marks_actor")

    op.drop_table("operator_marks")
    with op.batch_alter_table("callbacks", schema=None) as batch_op:
        batch_op.drop_index("ix_callbacks_status")
        batch_op.drop_index(batch_op.f("ix_callbacks_conversation_id"))

    op.drop_table("callbacks")
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.drop_index("ix_calls_status")
        batch_op.drop_index("ix_calls_sender")
        batch_op.drop_index("ix_calls_rang_at")
        batch_op.drop_index(batch_op.f("ix_calls_changed_at"))

    op.drop_table("calls")
