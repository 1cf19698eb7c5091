"""The query behind a number, read from the address of a list of tickets."""

from typing import Annotated

from fastapi import Depends, Query, Request

from api.domain.errors import InvalidInput
from api.domain.period import Period
from api.domain.statistics import MEASURES, SPLITS, CountQuery

MOST = 200


def behind_number(
    request: Request,
    measure: Annotated[str, Query(max_length=40, examples=["agreed"])] = "",
    period: Annotated[str, Query(max_length=20, examples=["2026-10"])] = "",
) -> CountQuery | None:
    """Without `measure` nothing is narrowed. Any split may be given beside it: category, town, kind, origin …"""
    if not measure and not period:
        return None
    if measure not in MEASURES:
        raise InvalidInput(f"没有这个统计项：{measure}；可用：{'、'.join(MEASURES)}", code="unknown_measure")
    within = {name: value[:MOST] for name, value in request.query_params.items() if name in SPLITS}
    organisation = within.get("organisation_id", "")
    if organisation and not (organisation.isascii() and organisation.isdecimal() and len(organisation) < 10):
        raise InvalidInput("organisation_id 应当是整数")
    return CountQuery(MEASURES[measure], Period.parse(period), within)


BehindNumber = Annotated[CountQuery | None, Depends(behind_number)]
