"""A report as a document: official layout, tables with a repeated head, charts as pictures."""

import io
from typing import Any

from docx.document import Document as Docx
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.shared import Cm, Emu, Pt
from docx.text.paragraph import Paragraph

from api.domain.deadline import LOCAL
from api.services.reports.charts import as_png, chinese_font
from api.services.reports.model import Chart, Report, Table
from knowledge_base.templates.page import BODY, HEADING, TITLE, TITLE_SIZE, font, new_page

TEXT_SIZE, CELL_SIZE, SMALL = Pt(14), Pt(10), Pt(10.5)
LINE = Pt(24)
NUMBERS = "一二三四五六七八九十"
WIDE = 7
# Longer texts read better from the left.
WORDS = 10
NAME_SHARE, WIDE_NAME_SHARE, CHART_SHARE = 0.16, 0.36, 0.8
FEW = 4
NO_FONT = "（这台机器上没有中文字体，图没有画；数见上表。）"


def as_docx(report: Report) -> bytes:
    landscape = any(len(table.columns) > WIDE for table in report.tables)
    docx = new_page(report.title, f"{report.title} · {report.period.zh} · 第", "页", landscape=landscape)
    _head(docx, report)
    for number, section in enumerate(report.sections):
        _heading(docx, f"{_count(number)}、{section.title}")
        for sentence in section.sentences:
            _text(docx, sentence)
        for table in section.tables:
            _table(docx, table, caption=table.title != section.title)
        for chart in section.charts:
            _chart(docx, chart)
    out = io.BytesIO()
    docx.save(out)
    return out.getvalue()


def _count(number: int) -> str:
    """一 to 十九: no report has more sections."""
    tens, ones = divmod(number + 1, 10)
    return f"{'十' if tens else ''}{NUMBERS[ones - 1] if ones else ''}"


def _head(docx: Docx, report: Report) -> None:
    title = _paragraph(docx, WD_ALIGN_PARAGRAPH.CENTER)
    font(title.add_run(report.title), TITLE, TITLE_SIZE)
    made = report.made_at.astimezone(LOCAL)
    under = _paragraph(docx, WD_ALIGN_PARAGRAPH.CENTER)
    under.paragraph_format.space_after = Pt(12)
    words = f"（{report.period.zh}　统计范围：{report.scope}　{made.year}年{made.month}月{made.day}日生成）"
    font(under.add_run(words), BODY, Pt(12))


def _paragraph(docx: Docx, alignment: WD_ALIGN_PARAGRAPH | None = None, *, indent: bool = False) -> Paragraph:
    paragraph = docx.add_paragraph()
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.AT_LEAST, LINE
    shape.space_before = shape.space_after = Pt(0)
    if alignment is not None:
        paragraph.alignment = alignment
    if indent:
        shape.first_line_indent = TEXT_SIZE * 2
    return paragraph


def _heading(docx: Docx, text: str) -> None:
    paragraph = _paragraph(docx, indent=True)
    paragraph.paragraph_format.space_before = Pt(10)
    paragraph.paragraph_format.keep_with_next = True
    font(paragraph.add_run(text), HEADING, TEXT_SIZE)


def _text(docx: Docx, text: str) -> None:
    font(_paragraph(docx, indent=True).add_run(text), BODY, TEXT_SIZE)


def _table(docx: Docx, table: Table, *, caption: bool) -> None:
    if caption:
        above = _paragraph(docx, WD_ALIGN_PARAGRAPH.CENTER)
        above.paragraph_format.keep_with_next = True
        font(above.add_run(table.title), HEADING, SMALL)
    grid = docx.add_table(rows=len(table.rows) + 1, cols=len(table.columns) + 1, style="Table Grid")
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = _widths(docx, table)
    texts = [[table.head, *(one.title for one in table.columns)]]
    texts += [[row.name, *(_shown(one.shown) for one in row.cells)] for row in table.rows]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    rows = list(grid.rows)
    _repeat(rows[0])
    for number, (row, line) in enumerate(zip(rows, texts, strict=True)):
        _keep_whole(row)
        for index, (cell, text, width) in enumerate(zip(row.cells, line, widths, strict=True)):
            cell.width, cell.vertical_alignment = width, WD_CELL_VERTICAL_ALIGNMENT.CENTER
            left = number > 0 and (index == 0 or len(text) > WORDS)
            _cell(cell.paragraphs[0], text, head=number == 0, left=left)
    after = _paragraph(docx)
    after.paragraph_format.line_spacing = Pt(16)
    font(after.add_run(f"注：{table.note}" if table.note else ""), BODY, SMALL)


def _widths(docx: Docx, table: Table) -> list[Any]:
    """The names get a sixth, more beside few columns; the rest is shared by what the columns hold."""
    whole = _room(docx)
    longest = [
        min(20, max(7, max((len(_shown(row.cells[index].shown)) for row in table.rows), default=0)))
        for index in range(len(table.columns))
    ]
    name = int(whole * (NAME_SHARE if len(longest) > FEW else WIDE_NAME_SHARE))
    return [Emu(name), *(Emu(int((whole - name) * one / sum(longest))) for one in longest)]


def _room(docx: Docx) -> int:
    section = docx.sections[0]
    width, left, right = section.page_width, section.left_margin, section.right_margin
    assert width is not None
    assert left is not None
    assert right is not None
    return int(width - left - right)


def _shown(value: int | float | str) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else value


def _cell(paragraph: Paragraph, text: str, *, head: bool, left: bool) -> None:
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(2)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if left else WD_ALIGN_PARAGRAPH.CENTER
    font(paragraph.add_run(text), HEADING if head else BODY, CELL_SIZE)


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _chart(docx: Docx, chart: Chart) -> None:
    name = chinese_font()
    if name is None:
        _text(docx, NO_FONT)
        return
    paragraph = docx.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    width = min(Cm(15.6), Emu(int(_room(docx) * CHART_SHARE)))
    shape = paragraph.add_run().add_picture(io.BytesIO(as_png(chart, name)), width=width)
    shape._inline.docPr.set("descr", chart.title)
