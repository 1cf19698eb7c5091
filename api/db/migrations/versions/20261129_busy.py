"""Who is busy changes with every case: it gets a version of its own, so that nobody reads a whole organisation for it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019_busy"
down_revision: str | None = "0018_respondents"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("directory_state") as batch_op:
        batch_op.add_column(sa.Column("changed", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("members") as batch_op:
        batch_op.add_column(sa.Column("busy_version", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index("ix_members_busy_version", ["busy_version"])
    op.execute("update directory_state set changed = version")


def downgrade() -> None:
    with op.batch_alter_table("members") as batch_op:
        batch_op.drop_index("ix_members_busy_version")
        batch_op.drop_column("busy_version")
    with op.batch_alter_table("directory_state") as batch_op:
        batch_op.drop_column("changed")
