"""The public map: service points, and handled matters by town with small numbers hidden. Nothing about anybody."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api.db import public
from api.domain.statistics import hidden_cells
from api.http.deps import Now, ReadSession
from api.http.schemas.desk import Strict
from api.services.count_rules import count_rules
from api.services.work import filled
from api.services.work_rules import work_rules

router = APIRouter(prefix="/api/v1/public", tags=["public"])
YEAR = timedelta(days=365)
MOST = 2000


class PointOut(Strict):
    """`checked_on`: when somebody last made sure that it is still so."""

    name: str
    sort: str
    sort_zh: str
    town: str
    village: str
    address: str
    hours: str
    phone: str
    longitude: float | None
    latitude: float | None
    checked_on: str


class TownOut(Strict):
    """`handled` in the last year; null where the number is too small to be shown without telling of somebody."""

    town: str
    handled: int | None


class MapOut(Strict):
    points: list[PointOut]
    towns: list[TownOut]
    hidden_below: int


@router.get("/map")
async def public_map(session: ReadSession, now: Now, town: Annotated[str, Query(max_length=120)] = "") -> MapOut:
    sorts = next(one for one in work_rules()["point"].fields if one.id == "sort")
    names = {one.value: one.label for one in sorts.choices}
    points = []
    for row in await public.open_points(session, town, MOST):
        fields = filled(row)
        points.append(
            PointOut(
                sort_zh=names[str(fields["sort"])],
                town=row.town,
                village=row.village,
                longitude=degree(fields.get("longitude")),
                latitude=degree(fields.get("latitude")),
                **{
                    key: str(fields.get(key, "")) for key in ("name", "sort", "address", "hours", "phone", "checked_on")
                },
            )
        )
    k = count_rules().small_cell
    counted = await public.handled(session, now - YEAR)
    hidden = hidden_cells([count for _, count in counted], k)
    towns = [
        TownOut(town=name, handled=None if index in hidden else count) for index, (name, count) in enumerate(counted)
    ]
    return MapOut(points=points, towns=towns, hidden_below=k)


def degree(value: object) -> float | None:
    return float(str(value)) if value not in (None, "") else None
