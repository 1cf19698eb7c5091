"""The inbox of staff and the dead letters over HTTP, filled by a round of the worker."""

from datetime import timedelta

from api.db.tables.notices import NoticeRow
from api.worker import tell
from tests.http.site import Site, check_error
from tests.services.notice_fakes import Post, post

NOTICES = "/api/v1/notices"


async def told(site: Site) -> Post:
    """A new ticket, and the worker that told of it while the group's robot was down."""
    runtime = site.app.state.runtime
    office = post(site.app.state.routing_desk)
    office.wecom.down = True
    await site.open_ticket()
    await office.round(runtime.database, runtime.settings.now())
    async with runtime.database.transaction() as session:
        for row in await session.scalars(NoticeRow.__table__.select().with_only_columns(NoticeRow.id)):
            found = await session.get_one(NoticeRow, row)
            found.status = "dead" if found.medium == "wecom" else found.status
    return office


async def test_a_mediator_reads_their_notices(site: Site) -> None:
    await told(site)
    mine = site.staff("donggou1_grid")
    got = (await site.http.get(NOTICES, headers=mine)).json()
    assert (got["unread"], got["next"], len(got["notices"])) == (1, None, 1)
    assert "新工单 T-" in got["notices"][0]["text"]
    read = await site.http.post(f"{NOTICES}/read", json={"ids": [got["notices"][0]["id"]]}, headers=mine)
    assert read.json() == {"count": 1}
    again = (await site.http.get(NOTICES, params={"unread": True}, headers=mine)).json()
    assert (again["unread"], again["notices"]) == (0, [])
    everything = (await site.http.get(NOTICES, headers=mine)).json()
    assert everything["notices"][0]["read_at"] is not None


async def test_dead_letters_are_seen_and_sent_again_by_administrators(site: Site) -> None:
    office = await told(site)
    admin = site.staff("admin")
    dead = (await site.http.get(f"{NOTICES}/dead", headers=admin)).json()
    (letter,) = dead["notices"]
    assert (letter["last_error"], dead["counts"]["dead"]) == ("没有应答", 1)
    assert (await site.http.post(f"{NOTICES}/resend", json={"ids": [letter["id"]]}, headers=admin)).json() == {
        "count": 1
    }
    check_error(await site.http.post(f"{NOTICES}/resend", json={"ids": [999]}, headers=admin), 404, "not_found")
    office.wecom.down = False
    runtime = site.app.state.runtime
    core = type("Core", (), {"database": runtime.database, "settings": runtime.settings})
    await tell(core, office.desk, office.couriers)
    day = runtime.settings.now() + timedelta(days=1)
    await office.round(runtime.database, day)
    assert len(office.wecom.texts) == 1


async def test_others_may_not(site: Site) -> None:
    worker = site.staff("donggou1_grid")
    check_error(await site.http.get(f"{NOTICES}/dead", headers=worker), 403, "forbidden")
    check_error(await site.http.post(f"{NOTICES}/resend", json={}, headers=worker), 403, "forbidden")
    check_error(await site.http.get(NOTICES), 401, "unauthenticated")
    check_error(await site.http.post(f"{NOTICES}/read", json={"ids": [0]}, headers=worker), 422, "invalid_request")
