"""The directory over HTTP: who may, what conflicts, committees with their gaps, policy, override."""

from typing import Any

import httpx
import pytest

from tests.http.site import Site, check_error

BASE = "/api/v1/directory"


async def call(site: Site, method: str, path: str, status: int = 200, **options: Any) -> Any:
    answer = await site.http.request(method, path, headers=options.pop("headers", site.tool), **options)
    assert answer.status_code == status, answer.text
    return answer.json()


async def village(site: Site, name: str = "东沟村人民调解委员会") -> dict[str, Any]:
    listed = await call(site, "GET", f"{BASE}/organisations", params={"kind": "village_committee"})
    row = next(one for one in listed if one["name"] == name)
    found: dict[str, Any] = await call(site, "GET", f"{BASE}/organisations/{row['id']}")
    return found


WRITES = [
    ("POST", f"{BASE}/places", {"place": {"county": "清和县", "town": "某镇"}}),
    ("POST", f"{BASE}/places/2/rename", {"on": "2026-11-01", "name": "某镇"}),
    ("POST", f"{BASE}/organisations", {"name": "某组织"}),
    ("PATCH", f"{BASE}/members/1", {"revision": 1}),
    ("POST", f"{BASE}/import", {}),
    ("GET", f"{BASE}/export", None),
    ("POST", "/api/v1/routing/policy/reload", None),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_only_administrators(site: Site, method: str, path: str, body: Any) -> None:
    check_error(await site.http.request(method, path, json=body), 401)
    answer = await site.http.request(method, path, json=body, headers=site.staff("qingshi_sifa1"))
    check_error(answer, 403, "forbidden")


async def test_an_administrator_edits_and_the_second_of_two_is_told(site: Site) -> None:
    admin = site.staff("admin")
    found = await village(site)
    path = f"{BASE}/organisations/{found['id']}"
    edit = {"revision": found["revision"], "phone": "0470-1"}
    assert (await call(site, "PATCH", path, json=edit, headers=admin))["phone"] == "0470-1"
    check_error(await site.http.patch(path, json=edit, headers=admin), 409, "changed_meanwhile")


async def test_a_member_can_be_called_on_what_is_written(site: Site) -> None:
    found = await village(site)
    path = f"{BASE}/organisations/{found['id']}/members"
    one = {"name": "新来的", "role": "village_mediator"}
    answer = await site.http.post(path, json=one | {"phone": "abc"}, headers=site.tool)
    check_error(answer, 422, "bad_fact")
    assert answer.json()["field"] == "phone"
    await call(site, "POST", path, 201, json=one | {"phone": "0571-88880000"})


async def test_a_parent_is_never_below(site: Site) -> None:
    first, second = await village(site), await village(site, "西沟村人民调解委员会")
    path = f"{BASE}/organisations"
    body = {"revision": first["revision"], "parent": second["id"]}
    await call(site, "PATCH", f"{path}/{first['id']}", json=body)
    body = {"revision": second["revision"], "parent": first["id"]}
    answer = await site.http.patch(f"{path}/{second['id']}", json=body, headers=site.tool)
    check_error(answer, 422, "parent_cycle")


async def test_a_committee_lists_its_gaps_until_they_are_filled(site: Site) -> None:
    found = await village(site)
    assert [gap["code"] for gap in found["gaps"]] == ["no_register"]
    woman = next(one for one in found["members"] if one["woman"])
    edit = {"revision": woman["revision"], "woman": False}
    await call(site, "PATCH", f"{BASE}/members/{woman['id']}", json=edit)
    register = {"revision": 0, "seats": 6, "elected_on": "2022-03-01", "checklist": ["has_seal"], "multi_ethnic": True}
    after = await call(site, "PUT", f"{BASE}/organisations/{found['id']}/register", json=register)
    codes = {gap["code"]: gap for gap in after["gaps"]}
    assert set(codes) == {"vacant", "no_woman", "no_minority", "term_over", "unchecked"}
    assert "2025年3月1日" in codes["term_over"]["text"]
    assert codes["no_woman"]["basis"] == ["人民调解法#第八条"]
    listed = await call(site, "GET", f"{BASE}/committees")
    assert {one["organisation"]["name"] for one in listed} >= {"东沟村人民调解委员会", "青石镇综合调解委员会"}
    assert not [one for one in listed if "仲裁" in one["organisation"]["name"]]  # it arbitrates
    everyone = await call(site, "GET", f"{BASE}/organisations", params={"kind": "specialist_committee"})
    court = next(one for one in everyone if "仲裁" in one["name"])
    refused = await site.http.put(f"{BASE}/organisations/{court['id']}/register", json=register, headers=site.tool)
    check_error(refused, 422, "no_committee")


async def test_absence_and_duty_are_seen_by_routing_at_once(site: Site) -> None:
    found = await village(site)
    facts = {"facts": {"category": "land_forest", "town": "青石镇", "village": "东沟村"}}
    before = await call(site, "POST", "/api/v1/routing/preview", json=facts)
    member = next(one for one in found["members"] if one["name"] == before["mediator"]["name"])
    away = {"since": "2020-01-01T00:00:00+08:00", "until": "2099-01-01T00:00:00+08:00"}
    edit = {"revision": member["revision"], "absences": [away]}
    await call(site, "PATCH", f"{BASE}/members/{member['id']}", json=edit)
    after = await call(site, "POST", "/api/v1/routing/preview", json=facts)
    assert after["mediator"]["name"] != before["mediator"]["name"]


async def test_a_member_with_a_password_can_log_in(site: Site) -> None:
    found = await village(site)
    body = {"name": "新委员", "role": "village_mediator", "username": "new_one", "password": "long-enough"}
    await call(site, "POST", f"{BASE}/organisations/{found['id']}/members", 201, json=body)
    login = {"username": "new_one", "password": "long-enough"}
    assert (await site.http.post("/api/v1/login", json=login)).status_code == 200
    answer = await site.http.post(
        f"{BASE}/organisations/{found['id']}/members", json=body | {"name": "另一位"}, headers=site.tool
    )
    check_error(answer, 409, "username_taken")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "某组织"}, "missing_field"),
        ({"name": "某", "kind": "bakery", "tier": "town", "serves": [1]}, "unknown_code"),
        ({"name": "某", "kind": "department", "tier": "town", "serves": [999999]}, "unknown_place"),
        (
            {"name": "某", "kind": "specialist_committee", "tier": "town", "serves": [1], "subjects": ["x"]},
            "unknown_code",
        ),
    ],
)
async def test_nonsense_is_refused(site: Site, body: dict[str, Any], code: str) -> None:
    check_error(await site.http.post(f"{BASE}/organisations", json=body, headers=site.tool), 422, code)


