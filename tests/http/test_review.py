"""A sentence the bot was unsure of waits for a reviewer, masked, and becomes training data once labelled."""

from pathlib import Path

import yaml

from api.services.review import export
from tests.http.site import NEIGHBOUR, WALL, Site, check_error, parsed

REVIEW, ASK = "/api/v1/review", "/api/v1/ask"
UNSURE = NEIGHBOUR | {"confidence": 0.41, "alternatives": [{**NEIGHBOUR, "category": "labor", "confidence": 0.3}]}
VAGUE = "这个事拖了很久打我电话13800138000"


async def ask(site: Site, text: str, triage: dict[str, object]) -> None:
    answer = await site.http.post(ASK, json={"text": text, "parse": parsed(text, triage=triage)}, headers=site.tool)
    assert answer.status_code == 200


async def test_an_unsure_sentence_queues_once_and_masked(site: Site) -> None:
    for _ in range(2):
        await ask(site, VAGUE, UNSURE)
    await ask(site, WALL, NEIGHBOUR)
    got = (await site.http.get(REVIEW, headers=site.tool)).json()
    assert got["waiting"] == 1
    assert got["items"][0]["text"] == "这个事拖了很久打我电话〔电话〕"
    assert got["items"][0]["alternatives"] == ["labor.boundary"]


async def test_a_label_is_given_once_and_must_exist(site: Site, tmp_path: Path) -> None:
    await ask(site, VAGUE, UNSURE)
    item = (await site.http.get(REVIEW, headers=site.tool)).json()["items"][0]["id"]
    check_error(
        await site.http.post(f"{REVIEW}/{item}", json={"label": "x.y"}, headers=site.tool), 422, "unknown_label"
    )
    done = await site.http.post(f"{REVIEW}/{item}", json={"label": "labor.unpaid_wages"}, headers=site.tool)
    assert (done.json()["status"], done.json()["label"]) == ("labelled", "labor.unpaid_wages")
    again = await site.http.post(f"{REVIEW}/{item}", json={"label": None}, headers=site.tool)
    check_error(again, 409, "already_reviewed")
    check_error(await site.http.post(f"{REVIEW}/999", json={"label": None}, headers=site.tool), 404, "not_found")
    target = tmp_path / "reviewed.yml"
    async with site.app.state.runtime.database.reading() as session:
        assert await export(session, target) == 1
    block = yaml.safe_load(target.read_text(encoding="utf-8"))["nlu"][0]
    assert block["metadata"] == {"category": "labor", "subcategory": "unpaid_wages"}
    assert block["examples"] == "- 这个事拖了很久打我电话〔电话〕\n"


async def test_a_correction_queues_however_sure_the_bot_was(site: Site) -> None:
    first = await site.http.post(REVIEW, json={"text": WALL}, headers=site.tool)
    second = await site.http.post(REVIEW, json={"text": WALL}, headers=site.tool)
    assert (first.json(), second.json()) == ({"queued": True}, {"queued": False})


async def test_nobody_from_outside_sees_the_queue(site: Site) -> None:
    check_error(await site.http.get(REVIEW), 401, "unauthenticated")


async def test_a_reviewer_labels_on_the_page(site: Site) -> None:
    await ask(site, VAGUE, UNSURE)
    headers = site.staff("donggou1_grid")
    shown = await site.http.get("/console/review", headers=headers)
    assert "这个事拖了很久打我电话〔电话〕" in shown.text
    item = (await site.http.get(REVIEW, headers=site.tool)).json()["items"][0]["id"]
    done = await site.http.post(f"/console/review/{item}", data={"label": "labor.unpaid_wages"}, headers=headers)
    assert done.status_code == 303
    assert (await site.http.get(REVIEW, headers=site.tool)).json()["waiting"] == 0
