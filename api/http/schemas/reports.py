"""Shapes of reports."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from api.http.schemas.directory import RowErrorOut


class Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CellOut(Read):
    """`query` lists the tickets behind the number; a hidden cell has no value."""

    value: int | float | str | None
    query: str
    hidden: bool


class ColumnOut(Read):
    code: str
    zh: str
    unit: str


class RowOut(Read):
    """`cells` in the order of the columns; the row `total` comes last."""

    key: str
    name: str
    cells: list[CellOut]


class TableOut(Read):
    code: str
    title: str
    head: str
    columns: list[ColumnOut]
    rows: list[RowOut]
    note: str


class ChartOut(Read):
    title: str
    kind: str
    unit: str
    labels: list[str]
    series: list[tuple[str, list[int | float]]]


class SectionOut(Read):
    title: str
    sentences: list[str]
    tables: list[TableOut]
    charts: list[ChartOut]


class PeriodOut(Read):
    """`first` up to, not including, `after`."""

    code: str
    kind: str
    zh: str
    first: date
    after: date


class ReportOut(Read):
    kind: str
    title: str
    period: PeriodOut
    scope: str
    made_at: datetime
    public: bool
    sections: list[SectionOut]


class CourtImportOut(BaseModel):
    """Rows of court figures; `errors` name the row as the file counts."""

    dry_run: bool
    created: int
    updated: int
    unchanged: int
    errors: list[RowErrorOut]
    text: str
