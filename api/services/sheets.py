"""Tables from and to files: xlsx, or CSV in UTF-8 or GBK. Bounded in size, and nothing in them is ever a formula."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from api.domain.errors import InvalidInput

FORMULA = ("=", "+", "-", "@", "\t", "\r")
ENCODINGS = ("utf-8-sig", "gb18030")
ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Limits:
    bytes: int
    unpacked_bytes: int
    rows: int
    columns: int
    cell: int


@dataclass(frozen=True)
class Table:
    """`rows` are (number in the file, cells); a cell that holds a formula is None."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str | None, ...]], ...]


def read_tables(content: bytes, limits: Limits) -> list[Table]:
    """All sheets of a workbook, or the one table of a CSV (its name is empty). Raises InvalidInput."""
    if len(content) > limits.bytes:
        raise InvalidInput(f"文件太大，最多 {limits.bytes // 1_000_000} MB", code="too_large")
    if content.startswith(ZIP):
        return _read_workbook(content, limits)
    return [_table("", _csv_rows(content), limits)]


def _read_workbook(content: bytes, limits: Limits) -> list[Table]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > limits.unpacked_bytes:
                raise InvalidInput("文件解开后太大", code="too_large")
        book = load_workbook(io.BytesIO(content), read_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise InvalidInput("文件打不开，请另存为 xlsx 或 CSV 再传", code="unreadable_file") from error
    try:
        return [_table(sheet.title, _sheet_rows(sheet), limits) for sheet in book.worksheets]
    finally:
        book.close()


def _sheet_rows(sheet: Any) -> Iterable[tuple[str | None, ...]]:
    for row in sheet.iter_rows():
        yield tuple(None if cell.data_type == "f" else _text(cell.value) for cell in row)


def _csv_rows(content: bytes) -> Iterable[tuple[str | None, ...]]:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return (tuple(map(_text, row)) for row in csv.reader(io.StringIO(text, newline="")))
    raise InvalidInput("文件编码认不出来，请存为 UTF-8 或 GBK 的 CSV，或者 xlsx", code="unreadable_file")


def _table(name: str, rows: Iterable[tuple[str | None, ...]], limits: Limits) -> Table:
    """The first row that is not empty is the header."""
    header: tuple[str, ...] = ()
    found: list[tuple[int, tuple[str | None, ...]]] = []
    try:
        for number, row in enumerate(rows, 1):
            if number > limits.rows + 1 or len(row) > limits.columns:
                raise InvalidInput(f"表太大，最多 {limits.rows} 行 {limits.columns} 列", code="too_large")
            if not any(cell != "" for cell in row):
                continue
            if not header:
                header = tuple(cell or "" for cell in row)
            else:
                found.append((number, row))
    except csv.Error as error:
        raise InvalidInput("CSV 读不出来，请检查引号和分隔", code="unreadable_file") from error
    return Table(name, header, tuple(found))


def _text(value: Any) -> str:
    """Whole numbers without the .0 that spreadsheets add; a quote that guards against formulas is taken off."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def guarded(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets a quote in front."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def to_xlsx(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([guarded(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def to_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """With a byte order mark, so that spreadsheets see it is UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
