"""Whose chat is to be erased as soon as the answer that says so is out."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0017_erase_wanted"
down_revision: str | None = "0016_sent_photos"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WANTED = sa.text("erase_wanted IS NOT NULL")


def upgrade() -> None:
    op.add_column("conversations", sa.Column("erase_wanted", api.db.base.UtcDateTime(timezone=True), nullable=True))
    op.create_index(
        op.f("ix_conversations_erase_wanted"),
        "conversations",
        ["erase_wanted"],
        postgresql_where=WANTED,
        sqlite_where=WANTED,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_conversations_erase_wanted"), table_name="conversations")
    op.drop_column("conversations", "erase_wanted")
