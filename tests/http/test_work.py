"""Work beside tickets over HTTP."""

from typing import Any

from tests.http.site import Site, check_error

WORK = "/api/v1/work"
EAST = {"town": "青石镇", "village": "东沟村"}
SWEEP = {"place": EAST, "fields": {"period": "monthly", "starts": "2026-11-01", "ends": "2026-11-30"}}


async def post(site: Site, path: str, body: dict[str, Any], username: str = "donggou_director", **more: str) -> Any:
    return await site.http.post(f"{WORK}/{path}", json=body, headers=site.staff(username) | more)


async def test_a_sweep_from_its_form_to_its_sums(site: Site) -> None:
    kinds = {one["code"]: one for one in (await site.http.get(f"{WORK}/kinds", headers=site.tool)).json()}
    assert [one["id"] for one in kinds["sweep"]["fields"] if one["required"]] == ["period", "starts", "ends"]
    made = await post(site, "sweep", SWEEP, **{"Idempotency-Key": "s-1"})
    again = await post(site, "sweep", SWEEP, **{"Idempotency-Key": "s-1"})
    assert made.status_code == 201, made.text
    no = made.json()["no"]
    assert (again.json()["no"], made.json()["due"], made.json()["status_zh"]) == (no, "2026-11-30", "已安排")
    assert [one["code"] for one in made.json()["moves"]] == ["begin", "finish", "cancel"]
    done = await post(site, f"sweep/{no}/finish", {"fields": {"households": 40, "found": 2}, "version": 1})
    assert done.json()["status"] == "done"
    sums = (await site.http.get(f"{WORK}/sweep/sums", headers=site.staff("qingshi_leader"))).json()
    assert (sums["records"], sums["sums"]["households"], sums["places"][0]["village"]) == (1, 40, "东沟村")
    genuine = await site.http.get(f"{WORK}/sweep/{no}/integrity", headers=site.tool)
    assert genuine.json() == {"genuine": True}


async def test_what_is_wrong_is_said(site: Site) -> None:
    check_error(await site.http.post(f"{WORK}/sweep", json=SWEEP), 401)
    check_error(await post(site, "nonsense", SWEEP), 404)
    check_error(await post(site, "sweep", {"place": EAST, "fields": {"person": "x"}}), 422, "bad_field")
    check_error(await post(site, "sweep", {"place": EAST, "fields": {"period": "monthly"}}), 422, "field_required")
    body = {"place": EAST, "fields": SWEEP["fields"] | {"summary": "盯住重点人员"}}
    check_error(await post(site, "sweep", body), 422, "person_refused")
    no = (await post(site, "sweep", SWEEP)).json()["no"]
    check_error(await post(site, f"sweep/{no}/finish", {}, "xigou_director"), 404)
    check_error(await post(site, f"sweep/{no}/cancel", {}), 422, "note_required")
    check_error(await post(site, f"sweep/{no}/confirm", {}), 409, "transition_not_allowed")
    stale = {"fields": {"found": 1}, "version": 9}
    answer = await site.http.patch(f"{WORK}/sweep/{no}", json=stale, headers=site.staff("donggou_director"))
    check_error(answer, 409, "stale_version")


async def test_the_list_of_what_is_late(site: Site) -> None:
    body = {"place": EAST, "fields": SWEEP["fields"] | {"ends": "2026-01-31", "starts": "2026-01-01"}}
    no = (await post(site, "sweep", body)).json()["no"]
    late = await site.http.get(f"{WORK}/late", headers=site.staff("qingshi_leader"))
    assert [(one["no"], one["overdue"]) for one in late.json()] == [(no, True)]
    assert (await site.http.get(f"{WORK}/late", headers=site.staff("baihua_leader"))).json() == []
