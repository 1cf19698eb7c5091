"""Clocks of a ticket and the boards over HTTP."""

from tests.http.site import Site, check_error

BOARD, CALLS = "/api/v1/boards/supervision", "/api/v1/boards/call-outs"


async def test_a_ticket_shows_its_clocks(site: Site) -> None:
    no = await site.open_ticket()
    got = (await site.http.get(f"/api/v1/tickets/{no}/clocks", headers=site.tool)).json()["clocks"]
    assert {one["key"] for one in got} == {"accept", "first_contact", "mediate"}
    accept = next(one for one in got if one["key"] == "accept")
    assert (accept["light"], accept["late"], accept["how"], accept["steps"]) == ("green", False, None, 0)
    assert accept["working_minutes_left"] > 0
    assert accept["because"].startswith("三个工作日")
    await site.http.post(f"/api/v1/tickets/{no}/accept", headers=site.tool)
    again = (await site.http.get(f"/api/v1/tickets/{no}/clocks", headers=site.tool)).json()["clocks"]
    assert next((one["how"], one["light"]) for one in again if one["key"] == "accept") == ("met", None)
    stranger = await site.http.get(f"/api/v1/tickets/{no}/clocks", headers=site.staff("hewan1_grid"))
    check_error(stranger, 404, "not_found")


async def test_the_board_pages_through_the_lights(site: Site) -> None:
    for number in range(2):
        await site.open_ticket(sender=f"v-{number}")
    leader = site.staff("qingshi_leader")
    seen, after = [], {}
    for _ in range(4):
        page = (await site.http.get(BOARD, params={"limit": 2, **after}, headers=leader)).json()
        assert page["lights"] == {"green": 6, "yellow": 0, "red": 0, "grey": 0}
        seen += [(line["ticket"], line["clock"]["key"]) for line in page["lines"]]
        if page["next_id"] is None:
            break
        after = {"after_due": page["next_due"], "after_id": page["next_id"]}
    assert len(seen) == len(set(seen)) == 6
    red = (await site.http.get(BOARD, params={"light": "red"}, headers=leader)).json()
    assert red["lines"] == []
    one_key = (await site.http.get(BOARD, params={"key": "accept"}, headers=leader)).json()
    assert {line["clock"]["key"] for line in one_key["lines"]} == {"accept"}


async def test_departments_on_the_call_out_board(site: Site) -> None:
    no = await site.open_ticket()
    body = {"values": {"department": "青石镇派出所", "deadline": "2099-11-23T10:00:00+08:00", "task": "看现场"}}
    made = await site.http.post(f"/api/v1/tickets/{no}/records/call_out", json=body, headers=site.tool)
    assert made.status_code == 201, made.text
    board = (await site.http.get(CALLS, headers=site.staff("qingshi_leader"))).json()
    (line,) = board["departments"]
    assert (line["department"], line["calls"], line["open"], line["late"]) == ("青石镇派出所", 1, 1, 0)
    assert [(one["department"], one["ticket"]) for one in board["waiting"]] == [("青石镇派出所", no)]
    nothing = (await site.http.get(CALLS, headers=site.staff("hewan1_grid"))).json()
    assert (nothing["departments"], nothing["waiting"]) == ([], [])


async def test_boards_are_for_staff(site: Site) -> None:
    for path in (BOARD, CALLS):
        check_error(await site.http.get(path), 401, "unauthenticated")
        check_error(await site.http.get(path, params={"days": 0, "limit": 0}, headers=site.tool), 422)
