"""随手调: one form on a phone, offline or not, becomes one closed ticket of the simple kind."""

import base64
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from tests.http.site import NEIGHBOUR, WEDNESDAY, Site, check_error, parsed

QUICK = "/api/v1/quick-mediations"
GRID = "donggou1_grid"
START = datetime.fromisoformat(WEDNESDAY).astimezone(UTC)


def entry(id: str = "phone-0001", **changed: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": id,
        "at": (START - timedelta(hours=3)).isoformat(),
        "what": "两家因为院墙滴水吵起来",
        "result": "agreed",
        "outcome": "一方三天内改檐口，另一方不再堵水沟",
        "category": "neighbor",
        "subcategory": "boundary",
        "applicant": {"name": "东沟村一组甲户"},
        "respondent": {"name": "东沟村一组乙户"},
        "facts": {"parties_same_group": True},
    }
    return made | changed


async def sync(site: Site, *entries: dict[str, Any], username: str = GRID) -> list[dict[str, Any]]:
    answer = await site.http.post(QUICK, json={"entries": list(entries)}, headers=site.staff(username))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


async def ticket(site: Site, no: str, username: str = GRID) -> dict[str, Any]:
    found: dict[str, Any] = (await site.http.get(f"/api/v1/tickets/{no}", headers=site.staff(username))).json()
    return found


def signature(shade: int) -> str:
    out = io.BytesIO()
    Image.new("L", (60, 20), shade).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


async def test_a_matter_settled_on_the_spot_is_a_closed_ticket(site: Site) -> None:
    [done] = await sync(site, entry())
    assert done["state"] == "closed", done
    found = await ticket(site, done["no"])
    assert (found["status"], found["outcome"], found["tier"], found["complexity"]) == (
        "closed",
        "agreed",
        "group",
        "simple",
    )
    assert found["organisation"]["name"] == "东沟村一组网格工作站"
    assert found["mediator"]["name"] == "东沟村一组网格员"
    assert found["place"]["label"] == "青石镇东沟村一组"
    moves = [one["move"] for one in found["events"]]
    assert [one for one in moves if one != "record"] == [
        "submit",
        "accept",
        "start_mediation",
        "record_agreement",
        "close",
    ]
    kept = (await site.http.get(f"/api/v1/tickets/{done['no']}/records?kind=agreement", headers=site.tool)).json()
    assert (kept[0]["state"], kept[0]["values"]["form"], kept[0]["values"]["terms"]) == (
        "effective",
        "oral",
        entry()["outcome"],
    )
    assert found["opened_at"][:16] == entry()["at"][:16]
    genuine = await site.http.get(f"/api/v1/tickets/{done['no']}/integrity", headers=site.tool)
    assert genuine.json() == {"genuine": True}


async def test_an_offline_phone_may_send_the_same_batch_again(site: Site) -> None:
    batch = [entry("phone-0001"), entry("phone-0002", result="failed"), entry("phone-0003", result="refused")]
    first = await sync(site, *batch)
    assert [one["state"] for one in first] == ["closed", "failed", "refused"]
    assert await sync(site, *reversed(batch)) == list(reversed(first))
    listed = (await site.http.get("/api/v1/tickets?channel=quick", headers=site.tool)).json()["tickets"]
    assert len(listed) == 3
    [changed] = await sync(site, batch[0] | {"outcome": "改成别的"})
    assert (changed["state"], changed["error"]) == ("error", "key_reused")
    failed = await ticket(site, first[1]["no"])
    assert "escalate" in failed["moves"]
    notes = await site.http.get(f"/api/v1/tickets/{failed['no']}/records?kind=rights_notice", headers=site.staff(GRID))
    assert "起诉" in notes.text


