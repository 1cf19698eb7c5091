"""A paper as docx: A4, official Chinese layout, blanks marked. Text goes in as text, never as markup."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from docx.document import Document as Docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX, WD_LINE_SPACING
from docx.shared import Cm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from knowledge_base.fields import spoken
from knowledge_base.templates import PLACEHOLDER, Paper, blank, yuan_in_words
from knowledge_base.templates.page import BODY, BODY_SIZE, HEADING, SMALL_SIZE, TITLE, TITLE_SIZE, font, new_page

LINE = Pt(26)
# Room for a name by hand after 申请人：, and the date above the edge.
SIGNATURE, DATE_INDENT = Cm(3.6), Cm(1.2)
LABEL_WIDTH, VALUE_WIDTH = Cm(4), Cm(11.6)
SPLIT = re.compile(r"[，,：:]\s*(?:用来|用于)?证明|[，,：:]")


class _Writer:
    """One document being written; `facts` are typed."""

    def __init__(self, paper: Paper, facts: Mapping[str, Any], wording: Mapping[str, str]) -> None:
        self.paper, self.facts, self.wording = paper, facts, wording
        self.fields = {field.id: field for field in paper.fields}
        self.docx: Docx = new_page(paper.title, wording["footer"], wording["page"])

    def bytes(self) -> bytes:
        title = self._paragraph(WD_ALIGN_PARAGRAPH.CENTER)
        title.paragraph_format.space_after = Pt(16)
        font(title.add_run(self.paper.title), TITLE, TITLE_SIZE)
        for part in self.paper.body:
            self._part(part)
        self._hint()
        out = io.BytesIO()
        self.docx.save(out)
        return out.getvalue()

    def _paragraph(self, alignment: WD_ALIGN_PARAGRAPH | None = None, *, indent: bool = False) -> Paragraph:
        paragraph = self.docx.add_paragraph()
        shape = paragraph.paragraph_format
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.AT_LEAST, LINE
        shape.space_before = shape.space_after = Pt(0)
        if alignment is not None:
            paragraph.alignment = alignment
        if indent:
            shape.first_line_indent = BODY_SIZE * 2
        return paragraph

    def _part(self, part: Mapping[str, Any]) -> None:
        if "table" in part:
            self._table(part["table"])
        elif "list" in part:
            self._list(part["list"], part["columns"])
        elif "heading" in part:
            run = self._paragraph(indent=True).add_run(part["heading"])
            run.bold = True
            font(run, HEADING, BODY_SIZE)
        elif "sign" in part:
            signed = self._paragraph(WD_ALIGN_PARAGRAPH.RIGHT)
            signed.paragraph_format.right_indent = SIGNATURE if part["sign"].endswith("：") else DATE_INDENT
            self._filled(signed, part["sign"])
        elif "line" in part:
            self._filled(self._paragraph(), part["line"])
        else:
            self._paragraphs(part["text"])

    def _paragraphs(self, text: str) -> None:
        """A value of several lines becomes several paragraphs."""
        whole = PLACEHOLDER.fullmatch(text)
        value = self.facts.get(whole[1]) if whole else None
        if isinstance(value, str) and "\n" in value:
            for line in filter(None, (one.strip() for one in value.split("\n"))):
                font(self._paragraph(indent=True).add_run(line), BODY, BODY_SIZE)
        else:
            self._filled(self._paragraph(indent=True), text)

    def _filled(self, paragraph: Paragraph, text: str, size: Any = BODY_SIZE) -> None:
        """The text with its blanks filled, or marked where nothing was given."""
        end = 0
        for found in PLACEHOLDER.finditer(text):
            if before := text[end : found.start()]:
                font(paragraph.add_run(before), BODY, size)
            self._value(paragraph, found[1], found[2], size)
            end = found.end()
        if rest := text[end:]:
            font(paragraph.add_run(rest), BODY, size)

    def _value(self, paragraph: Paragraph, name: str, style: str | None, size: Any) -> None:
        field = self.fields[name]
        if name in self.facts:
            value = self.facts[name]
            text = yuan_in_words(value) if style == "words" else spoken(field, value)
            font(paragraph.add_run(text), BODY, size)
            return
        run = paragraph.add_run(blank(field))
        font(run, BODY, size)
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW

    def _table(self, rows: list[list[str]]) -> None:
        table = self._grid(len(rows), (LABEL_WIDTH, VALUE_WIDTH))
        for row, (label, text) in zip(table, rows, strict=True):
            self._cell(row[0], label)
            self._cell(row[1], text)
        self._paragraph()

    def _list(self, name: str, columns: list[str]) -> None:
        """The lines of one answer as numbered rows: what it is, what it shows."""
        lines = [one.strip() for one in re.split(r"[\n；;]", str(self.facts.get(name, ""))) if one.strip()]
        rows = [[str(number), *_two(line), ""] for number, line in enumerate(lines, 1)]
        rows = rows or [["1", f"{{{{ {name} }}}}", "", ""]]
        table = self._grid(len(rows) + 1, (Cm(1.6), Cm(6), Cm(6), Cm(2)))
        for cells, texts in zip(table, [columns, *rows], strict=True):
            for cell, text in zip(cells, texts, strict=True):
                self._cell(cell, text, literal=texts is not columns and bool(lines))
        self._paragraph()

    def _grid(self, count: int, widths: tuple[Any, ...]) -> list[list[_Cell]]:
        self.docx.paragraphs[-1].paragraph_format.space_after = Pt(8)
        table = self.docx.add_table(rows=count, cols=len(widths), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        rows = [list(row.cells) for row in table.rows]
        for cells in rows:
            for cell, width in zip(cells, widths, strict=True):
                cell.width = width
        return rows

    def _cell(self, cell: _Cell, text: str, *, literal: bool = False) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(4)
        if literal:
            font(paragraph.add_run(text), BODY, Pt(14))
        else:
            self._filled(paragraph, text, Pt(14))

    def _hint(self) -> None:
        """Below the signature, small: that it is a draft, where to hand it in, what to mind."""
        lines = [self.wording["draft"], f"{self.wording['hand_in']}：{self.paper.door}", *self.paper.notes]
        for number, line in enumerate(lines):
            paragraph = self._paragraph()
            paragraph.paragraph_format.line_spacing = Pt(16)
            paragraph.paragraph_format.keep_together = True
            paragraph.paragraph_format.keep_with_next = number + 1 < len(lines)
            paragraph.paragraph_format.space_before = Pt(24 if number == 0 else 0)
            font(paragraph.add_run(f"※ {line}"), BODY, SMALL_SIZE)


def _two(line: str) -> tuple[str, str]:
    parts = SPLIT.split(line, maxsplit=1)
    return parts[0], parts[1].strip() if len(parts) > 1 else ""


def render(paper: Paper, facts: Mapping[str, Any], wording: Mapping[str, str]) -> bytes:
    """The docx of typed facts (see knowledge_base.fields.check_all)."""
    return _Writer(paper, facts, wording).bytes()
