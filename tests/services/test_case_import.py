"""Cases from 12345 and 12348: good rows are stored once, bad rows are named, danger and referrals are kept apart."""

import pytest
from sqlalchemy import func, select

from api.db.session import Database
from api.db.tables.desk import TicketRow
from api.domain.errors import InvalidInput
from api.domain.safety import SafetyGate
from api.services.case_import import CaseReport, import_cases
from api.services.directory_rules import directory_rules
from api.services.routing import RoutingDesk
from api.services.sheets import to_csv
from knowledge_base import safety
from knowledge_base.directory.loader import load_mapping, mapping_names
from tests.services.desk_fixtures import FRIDAY

HEADER = ["工单编号", "问题分类", "诉求内容", "事发地址", "来电人", "来电号码", "被反映单位"]
GATE = SafetyGate(safety.load_rules())


async def load(database: Database, desk: RoutingDesk, rows: list[list[str]], mapping: str = "12345") -> CaseReport:
    content = to_csv([HEADER, *rows])
    return await import_cases(database, desk, GATE, directory_rules(), content, load_mapping(mapping), at=FRIDAY)


async def stored(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(TicketRow)) or 0


async def test_one_in_a_hundred_is_bad_and_the_second_time_adds_nothing(database: Database, desk: RoutingDesk) -> None:
    rows = [
        [
            f"A{n}",
            "邻里纠纷" if n != 50 else "外星来客",
            "院墙占了我家的地",
            "青石镇东沟村一组",
            "来电人甲",
            "13800000000",
            "",
        ]
        for n in range(100)
    ]
    first = await load(database, desk, rows)
    assert len(first.opened) == await stored(database) == 99
    assert [(one.row, one.column) for one in first.errors] == [(52, "问题分类")]
    again = await load(database, desk, rows)
    assert (again.opened, again.repeated, await stored(database)) == ([], 99, 99)


async def test_what_becomes_of_each_row(database: Database, desk: RoutingDesk) -> None:
    rows = [
        ["B1", "拖欠农民工工资", "工地欠我们三个月工资", "青石镇", "甲", "", "某建筑公司"],
        ["B2", "电信诈骗", "被骗了两万块", "青石镇", "乙", "", ""],
        ["B3", "路灯不亮", "村口的路灯坏了", "青石镇", "丙", "", ""],
        ["B4", "邻里纠纷", "他拿着刀堵在我家门口说要砍死我", "青石镇东沟村", "丁", "", ""],
        ["", "邻里纠纷", "没有编号", "青石镇", "戊", "", ""],
        ["B6", "邻里纠纷", "", "青石镇", "己", "", ""],
    ]
    report = await load(database, desk, rows)
    assert (len(report.opened), report.skipped, len(report.referred)) == (2, 1, 1)
    assert "公安" in report.referred[0].why
    assert [(one.row, one.column) for one in report.errors] == [(6, "工单编号"), (7, "诉求内容")]
    async with database.reading() as session:
        wages, danger = (await session.scalars(select(TicketRow).order_by(TicketRow.id))).all()
    assert (wages.category, wages.town, wages.respondent_org, wages.channel) == (
        "labor",
        "青石镇",
        "某建筑公司",
        "import",
    )
    assert (danger.protective, danger.crisis) == (True, "weapon_threat")


async def test_a_file_without_the_needed_columns(database: Database, desk: RoutingDesk) -> None:
    content = to_csv([["标题"], ["某事"]])
    with pytest.raises(InvalidInput, match="工单编号"):
        await import_cases(database, desk, GATE, directory_rules(), content, load_mapping("12345"), at=FRIDAY)


@pytest.mark.parametrize("name", mapping_names())
def test_every_mapping_names_known_cases(name: str) -> None:
    mapping = load_mapping(name)
    assert {rule["case"] for rule in mapping["categories"]} <= set(directory_rules().categories)
    assert set(mapping["required"]) <= set(mapping["columns"])
    assert mapping["source"] == name