async def test_one_bad_entry_leaves_the_others_alone(site: Site) -> None:
    late = (START - timedelta(days=31)).isoformat()
    ahead = (START + timedelta(hours=1)).isoformat()
    results = await sync(
        site,
        entry("phone-0001", at=late),
        entry("phone-0002", at=ahead),
        entry("phone-0003", result="perfect"),
        entry("phone-0004", category="nonsense"),
        entry("phone-0005", outcome=""),
        entry("phone-0006", facts={"score": 3}),
        entry("phone-0007", outcome="以后不得去法院起诉"),
        entry("phone-0008"),
    )
    assert [one["error"] for one in results] == [
        "too_old",
        "in_the_future",
        "unknown_result",
        "unknown_category",
        "outcome_required",
        "unknown_fact",
        "forbidden_terms",
        None,
    ]


async def test_what_is_not_small_goes_where_it_belongs(site: Site) -> None:
    large = entry("phone-0001", category="land_forest", subcategory="", facts={"parties_same_group": False})
    other = entry("phone-0002", place={"town": "青石镇", "village": "西沟村", "group": "二组"})
    danger = entry("phone-0003", what="他拿刀要砍人，我劝住了")
    kin = entry("phone-0004", respondent={"name": "东沟村一组网格员"})
    results = await sync(site, large, other, danger, kin)
    assert [one["state"] for one in results] == ["routed", "routed", "protective", "routed"]
    moved = await ticket(site, results[0]["no"])
    assert (moved["status"], moved["organisation"]["name"]) == ("submitted", "东沟村人民调解委员会")
    assert (await ticket(site, results[2]["no"]))["protective"]
    assert "不要自己去调解" in results[2]["text"]
    assert await sync(site, large) == results[:1]


async def test_signatures_are_kept_as_evidence_before_it_closes(site: Site) -> None:
    signed = [{"who": "applicant", "png": signature(10)}, {"who": "respondent", "png": signature(200)}]
    [done] = await sync(site, entry(signatures=signed))
    kept = await site.http.get(f"/api/v1/tickets/{done['no']}/evidence", headers=site.staff(GRID))
    assert [one["name"] for one in kept.json()] == ["申请人签名.png", "对方签名.png"]
    body = {"entries": [entry("phone-0009", signatures=[{"who": "applicant", "png": "%%%"}])]}
    check_error(await site.http.post(QUICK, json=body, headers=site.staff(GRID)), 422, "broken_image")


async def test_the_triage_names_the_category_that_nobody_chose(site: Site) -> None:
    [done] = await sync(site, entry(category="", subcategory=""))
    assert (await ticket(site, done["no"]))["category"] == "neighbor"


async def test_a_voice_note_fills_the_form(site: Site) -> None:
    text = "青石镇东沟村一组两家院墙滴水，没谈成"
    site.rasa.parses[text] = parsed(text, triage=NEIGHBOUR)
    answer = await site.http.post(f"{QUICK}/read", json={"text": text}, headers=site.staff(GRID))
    assert answer.json() == {
        "category": "neighbor",
        "subcategory": "boundary",
        "crisis": None,
        "place": {"town": "青石镇", "village": "东沟村", "group": "一组"},
        "result": "failed",
    }


async def test_only_who_mediates_on_the_ground_records_it(site: Site) -> None:
    body = {"entries": [entry()]}
    for username in ("qingshi_sifa1", "supervisor", "qingshi_police"):
        check_error(await site.http.post(QUICK, json=body, headers=site.staff(username)), 403, "forbidden")
    check_error(await site.http.post(QUICK, json=body, headers=site.tool), 403, "forbidden")
    check_error(await site.http.post(QUICK, json=body), 401)
    wrong = {"entries": [entry(id="short")]}
    check_error(await site.http.post(QUICK, content=json.dumps(wrong), headers=site.staff(GRID)), 422)


async def test_the_phone_page_and_its_worker_keep_to_themselves(site: Site) -> None:
    page = await site.http.get("/console/quick", headers=site.staff(GRID))
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "<script src=" in page.text
    assert "<script>" not in page.text
    worker = await site.http.get("/console/quick-worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert (await site.http.get("/console/quick")).status_code == 303
