"""The subsidy ledger and the case review over HTTP."""

from tests.http.site import Site, check_error
from tests.services.closed_files import close_files

SUBSIDIES, REVIEWS = "/api/v1/subsidies", "/api/v1/case-reviews"
MONTH = {"town": "青石镇", "period": "2026-10"}


async def test_a_month_is_proposed_called_and_paid(site: Site) -> None:
    await close_files(site.app.state.runtime.database, "东沟村", 4, mediators=2)
    office, mediator = site.staff("qingshi_sifa1"), site.staff("donggou_women")
    made = await site.http.post(SUBSIDIES, json=MONTH, headers=office)
    assert made.status_code == 201, made.text
    assert made.json()["totals"] == {"proposed": {"files": 4, "yuan": 480}}
    check_error(await site.http.post(SUBSIDIES, json=MONTH, headers=office), 409, "already_proposed")
    mine = (await site.http.get(f"{SUBSIDIES}?own=true", headers=mediator)).json()["files"]
    assert [(one["grade_zh"], one["yuan"], one["status_zh"], one["call"]) for one in mine] == [
        ("复杂", 120, "待发放", None)
    ] * 2
    files = (await site.http.get(SUBSIDIES, headers=office)).json()["files"]
    pending = [one["id"] for one in files if one["call"] == "pending"]
    assert len(pending) == 3
    day = MONTH | {"paid_on": "2026-11-20"}
    check_error(await site.http.post(f"{SUBSIDIES}/pay", json=day, headers=office), 409, "call_pending")
    for id in pending:
        await site.http.post(f"{SUBSIDIES}/{id}/call-back", json={"result": "ok"}, headers=office)
    check_error(
        await site.http.post(f"{SUBSIDIES}/{pending[0]}/call-back", json={"result": "great"}, headers=office), 422
    )
    assert (await site.http.post(f"{SUBSIDIES}/pay", json=day, headers=office)).json() == {"paid": 4}
    paid = (await site.http.get(f"{SUBSIDIES}?own=true", headers=mediator)).json()["files"]
    assert {one["paid_on"] for one in paid} == {"2026-11-20"}
    check_error(
        await site.http.post(f"{SUBSIDIES}/{pending[0]}/decision", json={"release": True, "note": "x"}, headers=office),
        409,
        "not_held",
    )


async def test_a_review_is_drawn_and_read_blind(site: Site) -> None:
    await close_files(site.app.state.runtime.database, "东沟村", 4)
    office = site.staff("qingshi_sifa1")
    drawn = await site.http.post(REVIEWS, json=MONTH, headers=office)
    assert (drawn.status_code, drawn.json()) == (201, {"reading": 1})
    sheet = (await site.http.get(f"{REVIEWS}/sheet", headers=office)).json()
    assert (len(sheet), sum(one["most"] for one in sheet)) == (7, 100)
    points = {one["code"]: one["most"] for one in sheet}
    readers = []
    for username in ("qingshi_sifa1", "qingshi_sifa2", "qingshi_leader", "qingshi_mediator1", "qingshi_mediator2"):
        found = (await site.http.get(f"{REVIEWS}?own=true", headers=site.staff(username))).json()
        readers += [(username, one["id"]) for one in found]
    for username, id in readers[:1]:
        headers = site.staff(username)
        answer = await site.http.post(f"{REVIEWS}/{id}/sheet", json={"points": points}, headers=headers)
        assert (answer.json()["handed_in"], answer.json()["status"]) == (True, "reading")
    for username, _ in readers[1:]:
        [other] = (await site.http.get(f"{REVIEWS}?own=true", headers=site.staff(username))).json()
        assert (other["sheets"], other["handed_in"], other["score"]) == ([], False, None)
    assert (await site.http.get(REVIEWS, headers=site.staff("baihua_leader"))).json() == []
    check_error(await site.http.get(REVIEWS), 401)
