"""Calculators over HTTP and from the command line."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api import cli
from tests.http.site import Site, check_error

BASE = "/api/v1/calculators"


async def post(site: Site, path: str, body: Any) -> dict[str, Any]:
    answer = await site.http.post(f"{BASE}/{path}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_list_says_what_each_takes(site: Site) -> None:
    listed = {one["code"]: one for one in (await site.http.get(BASE)).json()["calculators"]}
    assert len(listed) == 12
    fields = {one["id"]: one for one in listed["litigation_fee"]["fields"]}
    assert fields["kind"]["required"]
    assert {"value": "divorce", "label": "离婚"} in fields["kind"]["choices"]
    assert fields["amount"]["unit"] == "元"


async def test_a_result_shows_formula_basis_and_rights(site: Site) -> None:
    answer = await post(site, "severance", {"facts": {"worked": 38, "monthly_wage": 4500}})
    result = answer["result"]
    assert result["amounts"][0] == {"label": "经济补偿（N）", "value": 15750.0, "high": None, "unit": "元"}
    assert result["estimate"] == "估算"
    assert {"id": "劳动合同法#第四十七条", "effective": "2013-07-01"} in result["basis"]
    for words in ("3.5×4500＝15750元", "估算", "《劳动合同法》第四十七条", "向法院起诉"):
        assert words in result["text"]


async def test_what_is_missing_is_asked_one_at_a_time(site: Site) -> None:
    answer = await post(site, "severance", {"facts": {"monthly_wage": 4500}})
    assert (answer["result"], answer["ask"]["id"]) == (None, "worked")
    clock = await post(site, "limitation", {"facts": {"kind": "appeal_judgment"}})
    assert "判决书" in clock["ask"]["question"]


async def test_the_holiday_calendar_moves_the_last_day(site: Site) -> None:
    facts = {"kind": "appeal_judgment", "start": "2025-09-16"}  # 1 October 2025 lies in an eight-day holiday
    assert (await post(site, "limitation", {"facts": facts}))["result"]["days"] == {"最后一天": "2025-10-09"}


async def test_answers_and_messages_are_read(site: Site) -> None:
    said = await post(site, "severance/answer", {"field": "monthly_wage", "text": "四千五"})
    assert said == {"facts": {"monthly_wage": 4500}}
    entities = [{"entity": "duration", "value": {"months": 38}, "text": "3年零2个月"}]
    told = await post(site, "severance/prefill", {"text": "干了3年零2个月,月4500", "entities": entities})
    assert told == {"facts": {"worked": 38, "monthly_wage": 4500}}


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("nothing", {"facts": {}}, 404, "not_found"),
        ("severance", {"facts": {"worked": -1}}, 422, "bad_fact"),
        ("severance", {"facts": {"worked": 1, "x": 1}}, 422, "bad_fact"),
        ("severance", {"facts": [1]}, 422, "invalid_request"),
        ("severance/answer", {"field": "worked", "text": "记不得"}, 422, "bad_fact"),
        ("severance/answer", {"field": "x", "text": "一"}, 404, "not_found"),
        ("severance/answer", {"field": "worked", "text": ""}, 422, "invalid_request"),
    ],
)
async def test_refusals(site: Site, path: str, body: Any, status: int, code: str) -> None:
    check_error(await site.http.post(f"{BASE}/{path}", json=body), status, code)


def fengqiao(tmp_path: Path, *words: str) -> tuple[int, str]:
    environment = {"FENGQIAO_HOME": str(tmp_path), "FENGQIAO_CLOCK": "2026-11-25T09:00:00+08:00"}
    done = CliRunner().invoke(cli.app, ["calc", *words], env=environment)
    return done.exit_code, done.output


def test_from_the_command_line(tmp_path: Path) -> None:
    assert "litigation_fee" in fengqiao(tmp_path)[1]
    code, text = fengqiao(tmp_path, "litigation_fee", "kind=property", "amount=100000")
    assert (code, "2300元" in text) == (0, True)
    assert "worked=" in fengqiao(tmp_path, "severance", "monthly_wage=4500")[1]
    assert "不能是负数" in fengqiao(tmp_path, "severance", "worked=-1")[1]
    assert "名称=值" in fengqiao(tmp_path, "severance", "worked")[1]


def test_the_countys_own_figures_are_used_with_date_and_source(tmp_path: Path) -> None:
    own = "figures: {lpr_one_year: {values: [{from: 2025-11-20, value: 3, source: 公告}]}}\n"
    (tmp_path / "local_figures.yml").write_text(own, encoding="utf8")
    text = fengqiao(tmp_path, "loan_interest", "principal=100000", "months=12")[1]
    assert "12000元" in text
    assert "2025-11-20起，来源：公告" in text
