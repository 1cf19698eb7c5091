"""The page of everything written as docx: A4, official Chinese fonts with stand-ins, a footer with the page number."""

from __future__ import annotations

from typing import Any

from docx import Document
from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.run import Run

BODY, TITLE, HEADING, LATIN = "仿宋", "方正小标宋简体", "黑体", "Times New Roman"
# What stands in where a machine has no such font (w:altName of the font table).
ALTERNATIVES = {BODY: "FangSong", TITLE: "宋体", HEADING: "SimHei"}
BODY_SIZE, TITLE_SIZE, SMALL_SIZE = Pt(16), Pt(22), Pt(10.5)
A4 = (Cm(21), Cm(29.7))
MARGINS = {"top_margin": Cm(3.2), "bottom_margin": Cm(2.6), "left_margin": Cm(2.8), "right_margin": Cm(2.6)}


def new_page(title: str, footer: str, after_number: str, *, landscape: bool = False) -> Docx:
    """An empty document; `footer` stands before the page number, `after_number` behind it."""
    docx = Document()
    section = docx.sections[0]
    section.page_width, section.page_height = A4[::-1] if landscape else A4
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    for name, size in MARGINS.items():
        setattr(section, name, size)
    core = docx.core_properties
    core.author, core.title, core.comments = "枫桥助手", title, ""
    _alternative_fonts(docx)
    line = section.footer.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    font(line.add_run(footer), BODY, SMALL_SIZE)
    number = line.add_run()
    font(number, BODY, SMALL_SIZE)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        number._element.append(_field_mark(kind, text))
    font(line.add_run(after_number), BODY, SMALL_SIZE)
    return docx


def font(run: Run, name: str, size: Any) -> None:
    run.font.name, run.font.size = LATIN, size
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _field_mark(kind: str, text: str) -> Any:
    if kind:
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        return mark
    mark = OxmlElement("w:instrText")
    mark.text = text
    return mark


def _alternative_fonts(docx: Docx) -> None:
    """Names the stand-in fonts in the font table, which python-docx leaves as it is in its blank document."""
    part = next(
        (one.target_part for one in docx.part.rels.values() if one.reltype == RELATIONSHIP_TYPE.FONT_TABLE), None
    )
    if part is None:
        return
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in ALTERNATIVES.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", f"{fonts}</w:fonts>".encode())
