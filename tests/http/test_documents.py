"""Papers of a ticket over HTTP, in the whole app."""

import zipfile
from io import BytesIO

from tests.http.site import Site, check_error

TICKETS = "/api/v1/tickets"


async def test_papers_are_for_staff_who_may_see_the_ticket(site: Site) -> None:
    no = await site.open_ticket()
    path = f"{TICKETS}/{no}/documents/file_index"
    mine = await site.http.get(path, headers=site.staff("donggou1_grid"))
    assert mine.status_code == 200
    assert zipfile.is_zipfile(BytesIO(mine.content))
    assert mine.headers["cache-control"] == "private, no-store"
    check_error(await site.http.get(path, headers=site.staff("xigou_director")), 404)
    check_error(await site.http.get(f"{TICKETS}/{no}/documents/x", headers=site.staff("donggou1_grid")), 404)


async def test_no_packet_without_an_agreement(site: Site) -> None:
    no = await site.open_ticket()
    headers = site.staff("donggou1_grid")
    answer = await site.http.post(f"{TICKETS}/{no}/packets/confirmation", headers=headers)
    check_error(answer, 409, "transition_not_allowed")
    assert answer.json()["allowed"] == ["agreement"]
