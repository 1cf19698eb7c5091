"""Reports over HTTP: one set of numbers in every format, each number opening its tickets."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from docx import Document
from openpyxl import load_workbook

from api.services.count_rules import count_rules
from api.services.reports.charts import chinese_font
from tests.http.desk_app import agree, as_staff
from tests.http.site import Site
from tests.http.test_tickets import opened

URL = "/api/v1/reports"


async def move(client: httpx.AsyncClient, no: str, *moves: str) -> None:
    """`agree`: by an oral agreement."""
    for one in moves:
        if one == "agree":
            await agree(client, no)
            continue
        answer = await client.post(f"/api/v1/tickets/{no}/{one}", json={"note": "理由"})
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def filled(client: httpx.AsyncClient) -> httpx.AsyncClient:
    for number in range(7):
        ticket = await opened(client, sender=f"n-{number}")
        if number < 2:
            await move(client, ticket["no"], "accept", "start_mediation", "agree")
    await opened(client, sender="w-1", category="labor", subcategory="unpaid_wages", facts={"amount_yuan": 900.5})
    return client


async def made(client: httpx.AsyncClient, kind: str = "month", **given: Any) -> dict[str, Any]:
    answer = await client.get(f"{URL}/{kind}", params={"period": "2026-11"} | given)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def tables(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {table["code"]: table for section in report["sections"] for table in section["tables"]}


def cells(report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for table in tables(report).values():
        for row in table["rows"]:
            yield from row["cells"]


class TestMonth:
    async def test_every_number_opens_its_tickets(self, filled: httpx.AsyncClient) -> None:
        report = await made(filled)
        opening = [cell for cell in cells(report) if cell["query"] and cell["value"]]
        counts = {}
        for query in {cell["query"] for cell in opening}:
            answer = await filled.get(query)
            assert answer.status_code == 200, answer.text
            counts[query] = len(answer.json()["tickets"])
        sums = ("measure=people", "measure=amount")
        wrong = [c for c in opening if counts[c["query"]] != c["value"] and not any(s in c["query"] for s in sums)]
        assert wrong == []
        assert len(counts) > 8

    async def test_endings_are_told_apart(self, filled: httpx.AsyncClient) -> None:
        rows = {row["key"]: row["cells"][0]["value"] for row in tables(await made(filled))["outcomes"]["rows"]}
        assert (rows["registered"], rows["agreed"], rows["failed"], rows["performed"]) == (8, 2, 0, 0)
        assert not any("化解" in row["name"] for row in tables(await made(filled))["outcomes"]["rows"])

    async def test_a_spotless_record_prompts_a_review(self, client: httpx.AsyncClient) -> None:
        for number in range(count_rules().review_least):
            ticket = await opened(client, sender=f"a-{number}")
            await move(client, ticket["no"], "accept", "start_mediation", "agree")
        said = "".join(s for section in (await made(client))["sections"] for s in section["sentences"])
        assert "抽查案卷" in said
        await move(client, (await opened(client, sender="b"))["no"], "refuse")
        said = "".join(s for section in (await made(client))["sections"] for s in section["sentences"])
        assert "抽查案卷" not in said

    async def test_the_gaps_of_the_committees_stand_in_it(self, client: httpx.AsyncClient) -> None:
        report = await made(client)
        names = [row["name"] for row in tables(report)["committees"]["rows"]]
        assert "东沟村人民调解委员会" in names
        assert not [name for name in names if "仲裁" in name]
        said = "".join(s for section in report["sections"] for s in section["sentences"])
        assert "/api/" not in said

    async def test_nothing_small_leaves_the_staff_side(self, filled: httpx.AsyncClient) -> None:
        report = await made(filled, audience="public")
        assert [cell for cell in cells(report) if cell["query"]] == []
        table = tables(report)["category"]
        rows = {row["key"]: row["cells"] for row in table["rows"]}
        accepted = [column["code"] for column in table["columns"]].index("accepted")
        assert rows["total"][accepted] == {"value": None, "query": "", "hidden": True}
        overview = {row["key"]: row["cells"][0] for row in tables(report)["overview"]["rows"]}
        assert overview["registered"]["value"] == 8
        assert overview["agreed"]["hidden"]

    async def test_one_counts_only_what_one_may_see(self, filled: httpx.AsyncClient) -> None:
        await opened(filled, sender="x", place={"town": "白桦镇", "village": "河湾村", "group": "一组"})
        for username, expected in (("admin", 9), ("qingshi_leader", 8)):
            answer = await filled.get(f"{URL}/month?period=2026-11", headers=as_staff(username))
            overview = tables(answer.json())["overview"]["rows"]
            assert overview[0]["cells"][0]["value"] == expected


class TestFormats:
    async def test_the_workbook_has_the_same_numbers(self, filled: httpx.AsyncClient) -> None:
        report = await made(filled)
        answer = await filled.get(f"{URL}/month?period=2026-11&format=xlsx")
        assert "filename*=UTF-8''" in answer.headers["content-disposition"]
        book = load_workbook(io.BytesIO(answer.content))
        for table in tables(report).values():
            rows = list(book[table["title"]].iter_rows(values_only=True))[1:]
            for row, found in zip(table["rows"], rows, strict=False):
                shown = [row["name"], *("—" if c["value"] is None else c["value"] for c in row["cells"])]
                assert list(found)[: len(shown)] == shown

    @pytest.mark.parametrize(
        ("path", "error"),
        [
            ("month?period=十月", "bad_period"),
            ("month?period=2026-W41", "bad_period"),
            ("weather?period=2026-10", "unknown_report"),
        ],
    )
    async def test_what_makes_no_report(self, client: httpx.AsyncClient, path: str, error: str) -> None:
        answer = await client.get(f"{URL}/{path}")
        assert (answer.status_code, answer.json()["error"]) == (422, error)

    async def test_only_staff(self, client: httpx.AsyncClient) -> None:
        assert (await client.get(f"{URL}/month?period=2026-11", headers={"Authorization": ""})).status_code == 401

    @pytest.mark.parametrize("query", ["measure=resolved&period=2026-11", "measure=agreed", "period=2026-11"])
    async def test_queries_that_mean_nothing(self, client: httpx.AsyncClient, query: str) -> None:
        assert (await client.get(f"/api/v1/tickets?{query}")).status_code == 422


@pytest.mark.parametrize(("kind", "period"), [("day", "2026-11-20"), ("week", "2026-W47")])
async def test_short_reports(filled: httpx.AsyncClient, kind: str, period: str) -> None:
    found = tables(await made(filled, kind, period=period))
    assert found["overview"]["rows"][0]["cells"][0]["value"] == 8
    assert {row["name"] for row in found["town"]["rows"]} == {"青石镇", "合计"}


async def test_the_work_beside_tickets_is_counted_with_its_records(site: Site) -> None:
    fields = {"period": "monthly", "starts": "2026-01-01", "ends": "2026-01-31"}
    body = {"place": {"town": "青石镇", "village": "东沟村"}, "fields": fields}
    swept = await site.http.post("/api/v1/work/sweep", json=body, headers=site.staff("donggou_director"))
    month = swept.json()["day"][:7]
    for username, expected in (("donggou_director", 1), ("xigou_director", 0)):
        answer = await site.http.get(f"{URL}/month?period={month}", headers=site.staff(username))
        rows = {row["key"]: row["cells"] for row in tables(answer.json())["work"]["rows"]}
        assert [cell["value"] for cell in rows["sweep"]] == [expected] * 3
        for cell in (rows["sweep"][0], rows["sweep"][2]):
            listed = (await site.http.get(cell["query"], headers=site.staff(username))).json()
            assert len(listed["records"]) == expected
        assert set(rows) == set(count_rules().content["work_counted"])


class TestFlow:
    async def test_a_row_for_every_passing_on(self, client: httpx.AsyncClient) -> None:
        ticket = await opened(client, sender="f")
        note = {"note": "说了几次不成，电话13812345678"}
        for one in ("accept", "start_mediation", "record_failure", "escalate", "accept"):
            assert (await client.post(f"/api/v1/tickets/{ticket['no']}/{one}", json=note)).status_code == 200
        table = tables(await made(client, "flow"))["flow"]
        codes = [column["code"] for column in table["columns"]]
        [row] = [dict(zip(codes, (c["value"] for c in row["cells"]), strict=True)) for row in table["rows"]]
        assert (row["sender"], row["receiver"]) == ("东沟村一组网格工作站", "东沟村人民调解委员会")
        assert (row["move"], row["status"], row["accepted"]) == ("上报", "已受理", "2026-11-20")
        assert row["reason"] == "说了几次不成，电话〔电话〕"
        assert table["rows"][0]["cells"][0]["query"] == f"/api/v1/tickets/{ticket['no']}"

    async def test_what_nobody_took_is_waiting(self, client: httpx.AsyncClient) -> None:
        ticket = await opened(client, sender="f")
        body = {"note": "应当由司法所办", "organisation": "青石镇司法所"}
        await client.post(f"/api/v1/tickets/{ticket['no']}/transfer", json=body)
        row = tables(await made(client, "flow"))["flow"]["rows"][0]
        assert [cell["value"] for cell in row["cells"]][5:9] == [
            "转办",
            "东沟村一组网格工作站",
            "青石镇司法所",
            "待接收",
        ]


NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# Dates are named as dates, not counted.
DATED = re.compile(r"\d+年(?:\d+月)?")


class TestAnalysis:
    async def test_no_sentence_says_a_number_that_no_table_has(self, filled: httpx.AsyncClient) -> None:
        report = await made(filled, "analysis")
        known = {cell["value"] for cell in cells(report)}
        overview = {row["key"]: [c["value"] for c in row["cells"]] for row in tables(report)["overview"]["rows"]}
        places = [[c["value"] for c in row["cells"]] for row in tables(report)["places"]["rows"]]
        for now, *past in (*overview.values(), *places):
            known |= {abs(now - before) for before in past}
        rules = count_rules()
        known |= {rules.small_cell, rules.content["analysis"]["repeated_from"]}
        known |= {len(table["rows"]) for table in tables(report).values()}
        said = [sentence for section in report["sections"] for sentence in section["sentences"]]
        numbers = {float(n.replace(",", "")) for one in said for n in NUMBER.findall(DATED.sub("", one))}
        assert len(numbers) > 3
        assert {one for one in numbers if one not in known} == set()

    async def test_respondents_are_organisations_never_persons(self, client: httpx.AsyncClient) -> None:
        for number in range(4):
            company = {"name": "某建筑公司", "kind": "company"}
            await opened(client, sender=f"c-{number}", category="labor", subcategory="unpaid_wages", respondent=company)
            person = {"name": "被申请人某某", "kind": "person"}
            facts = {"respondent_org": "被申请人某某"}
            await opened(client, sender=f"p-{number}", respondent=person, facts=facts)
        report = await made(client, "analysis")
        assert [row["name"] for row in tables(report)["organisations"]["rows"]] == ["某建筑公司"]
        assert "某某" not in json.dumps(report, ensure_ascii=False)

    async def test_it_is_for_inside_only(self, client: httpx.AsyncClient) -> None:
        answer = await client.get(f"{URL}/analysis?period=2026-11&audience=public")
        assert (answer.status_code, answer.json()["error"]) == (422, "no_public_version")


async def test_small_places_are_hidden_even_from_staff(filled: httpx.AsyncClient) -> None:
    await opened(filled, sender="x", place={"town": "白桦镇", "village": "河湾村", "group": "一组"})
    found = tables(await made(filled, "heat"))
    shown = [cell["value"] for table in found.values() for row in table["rows"] for cell in row["cells"]]
    assert all(value is None or value == 0 or value >= count_rules().small_cell for value in shown)
    assert "village.白桦镇" not in found


@pytest.mark.parametrize("kind", ["month", "flow", "analysis", "heat"])
async def test_the_document_has_the_same_numbers(filled: httpx.AsyncClient, kind: str) -> None:
    report = await made(filled, kind)
    answer = await filled.get(f"{URL}/{kind}?period=2026-11&format=docx")
    written = Document(io.BytesIO(answer.content))
    texts = [[[cell.text for cell in row.cells] for row in table.rows[1:]] for table in written.tables]
    for table, lines in zip(tables(report).values(), texts, strict=True):
        for row, line in zip(table["rows"], lines, strict=True):
            assert [row["name"], *(plain(cell) for cell in row["cells"])] == line
    charts = sum(len(section["charts"]) for section in report["sections"])
    assert len(written.inline_shapes) == (charts if chinese_font() else 0)


def plain(cell: dict[str, Any]) -> str:
    """As people write it: 1,234.5, ＊ for what is hidden, — for nothing."""
    value = cell["value"]
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, int):
        return f"{value:,}"
    return value or ("＊" if cell["hidden"] else "—")
