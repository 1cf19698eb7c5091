"""Photos of WeChat, until they have been fetched."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0016_sent_photos"
down_revision: str | None = "0015_villagers"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "sent_photos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("ticket_no", api.db.base.PlainText(), nullable=False),
        sa.Column("media_id", api.db.base.EncryptedText(), nullable=False),
        sa.Column("url", api.db.base.EncryptedText(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_sent_photos_message_id_messages")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_sent_photos_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_photos")),
        sa.UniqueConstraint("message_id", name=op.f("uq_sent_photos_message_id")),
    )
    op.create_index(op.f("ix_sent_photos_conversation_id"), "sent_photos", ["conversation_id"])
    op.create_index(op.f("ix_sent_photos_due_at"), "sent_photos", ["due_at"])


def downgrade() -> None:
    op.drop_table("sent_photos")
