"""Places, organisations, members and committees, for administrators."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.db import directory as store
from api.db import places as place_store
from api.domain.access import Viewer
from api.domain.deadline import LOCAL
from api.domain.errors import InvalidInput
from api.domain.organisation import Place
from api.http import directory_view as view
from api.http.deps import AdminViewer, Now, ReadSession, StaffViewer, WriteSession
from api.http.schemas import directory as shapes
from api.services import directory, place_tree
from api.services.directory_rules import directory_rules
from api.services.place_tree import Change, PlaceFacts

router = APIRouter(prefix="/api/v1/directory", tags=["directory"])
Text = Annotated[str, Query(max_length=40)]
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/places")
async def list_places(
    session: ReadSession,
    _viewer: StaffViewer,
    county: Text = "",
    town: Text = "",
    village: Text = "",
    former: bool = False,
) -> list[shapes.PlaceRowOut]:
    """The tree, or the part of it inside a place; `former` shows what is no longer in use, too."""
    rows = await place_store.tree(session, Place(county, town, village), former=former)
    return [view.place_row_out(row) for row in rows]


@router.get("/places/resolve")
async def resolve_place(
    session: ReadSession,
    _viewer: StaffViewer,
    now: Now,
    county: Text,
    town: Text = "",
    village: Text = "",
    group: Text = "",
    on: Annotated[str, Query(max_length=10, examples=["2026-11-20"])] = "",
) -> shapes.PlaceRowOut | None:
    """What a place of the past had become by a day (today when none is given); null when it had ended."""
    row = await place_tree.resolve(session, Place(county, town, village, group), view.day(on, now))
    return view.place_row_out(row) if row else None


@router.post("/places", status_code=201)
async def add_place(body: shapes.PlaceNewIn, session: WriteSession, _viewer: AdminViewer) -> shapes.PlaceRowOut:
    place = Place(**body.place.model_dump(exclude_none=True))
    facts = PlaceFacts(body.division_code, body.population, body.households)
    return view.place_row_out(await place_tree.add(session, place, facts))


@router.patch("/places/{id}")
async def edit_place(
    id: Id, body: shapes.PlaceEditIn, session: WriteSession, _viewer: AdminViewer
) -> shapes.PlaceRowOut:
    facts = PlaceFacts(body.division_code, body.population, body.households)
    return view.place_row_out(await place_tree.update(session, id, facts, revision=body.revision))


@router.get("/places/{id}/history")
async def place_history(id: Id, session: ReadSession, _viewer: StaffViewer) -> list[shapes.PlaceChangeOut]:
    """Everything that led to this place or away from it, oldest first."""
    row = await place_tree.get(session, id)
    earlier = await place_store.predecessors(session, [row.id])
    return [view.change_out(one) for one in await place_store.history(session, [row.id, *(old.id for old in earlier)])]


@router.post("/places/merge")
async def merge_places(
    body: shapes.MergeIn, session: WriteSession, viewer: AdminViewer, now: Now
) -> shapes.PlaceRowOut:
    """Two or more villages (or towns) become one; old tickets keep the old names."""
    change = Change(body.on, now, viewer.actor, body.note)
    return view.place_row_out(await place_tree.merge(session, body.places, body.name, change, groups=body.groups))


@router.post("/places/{id}/rename")
async def rename_place(
    id: Id, body: shapes.RenameIn, session: WriteSession, viewer: AdminViewer, now: Now
) -> shapes.PlaceRowOut:
    return view.place_row_out(await place_tree.rename(session, id, body.name, _change(body, viewer, now)))


@router.post("/places/{id}/relocate")
async def move_place(
    id: Id, body: shapes.MoveIn, session: WriteSession, viewer: AdminViewer, now: Now
) -> shapes.PlaceRowOut:
    """A group into another village, or a village into another town."""
    return view.place_row_out(await place_tree.move(session, id, body.to, _change(body, viewer, now), name=body.name))


def _change(body: shapes.ChangeIn, viewer: Viewer, now: Now) -> Change:
    return Change(body.on, now, viewer.actor, body.note)


@router.get("/organisations")
async def list_organisations(
    session: ReadSession,
    _viewer: StaffViewer,
    kind: Text = "",
    place: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> list[shapes.OrganisationRowOut]:
    """In order of id; the last id goes into `after` for the next page."""
    rows = await store.page(session, kind=kind, place=place, after=after, limit=limit)
    return [view.organisation_row_out(row, directory_rules()) for row in rows]


@router.get("/organisations/{id}")
async def get_organisation(id: Id, session: ReadSession, _viewer: AdminViewer, now: Now) -> shapes.OrganisationWholeOut:
    return await view.whole(session, await directory.organisation(session, id), now)


@router.post("/organisations", status_code=201)
async def add_organisation(
    body: shapes.OrganisationIn, session: WriteSession, _viewer: AdminViewer, now: Now
) -> shapes.OrganisationWholeOut:
    needed("name", "kind", "tier", "serves", given=body.model_dump(exclude_none=True))
    values = body.model_dump(exclude_none=True)
    return await view.whole(session, await directory.save_organisation(session, directory_rules(), values), now)


@router.patch("/organisations/{id}")
async def edit_organisation(
    id: Id, body: shapes.OrganisationEditIn, session: WriteSession, _viewer: AdminViewer, now: Now
) -> shapes.OrganisationWholeOut:
    """Only what is given changes; `revision` is the one that was read, 409 when somebody else edited meanwhile."""
    values = body.model_dump(exclude_unset=True, exclude={"revision"})
    not_empty(values, "name", "kind", "tier", "serves", "subjects", "active")
    row = await directory.save_organisation(session, directory_rules(), values, id=id, revision=body.revision)
    return await view.whole(session, row, now)


@router.post("/organisations/{id}/members", status_code=201)
async def add_member(id: Id, body: shapes.MemberIn, session: WriteSession, _viewer: AdminViewer) -> shapes.MemberOut:
    values = view.member_values(body.model_dump(exclude_none=True))
    needed("name", "role", given=values)
    row = await directory.save_member(session, directory_rules(), values, organisation_id=id)
    return view.member_out(row, directory_rules())


@router.patch("/members/{id}")
async def edit_member(
    id: Id, body: shapes.MemberEditIn, session: WriteSession, _viewer: AdminViewer
) -> shapes.MemberOut:
    values = view.member_values(body.model_dump(exclude_unset=True, exclude={"revision"}))
    not_empty(values, *(key for key in values if key not in ("username", "phone", "household", "password")))
    row = await directory.save_member(session, directory_rules(), values, id=id, revision=body.revision)
    return view.member_out(row, directory_rules())


@router.put("/organisations/{id}/register")
async def save_register(
    id: Id, body: shapes.RegisterIn, session: WriteSession, _viewer: AdminViewer, now: Now
) -> shapes.OrganisationWholeOut:
    """The committee's register; `revision` 0 when there is none yet."""
    values = body.model_dump(exclude={"revision"})
    await directory.save_register(session, directory_rules(), id, values, revision=body.revision)
    return await view.whole(session, await directory.organisation(session, id), now)


@router.get("/committees")
async def list_committees(session: ReadSession, _viewer: StaffViewer, now: Now) -> list[shapes.CommitteeOut]:
    """Every committee with what it lacks (人民调解法 8, 9 and the county's checklist)."""
    found = await directory.committees(session, directory_rules(), now.astimezone(LOCAL).date())
    return [view.committee_out(row, register, gaps, directory_rules()) for row, register, gaps in found]


def needed(*fields: str, given: dict[str, object]) -> None:
    if missing := [field for field in fields if not given.get(field)]:
        raise InvalidInput(f"还缺：{'、'.join(missing)}", code="missing_field")


def not_empty(values: dict[str, object], *fields: str) -> None:
    if empty := [field for field in fields if field in values and values[field] is None]:
        raise InvalidInput(f"不能清空：{'、'.join(empty)}", code="missing_field")
