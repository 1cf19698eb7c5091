"""Paid files and their guards, case reviews, attendance and quizzes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import api.db.base

revision: str = "0009_oversight"
down_revision: str | None = "0009_notices"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "subsidy_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("county", api.db.base.PlainText(), nullable=False),
        sa.Column("town", api.db.base.PlainText(), nullable=False),
        sa.Column("period", api.db.base.PlainText(), nullable=False),
        sa.Column("seed", api.db.base.PlainText(), nullable=False),
        sa.Column("made_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", api.db.base.PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_batches")),
        sa.UniqueConstraint("town", "period", name=op.f("uq_subsidy_batches_town")),
    )
    op.create_table(
        "course_attendance",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", api.db.base.PlainText(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_course_attendance_member_id_members")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["work_records.id"], name=op.f("fk_course_attendance_record_id_work_records")
        ),
        sa.PrimaryKeyConstraint("record_id", "member_id", name=op.f("pk_course_attendance")),
    )
    op.create_index(op.f("ix_course_attendance_member_id"), "course_attendance", ["member_id"], unique=False)
    op.create_table(
        "quiz_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("drawn_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_quiz_attempts_member_id_members")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["work_records.id"], name=op.f("fk_quiz_attempts_record_id_work_records")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_attempts")),
    )
    op.create_index(op.f("ix_quiz_attempts_member_id"), "quiz_attempts", ["member_id"], unique=False)
    op.create_index(op.f("ix_quiz_attempts_record_id"), "quiz_attempts", ["record_id"], unique=False)
    op.create_table(
        "case_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("town", api.db.base.PlainText(), nullable=False),
        sa.Column("period", api.db.base.PlainText(), nullable=False),
        sa.Column("seed", api.db.base.PlainText(), nullable=False),
        sa.Column("drawn_at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", api.db.base.PlainText(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("status", api.db.base.PlainText(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("note", api.db.base.EncryptedText(), nullable=False),
        sa.Column("settled_by", api.db.base.PlainText(), nullable=True),
        sa.ForeignKeyConstraint(["first_id"], ["members.id"], name=op.f("fk_case_reviews_first_id_members")),
        sa.ForeignKeyConstraint(["second_id"], ["members.id"], name=op.f("fk_case_reviews_second_id_members")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_case_reviews_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_reviews")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_case_reviews_ticket_id")),
    )
    op.create_index(op.f("ix_case_reviews_first_id"), "case_reviews", ["first_id"], unique=False)
    op.create_index("ix_case_reviews_period", "case_reviews", ["period", "id"], unique=False)
    op.create_index(op.f("ix_case_reviews_second_id"), "case_reviews", ["second_id"], unique=False)
    op.create_table(
        "subsidies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("mediator_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("grade", api.db.base.PlainText(), nullable=False),
        sa.Column("yuan", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("status", api.db.base.PlainText(), nullable=False),
        sa.Column("holds", sa.JSON(), nullable=False),
        sa.Column("call", api.db.base.PlainText(), nullable=True),
        sa.Column("called_at", api.db.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("called_by", api.db.base.PlainText(), nullable=True),
        sa.Column("note", api.db.base.EncryptedText(), nullable=False),
        sa.Column("decided_by", api.db.base.PlainText(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["subsidy_batches.id"], name=op.f("fk_subsidies_batch_id_subsidy_batches")
        ),
        sa.ForeignKeyConstraint(["mediator_id"], ["members.id"], name=op.f("fk_subsidies_mediator_id_members")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_subsidies_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_subsidies_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidies")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_subsidies_ticket_id")),
    )
    op.create_index(op.f("ix_subsidies_batch_id"), "subsidies", ["batch_id"], unique=False)
    op.create_index("ix_subsidies_mediator", "subsidies", ["mediator_id", "id"], unique=False)
    op.create_table(
        "review_sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("remarks", api.db.base.EncryptedText(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("at", api.db.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_review_sheets_member_id_members")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["case_reviews.id"], name=op.f("fk_review_sheets_review_id_case_reviews")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_sheets")),
        sa.UniqueConstraint("review_id", "member_id", name=op.f("uq_review_sheets_review_id")),
    )


def downgrade() -> None:
    op.drop_table("review_sheets")
    op.drop_index("ix_subsidies_mediator", table_name="subsidies")
    op.drop_index(op.f("ix_subsidies_batch_id"), table_name="subsidies")
    op.drop_table("subsidies")
    op.drop_index(op.f("ix_case_reviews_second_id"), table_name="case_reviews")
    op.drop_index("ix_case_reviews_period", table_name="case_reviews")
    op.drop_index(op.f("ix_case_reviews_first_id"), table_name="case_reviews")
    op.drop_table("case_reviews")
    op.drop_index(op.f("ix_quiz_attempts_record_id"), table_name="quiz_attempts")
    op.drop_index(op.f("ix_quiz_attempts_member_id"), table_name="quiz_attempts")
    op.drop_table("quiz_attempts")
    op.drop_index(op.f("ix_course_attendance_member_id"), table_name="course_attendance")
    op.drop_table("course_attendance")
    op.drop_table("subsidy_batches")
