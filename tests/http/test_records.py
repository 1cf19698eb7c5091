"""Records over HTTP: what programs rely on."""

import httpx

from tests.http.desk_app import agree, as_staff
from tests.http.test_tickets import URL, opened

MEETING = {"values": {"at": "2026-11-23T09:00", "way": "offline"}}


async def mediating(client: httpx.AsyncClient) -> str:
    no: str = (await opened(client))["no"]
    for move in ("accept", "start_mediation"):
        assert (await client.post(f"{URL}/{no}/{move}")).status_code == 200
    return no


async def test_kinds_are_described_for_forms(client: httpx.AsyncClient) -> None:
    kinds = {one["kind"]: one for one in (await client.get("/api/v1/record-kinds")).json()}
    assert kinds["caucus"]["sees"] == "author"
    assert {one["step"] for one in kinds["meeting"]["steps"]} == {"hold", "cancel"}
    assert all(one["basis"] and one["because"] for one in kinds.values())
    assert set(kinds["agreement"]["add"]["rows"]) == {"obligations", "signatures"}


async def test_a_record_lives_and_keeps_its_versions(client: httpx.AsyncClient) -> None:
    no = await mediating(client)
    added = await client.post(f"{URL}/{no}/records/meeting", json=MEETING)
    assert added.status_code == 201
    record = added.json()
    assert (record["state_zh"], record["steps"]) == ("已约定", ["hold", "cancel"])
    path = f"{URL}/{no}/records/{record['no']}"
    assert (await client.patch(path, json={"values": {"place": "村委会"}})).json()["values"]["place"] == "村委会"
    await client.post(f"{path}/cancel", json={"values": {"why": "下雨"}})
    history = (await client.get(path)).json()
    assert [one["step"] for one in history["versions"]] == ["add", "correct", "cancel"]
    events = (await client.get(f"{URL}/{no}")).json()["events"]
    assert [one["move_zh"] for one in events][-3:] == ["调解会·登记", "调解会·更正", "调解会·取消"]
    refused = await client.post(f"{path}/hold", json={"values": {}})
    assert (refused.status_code, refused.json()["allowed"]) == (409, [])


async def test_errors_name_the_field_and_what_is_possible(client: httpx.AsyncClient) -> None:
    no = await mediating(client)
    wrong = await client.post(f"{URL}/{no}/records/cost", json={"values": {"day": "2026-11-20", "kind": "travel"}})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "amount")
    move = await client.post(f"{URL}/{no}/accept")
    assert move.status_code == 409
    assert {"record_failure", "extend", "refuse"} <= set(move.json()["allowed"])
    assert "record_agreement" not in move.json()["allowed"]
    alone = await client.post(f"{URL}/{no}/extend", json={"note": "再谈谈", "consents": ["applicant"]})
    assert (alone.status_code, alone.json()["error"]) == (422, "consent_required")
    both = await client.post(f"{URL}/{no}/extend", json={"note": "再谈谈", "consents": ["applicant", "respondent"]})
    assert both.status_code == 200
    assert both.json()["events"][-1]["changes"]["consent.respondent"] is True


async def test_a_stale_version_is_refused(client: httpx.AsyncClient) -> None:
    no = (await opened(client))["no"]
    tag = (await client.get(f"{URL}/{no}")).headers["etag"]
    assert (await client.post(f"{URL}/{no}/accept", headers={"If-Match": tag})).status_code == 200
    stale = await client.post(f"{URL}/{no}/start_mediation", headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["error"]) == (409, "changed_meanwhile")
    stale = await client.post(f"{URL}/{no}/start_mediation", json={"version": 1})
    assert stale.json()["version"] == 2
    record = await client.post(f"{URL}/{no}/records/tag", json={"values": {"tag": "old_file"}, "version": 1})
    assert record.status_code == 409
    nonsense = await client.post(f"{URL}/{no}/start_mediation", headers={"If-Match": '"abc"'})
    assert (nonsense.status_code, nonsense.json()["error"]) == (422, "bad_version")


async def test_a_look_at_somebody_elses_ticket_is_refused_and_written_down(client: httpx.AsyncClient) -> None:
    no = (await opened(client))["no"]
    stranger = as_staff("xigou_director")
    answers = [
        await client.get(f"{URL}/{no}", headers=stranger),
        await client.post(f"{URL}/{no}/accept", headers=stranger),
        await client.get(f"{URL}/{no}/records", headers=stranger),
        await client.get(f"{URL}/T-20261120-9999", headers=stranger),
    ]
    assert {(one.status_code, one.json()["error"]) for one in answers} == {(404, "not_found")}
    assert len({one.text for one in answers}) == 1
    kept = (await client.get("/api/v1/access-refusals")).json()
    assert [(one["ticket"], one["name"]) for one in kept] == [(no, "西沟村调委会主任")] * 3
    assert (await client.get("/api/v1/access-refusals", headers=stranger)).status_code == 403


async def test_the_case_file_names_its_thirteen_items(client: httpx.AsyncClient) -> None:
    no = await mediating(client)
    await agree(client, no)
    items = (await client.get(f"{URL}/{no}/file")).json()
    assert len(items) == 13
    assert [one["zh"] for one in items if one["missing"]] == ["调解记录"]
    refused = await client.post(f"{URL}/{no}/close")
    assert (refused.status_code, refused.json()["error"]) == (409, "file_incomplete")
    assert [one["key"] for one in refused.json()["missing"]] == ["meeting"]
    assert (await client.post(f"{URL}/{no}/close", json={"note": "当场说和，没有开会"})).status_code == 200
