"""Papers over HTTP: drafts, links, tickets, and who sees what; and from the command line."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from docx import Document
from typer.testing import CliRunner

from api import cli, main
from api.services.papers import SALT
from tests.http.site import SECRET, Site, check_error, one_library, running

BASE = "/api/v1/papers"
IOU = {"borrower": "借款人", "lender": "出借人", "amount": 30_000, "method": "cash", "due_on": "2027-01-01", "rate": 0}


def words(content: bytes) -> str:
    return "\n".join(one.text for one in Document(io.BytesIO(content)).paragraphs)


async def make(site: Site, code: str, body: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
    answer = await site.http.post(f"{BASE}/{code}", json=body, headers=headers or site.tool)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_the_list_names_all_papers_and_their_blanks(site: Site) -> None:
    listed = (await site.http.get(BASE)).json()["papers"]
    assert len(listed) == 13
    assert all(one["door"] and one["fields"] for one in listed)


async def test_a_draft_is_read_back_and_fetched_without_logging_in(site: Site) -> None:
    made = await make(site, "iou", {"fields": IOU})
    assert made["missing"] == []
    for part in ("借款金额：30000元", "还空着的", "亲笔签名"):
        assert part in made["read_back"]
    fetched = await site.http.get(made["link"]["url"])
    assert fetched.status_code == 200
    assert "no-store" in fetched.headers["cache-control"]
    assert ".docx" in fetched.headers["content-disposition"]
    text = words(fetched.content)
    assert "大写：叁万元整" in text
    assert "（待填：借款日期）" in text


async def test_a_public_address_makes_the_link_whole(
    tmp_path: Path, seeded_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "open_library", one_library)
    async with running(tmp_path, seeded_file, public_url="https://fengqiao.example.org/") as site:
        made = await make(site, "iou", {"fields": IOU})
        assert made["link"]["url"].startswith("https://fengqiao.example.org/papers/")


async def test_what_is_missing_is_told_and_may_stay_open(site: Site) -> None:
    made = await make(site, "iou", {"fields": {"lender": "出借人"}})
    assert made["ask"]["id"] == "borrower"
    assert "（待填：借款人姓名）" in words((await site.http.get(made["link"]["url"])).content)


async def test_reading_stores_nothing_and_answers_are_read(site: Site) -> None:
    read = await site.http.post(f"{BASE}/iou/read", json={"facts": {"amount": "3万"}})
    check_error(read, 422, "bad_fact")
    answer = await site.http.post(f"{BASE}/iou/answer", json={"field": "amount", "text": "三万"})
    assert answer.json() == {"facts": {"amount": 30_000}}


async def test_only_callers_we_know_may_keep_a_draft(site: Site) -> None:
    check_error(await site.http.post(f"{BASE}/iou", json={"fields": IOU}), 401)
    check_error(await site.http.post(f"{BASE}/nothing", json={"fields": {}}, headers=site.tool), 404)
    check_error(await site.http.post(f"{BASE}/iou", json={"fields": {"x": "1"}}, headers=site.tool), 422, "bad_fact")


@pytest.mark.parametrize("token", ["x", "abc.def", "..%2F..%2Fdesk.db", "é"])
async def test_a_forged_link_opens_nothing(site: Site, token: str) -> None:
    assert (await site.http.get(f"/papers/{token}")).status_code == 404


async def test_a_link_of_another_secret_opens_nothing(site: Site) -> None:
    from itsdangerous import URLSafeSerializer

    made = await make(site, "iou", {"fields": IOU})
    forged = URLSafeSerializer("another", salt=SALT).dumps(made["id"])
    check_error(await site.http.get(f"/papers/{forged}"), 404)
    other_use = URLSafeSerializer(SECRET, salt="staff-login").dumps(made["id"])
    check_error(await site.http.get(f"/papers/{other_use}"), 404)


async def test_a_link_ends_with_its_time(site: Site) -> None:
    made = await make(site, "iou", {"fields": IOU})
    site.app.state.settings.clock = (site.now() + timedelta(hours=49)).isoformat()
    check_error(await site.http.get(made["link"]["url"]), 404)


async def test_a_ticket_fills_what_the_caller_may_see(site: Site) -> None:
    parties = {"applicant": {"name": "申请人", "phone": "13800000000"}, "respondent": {"name": "邻居"}}
    no = await site.open_ticket(**parties)
    made = await make(site, "mediation_application", {"ticket": no}, site.staff("donggou1_grid"))
    assert made["facts"]["applicant"] == "申请人"
    assert made["facts"]["applicant_phone"] == "13800000000"
    assert made["facts"]["respondent"] == "邻居"
    assert "滴水檐" in made["facts"]["facts"]
    assert made["facts"]["committee"] == "东沟村人民调解委员会"
    given = await make(site, "mediation_application", {"ticket": no, "fields": {"applicant": "别名"}})
    assert given["facts"]["applicant"] == "别名"


async def test_somebody_elses_ticket_is_not_there(site: Site) -> None:
    no = await site.open_ticket()
    body = {"ticket": no}
    stranger = await site.http.post(
        f"{BASE}/mediation_application", json=body, headers=site.actions, params={"channel": "web", "sender": "other"}
    )
    check_error(stranger, 404)
    check_error(await site.http.post(f"{BASE}/iou", json=body, headers=site.staff("xigou1_grid")), 404)


async def test_protection_order_says_safety_first(site: Site) -> None:
    made: httpx.Response = await site.http.post(f"{BASE}/protection_order/read", json={"facts": {}})
    assert made.json()["safety"].startswith("先说要紧的：您现在安全吗？")


def test_from_the_command_line(tmp_path: Path) -> None:
    environment = {"FENGQIAO_HOME": str(tmp_path)}
    out = tmp_path / "借条.docx"
    run = CliRunner()
    assert "civil_complaint" in run.invoke(cli.app, ["paper"], env=environment).output
    done = run.invoke(cli.app, ["paper", "iou", "--out", str(out), "lender=出借人", "amount=30000"], env=environment)
    assert done.exit_code == 0, done.output
    assert "出借人" in words(out.read_bytes())
    assert "borrower=" in done.output
