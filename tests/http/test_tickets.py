import asyncio
from typing import Any

import httpx
import pytest

from tests.http.desk_app import INTERNAL, agree, as_staff, bearer

URL = "/api/v1/tickets"
FIELDS = {
    "no",
    "status",
    "category",
    "subcategory",
    "tier",
    "organisation",
    "mediator",
    "complexity",
    "warning_level",
    "flags",
    "reasons",
    "due",
    "parties",
    "events",
    "text",
    "place",
    "channel",
    "rights",
}


def body(**changed: Any) -> dict[str, Any]:
    return {
        "channel": "web",
        "sender": "visitor-1",
        "category": "neighbor",
        "subcategory": "boundary",
        "text": "院墙滴水到我家",
        "place": {"town": "青石镇", "village": "东沟村", "group": "一组"},
        "applicant": {"name": "申请人", "phone": "13800000000"},
        "respondent": {"name": "邻居", "kind": "person"},
        "facts": {"parties_same_group": True},
        "crisis": None,
    } | changed


async def opened(client: httpx.AsyncClient, **changed: Any) -> dict[str, Any]:
    response = await client.post(URL, json=body(**changed))
    assert response.status_code == 201, response.text
    ticket: dict[str, Any] = response.json()
    return ticket


class TestOpen:
    async def test_answers_who_when_why_and_the_rights(self, client: httpx.AsyncClient) -> None:
        ticket = await opened(client)
        assert set(ticket) >= FIELDS
        assert ticket["organisation"]["name"] == "东沟村一组网格工作站"
        assert ticket["due"]["accept"]["text"] == "11月25日（周三）17:30前答复是否受理"
        assert "您也可以直接申请仲裁或向法院起诉" in ticket["rights"]
        assert ticket["reasons"]
        assert [party["role"] for party in ticket["parties"]] == ["applicant", "respondent"]

    async def test_bot_may_leave_things_unknown(self, client: httpx.AsyncClient) -> None:
        nothing = {"town": None, "village": None, "group": None}
        ticket = await opened(client, subcategory=None, place=nothing, applicant=None, respondent=None, facts={})
        assert ticket["organisation"]["name"] == "清和县综治中心"
        assert "nobody_available" in ticket["flags"]

    async def test_idempotency_key(self, client: httpx.AsyncClient) -> None:
        headers = {"Idempotency-Key": "intake:web:visitor-1:m-1"}
        posts = [client.post(URL, json=body(), headers=headers) for _ in range(4)]
        answers = await asyncio.gather(*posts)
        assert len({answer.json()["no"] for answer in answers}) == 1
        other = await client.post(URL, json=body(text="别的事"), headers=headers)
        assert (other.status_code, other.json()["error"]) == (409, "key_reused")

    @pytest.mark.parametrize(
        ("changed", "field", "said"),
        [
            ({"applicant": {"name": "申请人", "phone": "abc"}}, "applicant.phone", "电话"),
            ({"applicant": {"name": "申请人", "phone": "没有电话"}}, "applicant.phone", "电话"),
            ({"respondent": {"name": "邻居", "kind": "alien"}}, "respondent.kind", "类别"),
            ({"facts": {"amount_yuan": -3}}, "amount_yuan", "金额（元）"),
            ({"facts": {"people_involved": "many"}}, "people_involved", "涉及人数"),
            ({"channel": "pigeon"}, "channel", "渠道"),
            ({"place": {"village": 3}}, "place.village", "村"),
        ],
    )
    async def test_what_is_wrong_is_named(
        self, client: httpx.AsyncClient, changed: dict[str, Any], field: str, said: str
    ) -> None:
        """For programs by its path, for people in Chinese."""
        answer = await client.post(URL, json=body(**changed))
        assert (answer.status_code, answer.json().get("field")) == (422, field)
        assert f"“{said}”" in answer.json()["detail"]
        assert field not in answer.json()["detail"]

    @pytest.mark.parametrize("phone", ["138-0000-0001", "+86 138 0000 0001", "0571-88880000", "88880000", "12345", ""])
    async def test_numbers_as_people_write_them(self, client: httpx.AsyncClient, phone: str) -> None:
        await opened(client, applicant={"name": "申请人", "phone": phone})

    async def test_danger_does_not_wait_for_a_better_number(self, client: httpx.AsyncClient) -> None:
        await opened(client, crisis="weapon_threat", applicant={"name": "申请人", "phone": "abc"})

    async def test_crisis_is_protective(self, client: httpx.AsyncClient) -> None:
        ticket = await opened(client, crisis="weapon_threat")
        assert ticket["protective"]
        assert "crisis" in ticket["flags"]
        assert ticket["organisation"]["kind"] == "police_station"

    async def test_not_mediable_is_422_with_the_door(self, client: httpx.AsyncClient) -> None:
        answer = await client.post(URL, json=body(category="administrative", subcategory="penalty"))
        assert (answer.status_code, answer.json()["error"]) == (422, "not_mediable")
        assert "行政复议" in answer.json()["detail"]

    @pytest.mark.parametrize(
        "changed",
        [{"category": "weather"}, {"facts": {"colour": "红"}}, {"text": ""}, {"channel": "pigeon"}, {"extra": 1}],
    )
    async def test_nonsense_is_422(self, client: httpx.AsyncClient, changed: dict[str, Any]) -> None:
        answer = await client.post(URL, json=body(**changed))
        assert answer.status_code == 422
        assert set(answer.json()) - {"field"} == {"error", "detail"}


