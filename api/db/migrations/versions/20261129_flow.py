"""Finding the moves of a period for the flow table."""

from collections.abc import Sequence

from alembic import op

revision: str = "0011_flow"
down_revision: str | None = "0010_records"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_ticket_events_move", "ticket_events", ["move", "at"])


def downgrade() -> None:
    op.drop_index("ix_ticket_events_move", table_name="ticket_events")
