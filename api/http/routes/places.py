"""Places in people's words."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.deps import ReadSession
from api.http.desk_view import place_out
from api.http.schemas.desk import PlaceMatchOut
from api.services import places

router = APIRouter(prefix="/api/v1/places", tags=["places"])


@router.get("/match")
async def match(text: Annotated[str, Query(min_length=1, max_length=200)], session: ReadSession) -> PlaceMatchOut:
    """`place` when there is no doubt, otherwise `candidates` to ask about."""
    found = await places.match(session, text)
    place = place_out(found.place) if found.place else None
    return PlaceMatchOut(place=place, candidates=[place_out(one) for one in found.candidates])