class TestMoves:
    async def test_life_of_a_ticket(self, client: httpx.AsyncClient) -> None:
        no = (await opened(client))["no"]
        for move, status in (
            ("accept", "accepted"),
            ("start_mediation", "mediating"),
            ("agree", "agreed"),
            ("close", "closed"),
        ):
            if move == "agree":
                await agree(client, no)
            else:
                await client.post(f"{URL}/{no}/{move}", json={"note": "办理"})
            assert (await client.get(f"{URL}/{no}")).json()["status"] == status
        assert (await client.get(f"{URL}/{no}/integrity")).json() == {"genuine": True}

    async def test_forbidden_move_is_409_and_changes_nothing(self, client: httpx.AsyncClient) -> None:
        ticket = await opened(client)
        answer = await client.post(f"{URL}/{ticket['no']}/record_agreement")
        assert (answer.status_code, answer.json()["error"]) == (409, "transition_not_allowed")
        assert (await client.get(f"{URL}/{ticket['no']}")).json()["events"] == ticket["events"]

    async def test_no_agreement_without_its_record(self, client: httpx.AsyncClient) -> None:
        no = (await opened(client))["no"]
        for move in ("accept", "start_mediation"):
            ticket = (await client.post(f"{URL}/{no}/{move}")).json()
        missing = [{"kind": "agreement", "zh": "调解协议", "states": ["effective"]}]
        assert "record_agreement" not in ticket["moves"]
        [waiting] = [one for one in ticket["blocked"] if one["move"] == "record_agreement"]
        assert (waiting["missing"], waiting["basis"][0]) == (missing, "人民调解法#第二十八条")
        refused = await client.post(f"{URL}/{no}/record_agreement", json={"note": "口头说好了"})
        assert (refused.status_code, refused.json()["error"]) == (409, "record_required")
        assert (refused.json()["missing"], refused.json()["detail"]) == (missing, waiting["because"])
        assert "record_agreement" not in refused.json()["allowed"]
        assert (await client.get(f"{URL}/{no}")).json()["events"] == ticket["events"]
        await agree(client, no)
        assert (await client.get(f"{URL}/{no}")).json()["status"] == "agreed"

    async def test_what_is_not_possible_yet_says_why(self, client: httpx.AsyncClient) -> None:
        no = (await opened(client))["no"]
        accepted = (await client.post(f"{URL}/{no}/accept")).json()
        why = {one["move"]: one["because"] for one in accepted["blocked"]}
        assert why == {"close": "还没有调解结果，不能结案"}
        assert not set(why) & set(accepted["moves"])

    async def test_a_reason_may_be_called_reason(self, client: httpx.AsyncClient) -> None:
        no = (await opened(client))["no"]
        assert (await client.post(f"{URL}/{no}/escalate", json={})).json()["error"] == "note_required"
        answer = await client.post(f"{URL}/{no}/escalate", json={"reason": "双方谈不拢"})
        assert (answer.json()["tier"], answer.json()["status"]) == ("village", "submitted")

    async def test_a_move_is_repeated_once_per_key(self, client: httpx.AsyncClient) -> None:
        no = (await opened(client))["no"]
        for _ in range(3):
            answer = await client.post(f"{URL}/{no}/accept", headers={"Idempotency-Key": "a"})
        assert [event["move"] for event in answer.json()["events"]] == ["submit", "accept"]

    async def test_two_accept_at_once(self, client: httpx.AsyncClient) -> None:
        no = (await opened(client))["no"]
        posts = [
            client.post(f"{URL}/{no}/accept", headers=as_staff(name)) for name in ("donggou1_grid", "donggou1_leader")
        ]
        assert sorted(answer.status_code for answer in await asyncio.gather(*posts)) == [200, 409]

    async def test_unknown_move_is_422(self, client: httpx.AsyncClient) -> None:
        no = (await opened(client))["no"]
        assert (await client.post(f"{URL}/{no}/explode")).status_code == 422

    async def test_moves_on_offer_are_those_that_work(self, client: httpx.AsyncClient) -> None:
        ticket = await opened(client)
        assert {"accept", "withdraw", "escalate"} <= set(ticket["moves"])
        assert not {"close", "return_to_sender", "start_mediation"} & set(ticket["moves"])


