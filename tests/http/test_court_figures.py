"""Court figures in, rates out: never without what stands against them."""

import httpx
import pytest

from api.db import places
from api.db.session import Database
from api.domain.organisation import Place
from tests.http.desk_app import as_staff
from tests.http.test_reports import URL, made, move, tables
from tests.http.test_tickets import opened

FIGURES = """镇,村（社区）,时间段,法院收案,民转刑案件,来源
青石镇,东沟村,2026,3,0,县法院
青石镇,东沟村,2025,5,,县法院
青石镇,没有的村,2026,1,,
青石镇,西沟村,去年,1,,
青石镇,柳树村,2026,许多,,
青石镇,东沟村,2026,4,,
"""
BESIDE = ["rights", "refused", "referred", "reopened", "visited", "mean_days", "satisfaction"]


async def imported(client: httpx.AsyncClient, text: str = FIGURES, **given: object) -> dict[str, object]:
    answer = await client.post(f"{URL}/court-figures", content=text.encode("gbk"), params=given)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_good_rows_are_taken_and_bad_ones_listed(client: httpx.AsyncClient) -> None:
    tried = await imported(client, dry_run=True)
    assert (tried["created"], tried["dry_run"]) == (2, True)
    report = await imported(client)
    assert (report["created"], report["unchanged"]) == (2, 0)
    errors = {(one["row"], one["column"]) for one in report["errors"]}
    assert errors == {(4, "村（社区）"), (5, "时间段"), (6, "法院收案"), (7, "")}
    again = await imported(client)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)
    changed = await imported(client, "镇,村,时间段,收案数\n青石镇,东沟村,2026,4\n")
    assert changed["updated"] == 1


async def test_only_administrators_import(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{URL}/court-figures", content=b"x", headers=as_staff("qingshi_leader"))
    assert answer.status_code == 403


@pytest.mark.parametrize("content", ["镇,时间段\n青石镇,2026\n", "别的,表\n1,2\n"])
async def test_a_table_without_its_columns(client: httpx.AsyncClient, content: str) -> None:
    report = await imported(client, content)
    assert report["created"] == 0
    assert report["errors"][0]["row"] == 1


@pytest.mark.parametrize("kind", ["litigation", "villages"])
async def test_every_row_carries_the_counter_metrics(client: httpx.AsyncClient, kind: str) -> None:
    await imported(client)
    ticket = await opened(client)
    await move(client, ticket["no"], "refuse")
    table = tables(await made(client, kind, period="2026"))[kind]
    codes = [column["code"] for column in table["columns"]]
    assert codes[-len(BESIDE) :] == BESIDE
    rows = {row["name"]: dict(zip(codes, row["cells"], strict=True)) for row in table["rows"]}
    village = rows["青石镇东沟村"]
    assert (village["refused"]["value"], village["rights"]["value"], village["visited"]["value"]) == (1, 1, 0)
    assert village["mean_days"]["value"] is None
    listed = (await client.get(village["refused"]["query"])).json()["tickets"]
    assert [one["no"] for one in listed] == [ticket["no"]]


async def test_rates_and_criteria(client: httpx.AsyncClient, database: Database) -> None:
    await imported(client)
    async with database.transaction() as session:
        row = await places.in_use(session, Place(town="青石镇", village="东沟村"))
        assert row
        row.population = 1200
    table = tables(await made(client, "litigation", period="2026"))["litigation"]
    rows = {row["name"]: [cell["value"] for cell in row["cells"][:3]] for row in table["rows"]}
    assert rows["青石镇东沟村"] == [1200, 3, 25.0]
    assert rows["青石镇西沟村"][1:] == [None, None]
    criteria = tables(await made(client, "villages", period="2026"))["villages"]
    found = {row["name"]: [cell["value"] for cell in row["cells"][:3]] for row in criteria["rows"]}
    assert found["青石镇东沟村"][0] == "达到：收案3件，人口1200人，占0.25%"
    assert found["青石镇东沟村"][1] == "达到：上一年5件，今年3件"
    assert found["青石镇东沟村"][2] == "达到：法院数字为0件"
    assert all(one.startswith("不能判断") for one in found["青石镇西沟村"])


async def test_there_is_no_public_version(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{URL}/litigation?period=2026&audience=public")
    assert (answer.status_code, answer.json()["error"]) == (422, "no_public_version")


async def test_a_town_looks_at_its_own_places(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{URL}/litigation?period=2026", headers=as_staff("qingshi_leader"))
    names = {row["name"] for row in tables(answer.json())["litigation"]["rows"]}
    assert names == {"青石镇", *(f"青石镇{village}" for village in ("东沟村", "西沟村", "柳树村", "石桥村"))}
