"""One ticket driven over the API as its people would: four tiers and the docking; and a settled one to the archive."""

from typing import Any

import httpx

from api.db.session import Database
from api.services.audit import verify
from tests.http.desk_app import INTERNAL, as_staff, bearer
from tests.http.test_tickets import URL, opened

Client = httpx.AsyncClient
VILLAGER = {"params": {"channel": "web", "sender": "visitor-1"}, "headers": bearer(INTERNAL)}
# Who works at each tier, and the tier the case then goes up to.
TIERS = (
    ("donggou1_grid", "group", "village"),
    ("donggou_director", "village", "judicial_office"),
    ("qingshi_sifa1", "judicial_office", "town"),
    ("qingshi_mediator1", "town", "court"),
)


async def move(client: Client, no: str, step: str, who: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"{URL}/{no}/{step}", json=body, headers=as_staff(who))
    assert answer.status_code == 200, (step, who, answer.text)
    ticket: dict[str, Any] = answer.json()
    return ticket


async def record(client: Client, no: str, kind: str, who: str, /, *, under: int | None = None, **values: Any) -> int:
    body = {"values": values, "under": under}
    answer = await client.post(f"{URL}/{no}/records/{kind}", json=body, headers=as_staff(who))
    assert answer.status_code == 201, (kind, who, answer.text)
    number: int = answer.json()["no"]
    return number


async def step(client: Client, no: str, number: int, code: str, who: str, /, **values: Any) -> dict[str, Any]:
    path = f"{URL}/{no}/records/{number}/{code}"
    answer = await client.post(path, json={"values": values}, headers=as_staff(who))
    assert answer.status_code == 200, (code, who, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def test_from_a_villagers_words_through_four_tiers_to_the_court(client: Client, database: Database) -> None:
    no = (await opened(client))["no"]
    for who, tier, above in TIERS:
        ticket = await move(client, no, "accept", who)
        assert (ticket["tier"], ticket["status"]) == (tier, "accepted")
        await move(client, no, "start_mediation", who)
        number = await record(client, no, "meeting", who, at="2026-11-20T08:00", way="offline", invited=["双方"])
        held = {"day": "2026-11-20", "came": ["申请人", "邻居"], "minutes": f"{tier}：谈不拢", "result": "failed"}
        await step(client, no, number, "hold", who, **held)
        await move(client, no, "record_failure", who, note="双方差距太大")
        raised = await move(client, no, "escalate", who, note="请上一级接着调")
        assert (raised["tier"], raised["status"]) == (above, "submitted")
        stale = await client.post(f"{URL}/{no}/accept", headers=as_staff(who))
        assert stale.status_code == 403  # the sender cannot accept for the receiver
    court = "qingshi_court"
    records = (await client.get(f"{URL}/{no}/records", headers=as_staff(court))).json()
    minutes = [one["values"]["minutes"] for one in records if one["kind"] == "meeting"]
    assert minutes == [f"{tier}：谈不拢" for _, tier, _ in TIERS]  # all papers went along
    assert len([one for one in records if one["kind"] == "rights_notice"]) == 4
    papers = {"sent_on": "2026-11-20", "kind": "docking", "papers": ["调解卷宗", "证据目录"]}
    receiver = (await client.get(f"{URL}/{no}", headers=as_staff(court))).json()["organisation"]["name"]
    docked = await record(client, no, "docking", court, receiver=receiver, **papers)
    await step(client, no, docked, "receive", court, day="2026-11-20", receipt="收 2026-001")
    filed = await step(client, no, docked, "file", court, filed_on="2026-11-20", court_no="（2026）示民初 1 号")
    assert filed["state"] == "filed"
    await move(client, no, "leave", court, note="当事人选择起诉，法庭已立案")
    told = (await client.get(f"{URL}/{no}/progress", **VILLAGER)).json()
    assert "转其他途径" in told["text"]
    ticket = (await client.get(f"{URL}/{no}")).json()
    assert (ticket["status"], ticket["outcome"]) == ("closed", "referred")
    flow = [one["changes"]["tier"] for one in ticket["events"] if one["move"] == "escalate"]
    assert flow == [above for _, _, above in TIERS]
    assert (await verify(database)).broken == []


DUTIES = [
    {"debtor": "邻居", "creditor": "申请人", "what": "改装排水管", "due": "2026-11-20"},
    {"debtor": "邻居", "creditor": "申请人", "what": "付修墙款", "amount": 1500, "due": "2026-11-20"},
]
SIGNATURES = [
    {"role": role, "name": role, "way": "signed", "day": "2026-11-20"}
    for role in ("applicant", "respondent", "mediator", "committee")
]
TERMS = {"facts": "院墙滴水", "terms": "邻居改装排水管，付一千五百元。", "obligations": DUTIES}


async def test_agreement_confirmation_performance_follow_up_archive(client: Client, database: Database) -> None:
    who, no = "donggou1_grid", (await opened(client))["no"]
    await move(client, no, "accept", who)
    await move(client, no, "start_mediation", who)
    meeting = await record(client, no, "meeting", who, at="2026-11-20T08:00", way="online", place="线上调解室")
    await step(client, no, meeting, "hold", who, day="2026-11-20", came=["申请人", "邻居"], minutes="谈成了")
    draft = await record(client, no, "agreement", who, form="written", agreed_on="2026-11-20", **TERMS)
    unsigned = await client.post(
        f"{URL}/{no}/records/{draft}/take_effect",
        json={"values": {"effective_on": "2026-11-20"}},
        headers=as_staff(who),
    )
    assert (unsigned.status_code, unsigned.json()["error"]) == (422, "signatures_missing")
    await step(client, no, draft, "take_effect", who, effective_on="2026-11-20", signatures=SIGNATURES)
    assert (await client.get(f"{URL}/{no}")).json()["status"] == "agreed"
    consents = {"applicant_consents": True, "respondent_consents": True}
    asked = await record(
        client, no, "confirmation", who, under=draft, applied_on="2026-11-20", court="青石镇人民法庭", **consents
    )
    await step(client, no, asked, "confirm", who, decided_on="2026-11-20", ruling_no="（2026）示司确 1 号")
    shown = (await client.get(f"{URL}/{no}/records", **VILLAGER)).json()
    duties = [one["no"] for one in shown if one["kind"] == "obligation"]
    for duty in duties:
        done = await step(client, no, duty, "perform", who, paid_on="2026-11-20")
        assert done["values"]["late"] == "in_time"
    await move(client, no, "close", who)
    visit = {"day": "2026-11-20", "whom": "both", "way": "visit", "satisfaction": "satisfied", "performed": "yes"}
    missing = await client.post(
        f"{URL}/{no}/records/archive",
        json={"values": {"day": "2026-11-20", "file_no": "2026-001"}},
        headers=as_staff(who),
    )
    assert [one["key"] for one in missing.json()["missing"]] == ["follow_up"]
    await record(client, no, "follow_up", who, **visit)
    await record(client, no, "archive", who, day="2026-11-20", file_no="2026-001", pages=21)
    items = (await client.get(f"{URL}/{no}/file", params={"stage": "archive"}, headers=as_staff(who))).json()
    assert [one["zh"] for one in items if one["missing"]] == []
    assert (await verify(database)).broken == []