ROLES = [
    ("admin", 200, 200),
    ("operator1", 200, 403),
    ("donggou1_grid", 200, 200),
    ("donggou_director", 200, 403),
    ("qingshi_sifa1", 200, 403),
    ("qingshi_leader", 200, 403),
    ("donggou2_grid", 404, 404),
    ("xigou_director", 404, 404),
    ("baihua_sifa1", 404, 404),
    ("qingshi_police", 404, 404),
    ("labour1", 404, 404),
    ("legal_aid1", 404, 404),
]


@pytest.mark.parametrize(("username", "look", "accept"), ROLES)
async def test_role_by_endpoint(client: httpx.AsyncClient, username: str, look: int, accept: int) -> None:
    no = (await opened(client))["no"]
    headers = as_staff(username)
    assert (await client.get(f"{URL}/{no}", headers=headers)).status_code == look
    listed = (await client.get(URL, headers=headers)).json()["tickets"]
    assert (no in [ticket["no"] for ticket in listed]) == (look == 200)
    assert (await client.post(f"{URL}/{no}/accept", headers=headers)).status_code == accept


class TestApplicant:
    async def look(self, client: httpx.AsyncClient, no: str, sender: str) -> httpx.Response:
        params = {"channel": "web", "sender": sender}
        return await client.get(f"{URL}/{no}", params=params, headers=bearer(INTERNAL))

    async def test_sees_their_own_without_the_other_sides_phone(self, client: httpx.AsyncClient) -> None:
        no = (await opened(client, respondent={"name": "邻居", "phone": "13900000000"}))["no"]
        await client.post(f"{URL}/{no}/accept", json={"note": "内部意见"})
        answer = await self.look(client, no, "visitor-1")
        assert answer.status_code == 200
        assert "13900000000" not in answer.text
        assert "内部意见" not in answer.text

    async def test_somebody_elses_ticket_is_like_none(self, client: httpx.AsyncClient) -> None:
        no = (await opened(client))["no"]
        other = await self.look(client, no, "visitor-2")
        missing = await self.look(client, "T-20000101-0001", "visitor-2")
        assert (other.status_code, other.json()) == (missing.status_code, missing.json())
        assert other.status_code == 404

    async def test_withdraws_with_an_empty_body(self, client: httpx.AsyncClient) -> None:
        no = (await opened(client))["no"]
        params = {"channel": "web", "sender": "visitor-1"}
        answer = await client.post(f"{URL}/{no}/withdraw", params=params, headers=bearer(INTERNAL), json={})
        assert answer.json()["status"] == "withdrawn"
        listed = await client.get(URL, params=params, headers=bearer(INTERNAL))
        assert [ticket["no"] for ticket in listed.json()["tickets"]] == [no]

    async def test_a_protective_ticket_is_not_theirs_to_end(self, client: httpx.AsyncClient) -> None:
        no = (
            await opened(
                client, category="marriage_family", subcategory="domestic_violence", crisis="domestic_violence"
            )
        )["no"]
        params = {"channel": "web", "sender": "visitor-1"}
        for move in ("withdraw", "refuse"):
            answer = await client.post(f"{URL}/{no}/{move}", params=params, headers=bearer(INTERNAL), json={})
            assert answer.status_code == 403, answer.text
        assert (await self.look(client, no, "visitor-1")).json()["status"] != "withdrawn"


async def test_nobody_is_401(client: httpx.AsyncClient) -> None:
    assert (await client.get(URL, headers={"Authorization": ""})).status_code == 401


async def test_pages(client: httpx.AsyncClient) -> None:
    numbers = [(await opened(client))["no"] for _ in range(3)]
    first = (await client.get(URL, params={"limit": 2})).json()
    second = (await client.get(URL, params={"limit": 2, "before": first["next"]})).json()
    assert [t["no"] for t in first["tickets"] + second["tickets"]] == numbers[::-1]
    assert second["next"] is None
