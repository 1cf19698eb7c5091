"""Tickets in the forms of a province and a court."""

import csv
import io

import httpx
import pytest
from openpyxl import load_workbook

from api.services.ticket_export import forms
from tests.http.desk_app import as_staff
from tests.http.test_reports import move
from tests.http.test_tickets import opened

URL = "/api/v1/exports"


async def rows(client: httpx.AsyncClient, form: str, period: str = "2026-11") -> list[dict[str, str]]:
    answer = await client.get(f"{URL}/{form}", params={"period": period, "format": "csv"})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_the_form_of_the_province_is_filled_from_the_ticket(client: httpx.AsyncClient) -> None:
    ticket = await opened(client, facts={"amount_yuan": 1200.5, "people_involved": 3})
    await move(client, ticket["no"], "accept", "start_mediation", "agree")
    await opened(client, sender="b", channel="import")
    first, second = await rows(client, "province")
    assert (first["案件编号"], first["纠纷类型"], first["办理结果"]) == (ticket["no"], "邻里纠纷", "调解成功")
    assert (first["协议涉及金额（元）"], first["涉及人数"], first["结果日期"]) == ("1200.5", "3", "2026-11-20")
    assert (second["案件来源"], second["办理结果"], second["是否履行"]) == ("委托移送调解", "办理中", "否")
    assert await rows(client, "province", "2026-10") == []


async def test_names_go_only_into_forms_for_administrators_and_numbers_into_none(client: httpx.AsyncClient) -> None:
    text = "=1+1，电话13812345678，院墙滴水"
    applicant = {"name": "=申请人", "phone": "13800000000"}
    ticket = await opened(client, applicant=applicant, text=text)
    await move(client, ticket["no"], "leave")
    for form in forms():
        answer = await client.get(f"{URL}/{form}", params={"period": "2026-11", "format": "csv"})
        assert "138" not in answer.text
        assert ("申请人" in answer.text.split("\r\n", 1)[1]) is forms()[form]["personal"]
        staff = await client.get(f"{URL}/{form}?period=2026-11", headers=as_staff("qingshi_leader"))
        assert staff.status_code == (403 if forms()[form]["personal"] else 200)
    [row] = await rows(client, "register")
    assert (row["申请人"], row["纠纷情况"]) == ("'=申请人", "'=1+1，电话〔电话〕，院墙滴水")
    [row] = await rows(client, "court")
    assert (row["移交日期"], row["此前结果"]) == ("2026-11-20", "转其他途径")


async def test_nobody_is_named_from_a_protective_ticket(client: httpx.AsyncClient) -> None:
    await opened(client, category="marriage_family", subcategory="domestic_violence", crisis="domestic_violence")
    [row] = await rows(client, "register")
    assert (row["申请人"], row["纠纷情况"]) == ("（保护）", "（保护）")


async def test_one_exports_what_one_may_see(client: httpx.AsyncClient) -> None:
    await opened(client)
    await opened(client, sender="x", place={"town": "白桦镇", "village": "河湾村", "group": "一组"})
    answer = await client.get(f"{URL}/province?period=2026-11", headers=as_staff("qingshi_leader"))
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [row[6] for row in sheet.iter_rows(values_only=True)] == ["乡镇（街道）", "青石镇"]


@pytest.mark.parametrize(
    ("path", "status"), [("nowhere?period=2026-11", 404), ("province?period=x", 422), ("province", 422)]
)
async def test_what_cannot_be_exported(client: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await client.get(f"{URL}/{path}")).status_code == status


async def test_the_forms_are_listed(client: httpx.AsyncClient) -> None:
    found = {one["form"]: one["personal"] for one in (await client.get(URL)).json()}
    assert found == {"province": False, "register": True, "court": True}
