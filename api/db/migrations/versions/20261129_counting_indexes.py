"""Finding the tickets behind a number by the day on which it happened."""

from collections.abc import Sequence

from alembic import op

revision: str = "0014_counting_indexes"
down_revision: str | None = "0013_erasures"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = {"registered": ["opened_at"], "accepted": ["accepted_at"], "decided": ["outcome", "decided_at"]}


def upgrade() -> None:
    for name, columns in COLUMNS.items():
        op.create_index(f"ix_counted_tickets_{name}", "counted_tickets", columns)


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_index(f"ix_counted_tickets_{name}", table_name="counted_tickets")
