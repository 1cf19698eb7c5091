"""What watches over the work: paid files and their guards, the review of case files, attendance and quizzes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, EncryptedText, UtcDateTime
from api.db.tables.desk import MemberRow, TicketRow


class SubsidyBatch(Base):
    """The files of one town and month; `seed` lets anybody draw the same sample again."""

    __tablename__ = "subsidy_batches"
    __table_args__ = (UniqueConstraint("town", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    county: Mapped[str]
    town: Mapped[str]
    period: Mapped[str]
    seed: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str]
    files: Mapped[list["SubsidyRow"]] = relationship(back_populates="batch", order_by="SubsidyRow.id")


class SubsidyRow(Base):
    """One ticket is paid at most once. `holds`: why it is not paid for now; `call`: the sampled call-back, if drawn."""

    __tablename__ = "subsidies"
    __table_args__ = (Index("ix_subsidies_mediator", "mediator_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("subsidy_batches.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), unique=True)
    mediator_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    grade: Mapped[str]
    yuan: Mapped[int]
    reasons: Mapped[list[Any]]
    status: Mapped[str]
    holds: Mapped[list[Any]]
    call: Mapped[str | None]
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    called_by: Mapped[str | None]
    note: Mapped[str] = mapped_column(EncryptedText, default="")
    decided_by: Mapped[str | None]
    paid_on: Mapped[date | None]
    batch: Mapped[SubsidyBatch] = relationship(back_populates="files")
    ticket: Mapped[TicketRow] = relationship()
    mediator: Mapped[MemberRow | None] = relationship()


class CaseReview(Base):
    """A closed file drawn for review, with its two readers; `seed` lets anybody draw the same sample again."""

    __tablename__ = "case_reviews"
    __table_args__ = (UniqueConstraint("ticket_id"), Index("ix_case_reviews_period", "period", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    town: Mapped[str]
    period: Mapped[str]
    seed: Mapped[str]
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    drawn_by: Mapped[str]
    first_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    status: Mapped[str]
    score: Mapped[int | None]
    note: Mapped[str] = mapped_column(EncryptedText, default="")
    settled_by: Mapped[str | None]
    ticket: Mapped[TicketRow] = relationship()
    sheets: Mapped[list["ReviewSheet"]] = relationship(order_by="ReviewSheet.id")


class ReviewSheet(Base):
    """Points by code and what the reader wrote; nobody else reads it before both are in."""

    __tablename__ = "review_sheets"
    __table_args__ = (UniqueConstraint("review_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("case_reviews.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    points: Mapped[dict[str, Any]]
    remarks: Mapped[str] = mapped_column(EncryptedText)
    total: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Attendance(Base):
    """A member of staff who came to a course (a record of kind `course`)."""

    __tablename__ = "course_attendance"

    record_id: Mapped[int] = mapped_column(ForeignKey("work_records.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str]


class QuizAttempt(Base):
    """Drawn questions, then the answers; an attempt is answered once."""

    __tablename__ = "quiz_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    record_id: Mapped[int | None] = mapped_column(ForeignKey("work_records.id"), index=True)
    questions: Mapped[list[str]]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    score: Mapped[int | None]
    passed: Mapped[bool | None]
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
