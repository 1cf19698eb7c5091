"""The public map tells where to go and hides small numbers."""

from datetime import timedelta

from tests.http.site import Site
from tests.services.closed_files import close_files

MAP, WORK = "/api/v1/public/map", "/api/v1/work"
POINT = {
    "sort": "mediation_room",
    "name": "东沟村调解室",
    "address": "东沟村村委会一楼",
    "hours": "周一至周五",
    "phone": "0571-12345678",
    "longitude": 120.1,
    "latitude": 30.2,
    "checked_on": "2026-11-20",
}


async def test_anybody_sees_open_points_and_nothing_else(site: Site) -> None:
    staff, place = site.staff("donggou_director"), {"town": "青石镇", "village": "东沟村"}
    made = await site.http.post(f"{WORK}/point", json={"place": place, "fields": POINT}, headers=staff)
    assert made.status_code == 201, made.text
    [point] = (await site.http.get(MAP)).json()["points"]
    assert (point["name"], point["sort_zh"], point["longitude"], point["checked_on"]) == (
        "东沟村调解室",
        "调解室",
        120.1,
        "2026-11-20",
    )
    assert (await site.http.get(f"{MAP}?town=白桦镇")).json()["points"] == []
    await site.http.post(f"{WORK}/point/{made.json()['no']}/close", json={"note": "搬走了"}, headers=staff)
    assert (await site.http.get(MAP)).json()["points"] == []


async def test_a_town_with_few_matters_shows_no_number(site: Site) -> None:
    database = site.app.state.runtime.database
    recent = site.now() - timedelta(days=60)
    await close_files(database, "东沟村", 12, first=recent)
    await close_files(database, "河湾村", 3, first=recent, town="白桦镇")
    await close_files(database, "西沟村", 30, first=recent - timedelta(days=600))
    found = (await site.http.get(MAP)).json()
    assert found["hidden_below"] == 5
    shown = {one["town"]: one["handled"] for one in found["towns"]}
    assert shown["白桦镇"] is None
    assert shown["青石镇"] in (None, 12)