async def test_merge_over_http_and_what_it_was(site: Site) -> None:
    rows = await call(site, "GET", f"{BASE}/places", params={"town": "白桦镇"})
    ids = [row["id"] for row in rows if row["place"]["village"] and not row["place"]["group"]]
    groups = {str(row["id"]): f"松{row['place']['group']}" for row in rows if row["place"]["village"] == "松林村"}
    groups = {id: name for id, name in groups.items() if name != "松"}
    body = {"places": ids, "name": "河松村", "on": "2026-01-01", "groups": groups}
    merged = await call(site, "POST", f"{BASE}/places/merge", json=body)
    where = {"county": "清和县", "town": "白桦镇", "village": "松林村"}
    resolved = await call(site, "GET", f"{BASE}/places/resolve", params=where)
    assert resolved["id"] == merged["id"]
    before = await call(site, "GET", f"{BASE}/places/resolve", params=where | {"on": "2025-12-31"})
    assert before["place"]["village"] == "松林村"
    history = await call(site, "GET", f"{BASE}/places/{merged['id']}/history")
    assert {one["kind"] for one in history} == {"merge"}


async def test_files_over_http(site: Site) -> None:
    template = await site.http.get(f"{BASE}/template.xlsx", headers=site.tool)
    assert template.content.startswith(b"PK")
    exported = await site.http.get(f"{BASE}/export", headers=site.tool)
    report = await call(site, "POST", f"{BASE}/import", content=exported.content)
    assert (report["created"], report["updated"], report["errors"]) == ({}, {}, [])
    bad = await call(site, "POST", f"{BASE}/import", content="县,镇,人口\n清和县,青石镇,x\n".encode("gbk"))
    assert bad["errors"] == [{"sheet": "地点", "row": 2, "column": "人口", "why": "应当是不小于 0 的整数"}]
    check_error(
        await site.http.post(f"{BASE}/import", content=b"PK\x03\x04", headers=site.tool), 422, "unreadable_file"
    )


async def test_policy_and_the_decisions_under_it(site: Site) -> None:
    reloaded = await call(site, "POST", "/api/v1/routing/policy/reload")
    assert (reloaded["changed"], reloaded["problems"]) == (False, [])
    body = {"channel": "web", "sender": "v", "category": "land_forest", "subcategory": "encroachment", "text": "占地"}
    body |= {"place": {"town": "青石镇", "village": "东沟村"}}
    ticket = await call(site, "POST", "/api/v1/tickets", 201, json=body)
    again = await call(site, "POST", "/api/v1/tickets", 201, json=body)
    routes = f"/api/v1/tickets/{ticket['no']}"
    wish = {"organisation": "青石镇司法所", "reason": "双方都要求由司法所来调"}
    moved = await call(site, "POST", f"{routes}/routing/override", json=wish)
    assert moved["organisation"]["name"] == "青石镇司法所"
    kept = await call(site, "GET", f"{routes}/routing")
    assert [(one["kind"], one["policy"]) for one in kept] == [
        (kind, reloaded["version"]) for kind in ("open", "override")
    ]
    alike = await call(site, "GET", f"{routes}/similar")
    assert [one["no"] for one in alike["duplicates"]] == [again["no"]]
    answer: httpx.Response = await site.http.get(f"{routes}/similar", headers=site.staff("baihua_sifa1"))
    check_error(answer, 404)
