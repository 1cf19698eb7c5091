"""Importing and exporting the directory: errors by row, nothing twice, no formulas, and a way round without change."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from api.db.session import Database
from api.db.tables.desk import MemberRow, OrganisationRow
from api.domain.errors import InvalidInput
from api.services import directory_export
from api.services.cells import BadCell, Column, parse
from api.services.directory_import import ImportReport, import_directory
from api.services.directory_rules import directory_rules
from api.services.directory_tables import columns, limits, words
from api.services.routing import RoutingDesk, preview
from api.services.sheets import guarded, read_tables, to_csv, to_xlsx
from tests.services.desk_fixtures import FRIDAY

RULES = directory_rules()
ORGANISATIONS = ["名称", "类型", "层级", "服务地点", "专业领域", "上级组织"]
MEMBERS = ["所在组织", "姓名", "角色", "专长", "值班日", "语言"]
SITE = ["清和县建设工程调委会", "行业性专业性调解委员会", "司法所", "清和县", "建设工程", "清和县综治中心"]
PEOPLE = ["清和县建设工程调委会", "建设调解员一", "专业调解员", "合同纠纷", "一、三、五", "蒙古语，苗语"]


def workbook(**sheets: Sequence[Sequence[Any]]) -> bytes:
    names = {"places": "地点", "organisations": "组织", "members": "成员"}
    return to_xlsx({names.get(name, name): rows for name, rows in sheets.items()})


async def load(database: Database, content: bytes, *, dry_run: bool = False) -> ImportReport:
    async with database.transaction() as session:
        return await import_directory(session, RULES, content, dry_run=dry_run)


async def export(database: Database, kind: str = "xlsx", sheet: str = "") -> bytes:
    async with database.reading() as session:
        return await directory_export.as_file(session, RULES, kind=kind, sheet=sheet)


@pytest.mark.parametrize(
    ("kind", "sheet"), [("xlsx", ""), ("csv", "places"), ("csv", "organisations"), ("csv", "members")]
)
async def test_what_is_exported_changes_nothing_when_imported(database: Database, kind: str, sheet: str) -> None:
    report = await load(database, await export(database, kind, sheet))
    assert (report.changes, report.errors) == (0, [])
    assert "没有变化" in report.text


async def test_a_new_committee_takes_cases_and_the_second_time_nothing_changes(
    database: Database, desk: RoutingDesk
) -> None:
    content = workbook(organisations=[ORGANISATIONS, SITE], members=[MEMBERS, PEOPLE])
    first = await load(database, content)
    assert (dict(first.created), first.errors) == ({"organisations": 1, "members": 1}, [])
    again = await load(database, content)
    assert (again.changes, again.unchanged.total()) == (0, 2)
    facts = {"category": "contract", "subcategory": "project_payment", "town": "青石镇", "amount_yuan": 200000}
    async with database.reading() as session:
        decision = await preview(session, desk, facts, FRIDAY)
    assert decision.mediator is not None
    assert decision.mediator.name == "建设调解员一"
    assert decision.mediator.languages == {"蒙古语", "苗语"}


async def test_a_dry_run_tells_and_keeps_nothing(database: Database) -> None:
    report = await load(database, workbook(organisations=[ORGANISATIONS, SITE]), dry_run=True)
    assert report.created["organisations"] == 1
    async with database.reading() as session:
        assert await session.scalar(select(OrganisationRow.id).where(OrganisationRow.name == SITE[0])) is None


async def test_an_edit_is_an_update_of_what_the_table_speaks_of(database: Database) -> None:
    header = ["单位名称", "组织类型", "层级", "服务范围", "联系电话"]
    row = ["青石镇司法所", "司法所", "司法所", "清和县/青石镇、清和县/白桦镇", "0470-1234567"]
    report = await load(database, workbook(organisations=[header, row]))
    assert dict(report.updated) == {"organisations": 1}
    async with database.reading() as session:
        found = (await session.scalars(select(OrganisationRow).where(OrganisationRow.name == row[0]))).one()
        assert (found.phone, found.revision) == ("0470-1234567", 2)
        people = await session.scalars(select(MemberRow).where(MemberRow.organisation_id == found.id))
        assert len(people.all()) == 2


async def test_one_in_a_hundred_is_bad_and_the_rest_is_taken(database: Database) -> None:
    rows = [["青石镇司法所", f"司法助理员{n}" if n % 100 else "", "司法所工作人员", "", "", ""] for n in range(300)]
    report = await load(database, workbook(members=[MEMBERS, *rows]))
    assert report.created["members"] == 297
    assert [(one.row, one.column, one.why) for one in report.errors] == [
        (2, "姓名", "不能空"),
        (102, "姓名", "不能空"),
        (202, "姓名", "不能空"),
    ]


@pytest.mark.parametrize(
    ("sheet", "rows", "column", "why"),
    [
        ("organisations", [ORGANISATIONS, [*SITE[:1], "面包房", *SITE[2:]]], "类型", "不认识“面包房”"),
        ("organisations", [ORGANISATIONS, [*SITE[:3], "清和县/黑石镇", *SITE[4:]]], "服务地点", "没有这个地方"),
        ("organisations", [ORGANISATIONS, [*SITE[:5], "没有这个单位"]], "上级组织", "没有这个组织"),
        ("organisations", [ORGANISATIONS, [*SITE[:5], SITE[0]]], "上级组织", "自己的下级"),
        ("organisations", [ORGANISATIONS, SITE, SITE], "名称", "重复"),
        ("organisations", [ORGANISATIONS, ["=HYPERLINK(1)", *SITE[1:]]], "名称", "公式"),
        ("organisations", [ORGANISATIONS[:3], SITE[:3]], "服务地点", "缺少必填的列"),
        ("members", [MEMBERS, ["没有这个单位", *PEOPLE[1:]]], "所在组织", "没有这个组织"),
        ("members", [MEMBERS, ["青石镇司法所", "某人", "皇帝", "", "", ""]], "角色", "不认识“皇帝”"),
        ("members", [MEMBERS, ["青石镇司法所", "某人", "专业调解员", "", "八", ""]], "值班日", "一、三、五"),
        ("members", [MEMBERS, ["青石镇司法所", "人" * 501, "专业调解员", "", "", ""]], "姓名", "最多 500 个字"),
        ("places", [["县", "镇", "村"], ["清和县", "黑石镇", "某村"]], "", "上一级还没有建立"),
        ("places", [["县", "镇", "人口"], ["清和县", "青石镇", "许多"]], "人口", "整数"),
        ("places", [["县", "镇", "村"], ["清和县", "", "某村"]], "", "中间不能空"),
    ],
)
async def test_every_mistake_is_named_with_row_and_column(
    database: Database, sheet: str, rows: list[list[str]], column: str, why: str
) -> None:
    report = await load(database, workbook(**{sheet: rows}))
    assert any(one.column == column and why in one.why for one in report.errors), report.errors


async def test_places_may_come_in_any_order(database: Database) -> None:
    rows = [["县", "镇", "村", "组", "人口"], ["清和县", "黑石镇", "某村", "一组", 90]]
    rows += [["清和县", "黑石镇", "某村", "", 800], ["清和县", "黑石镇", "", "", 9000]]
    report = await load(database, workbook(places=rows))
    assert (report.created["places"], report.errors) == (3, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
async def test_csv_of_either_encoding(database: Database, encoding: str) -> None:
    text = "县,乡镇,人口\r\n清和县,青石镇,12000\r\n"
    report = await load(database, text.encode(encoding))
    assert (dict(report.updated), report.errors) == ({"places": 1}, [])


def test_formulas_are_neutralised_on_the_way_out_and_restored_on_the_way_in() -> None:
    evil = ["=1+1", "+86 139", "-5", "@cmd", "普通", "a=b"]
    assert [str(guarded(one))[0] for one in evil[:4]] == ["'"] * 4
    assert guarded("普通") == "普通"
    for content in (to_csv([["列"] * 6, evil]), to_xlsx({"表": [["列"] * 6, evil]})):
        assert read_tables(content, limits(RULES))[0].rows[0][1] == tuple(evil)
    book = load_workbook(io.BytesIO(to_xlsx({"表": [evil]})))
    assert {cell.data_type for cell in book.active[1]} == {"s"}


def test_a_formula_in_a_workbook_is_refused() -> None:
    column = Column("name", "姓名", "text")
    with pytest.raises(BadCell, match="公式"):
        parse(column, None, words(RULES))


@pytest.mark.parametrize("content", [b"PK\x03\x04nonsense", b"\xff\xfe\x00\x01", b"\x00\x01"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_tables(content, limits(RULES))
    assert refusal.value.code == "unreadable_file"


def test_a_bomb_is_not_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 301_000_000)
    with pytest.raises(InvalidInput) as refusal:
        read_tables(packed.getvalue(), limits(RULES))
    assert refusal.value.code == "too_large"


def test_the_template_explains_every_column_and_its_examples_can_be_read() -> None:
    book = load_workbook(io.BytesIO(directory_export.template_file(RULES)))
    assert book.sheetnames == ["地点", "组织", "成员", "说明"]
    for sheet in ("places", "organisations", "members"):
        for column in columns(RULES, sheet):
            parse(column, str(column.example), words(RULES))
