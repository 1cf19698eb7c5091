"""Routing preview, places and questions over HTTP."""

from typing import Any

import httpx
import pytest

PREVIEW = "/api/v1/routing/preview"
KEYS = {
    "tier",
    "organisation",
    "mediator",
    "mediable",
    "complexity",
    "warning_level",
    "due",
    "reasons",
    "flags",
    "rejected",
}


async def test_preview_has_the_promised_shape(client: httpx.AsyncClient) -> None:
    facts = {"category": "labor", "subcategory": "unpaid_wages", "town": "青石镇", "people_involved": 12}
    answer = (await client.post(PREVIEW, json={"facts": facts})).json()
    assert set(answer) >= KEYS
    assert answer["organisation"]["kind"] == "specialist_committee"
    assert {"batch", "specialist", "labour_inspection", "legal_aid"} <= set(answer["flags"])
    assert any("十人以上" in reason for reason in answer["reasons"])


async def test_preview_of_the_village_that_took_the_land(client: httpx.AsyncClient) -> None:
    facts = {"category": "land_forest", "subcategory": "reclaim_adjust", "town": "青石镇", "village": "东沟村"}
    answer = (await client.post(PREVIEW, json={"facts": facts})).json()
    assert answer["organisation"]["name"] == "青石镇司法所"
    assert "东沟村人民调解委员会" in {one["organisation"] for one in answer["rejected"]}


async def test_preview_shows_the_door(client: httpx.AsyncClient) -> None:
    answer = (await client.post(PREVIEW, json={"facts": {"category": "criminal", "subcategory": "fraud"}})).json()
    assert (answer["mediable"], answer["tier"]) == (False, None)
    assert answer["referral"]["door"]


@pytest.mark.parametrize("facts", [{}, {"category": "neighbor", "colour": 1}, {"category": "neighbor", "injury": "x"}])
async def test_preview_refuses_nonsense(client: httpx.AsyncClient, facts: dict[str, Any]) -> None:
    answer = await client.post(PREVIEW, json={"facts": facts})
    assert answer.status_code == 422
    assert set(answer.json()) - {"field"} == {"error", "detail"}


async def test_place(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/api/v1/places/match", params={"text": "我住东沟一组"})).json()
    assert answer["place"] == {
        "county": "清和县",
        "town": "青石镇",
        "village": "东沟村",
        "group": "一组",
        "label": "青石镇东沟村一组",
    }


async def test_questions_are_few_and_typed(client: httpx.AsyncClient) -> None:
    params = {"category": "labor", "subcategory": "unpaid_wages"}
    questions = (await client.get("/api/v1/questions", params=params)).json()["questions"]
    assert 0 < len(questions) <= 5
    assert {"key": "people", "fact": "people_involved", "type": "number"}.items() <= questions[0].items()
    assert (await client.get("/api/v1/questions", params={"category": "weather"})).status_code == 404
