"""A report as plain values: the same for the screen, the spreadsheet and the document."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from api.domain.period import Period

HIDDEN = "＊"
TOTAL = "total"


@dataclass(frozen=True)
class Cell:
    """`query` lists the tickets behind the number; a `hidden` cell has no value outside the staff side."""

    value: int | float | str | None = None
    query: str = ""
    hidden: bool = False

    @property
    def shown(self) -> int | float | str:
        if self.hidden:
            return HIDDEN
        return "—" if self.value is None else self.value


@dataclass(frozen=True)
class Column:
    code: str
    zh: str
    unit: str = ""

    @property
    def title(self) -> str:
        return f"{self.zh}（{self.unit}）" if self.unit else self.zh


@dataclass(frozen=True)
class Row:
    key: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """`head` names the first column, which holds the names of the rows."""

    code: str
    title: str
    head: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""

    def column(self, code: str) -> list[Cell]:
        index = [one.code for one in self.columns].index(code)
        return [row.cells[index] for row in self.rows]


@dataclass(frozen=True)
class Chart:
    """`kind` bar or line; one value per label in every series, taken from a table of the same report."""

    title: str
    kind: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[int | float, ...]], ...]


@dataclass(frozen=True)
class Section:
    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True)
class Report:
    """`scope`: whose tickets are counted, in words; `public`: fit to leave the staff side."""

    kind: str
    title: str
    period: Period
    scope: str
    made_at: datetime
    public: bool
    sections: tuple[Section, ...]

    @property
    def tables(self) -> Iterator[Table]:
        for section in self.sections:
            yield from section.tables
