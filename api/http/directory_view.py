"""The directory's rows in the shapes of the interface."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db.organisations import place_of, spans
from api.db.tables.desk import MemberRow, OrganisationRow, PlaceRow
from api.db.tables.directory import CommitteeRow, PlaceChange
from api.domain.committee import Gap
from api.domain.deadline import LOCAL
from api.domain.errors import InvalidInput
from api.domain.organisation import Span
from api.http.desk_view import place_out
from api.http.schemas import directory as out
from api.http.schemas.desk import OrganisationOut
from api.services import directory
from api.services.directory import PLAIN_MEMBER, REGISTER
from api.services.directory_rules import DirectoryRules, directory_rules


def day(text: str, now: datetime) -> date:
    if not text:
        return now.astimezone(LOCAL).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("日期写成 2026-11-20 这样") from None


def place_row_out(row: PlaceRow) -> out.PlaceRowOut:
    fields = ("id", "division_code", "population", "households", "active", "merged_into", "revision")
    return out.PlaceRowOut(place=place_out(place_of(row)), **{field: getattr(row, field) for field in fields})


def change_out(row: PlaceChange) -> out.PlaceChangeOut:
    return out.PlaceChangeOut(
        kind=row.kind,
        source=str(place_of(row.source)),
        target=str(place_of(row.target)) if row.target else None,
        on=row.on,
        at=row.at,
        actor=row.actor,
        note=row.note,
    )


def organisation_fields(row: OrganisationRow, rules: DirectoryRules) -> dict[str, Any]:
    plain = ("id", "name", "kind", "tier", "subjects", "phone", "address", "office_hours", "active", "revision")
    fields = {field: getattr(row, field) for field in plain}
    serves = [place_out(place_of(one.place)) for one in row.served]
    return fields | {"kind_zh": rules.kinds[row.kind], "serves": serves, "parent": row.parent_id}


def organisation_row_out(row: OrganisationRow, rules: DirectoryRules) -> out.OrganisationRowOut:
    return out.OrganisationRowOut(**organisation_fields(row, rules))


async def whole(session: AsyncSession, row: OrganisationRow, now: datetime) -> out.OrganisationWholeOut:
    rules = directory_rules()
    register = await session.get(CommitteeRow, row.id)
    found = await directory.gaps_of(session, rules, row, now.astimezone(LOCAL).date())
    return out.OrganisationWholeOut(
        **organisation_fields(row, rules),
        members=[member_out(one, rules) for one in row.members],
        committee={field: getattr(register, field) for field in (*REGISTER, "revision")} if register else None,
        gaps=gaps_out(found),
    )


def gaps_out(gaps: list[Gap]) -> list[out.GapOut]:
    return [out.GapOut(code=one.code, text=one.text, basis=list(one.basis)) for one in gaps]


def member_out(row: MemberRow, rules: DirectoryRules) -> out.MemberOut:
    fields = {field: getattr(row, field) for field in (*PLAIN_MEMBER, "id", "load", "revision")}
    return out.MemberOut(
        **fields,
        role_zh=rules.roles.get(row.role, row.role),
        absences=[span_out(one) for one in spans(row.absences)],
        shifts=[span_out(one) for one in spans(row.shifts)],
    )


def span_out(span: Span) -> out.SpanIn:
    return out.SpanIn(since=span.since, until=span.until)


def member_values(given: dict[str, Any]) -> dict[str, Any]:
    """Spans as the service takes them; an empty user name is none."""
    for field in ("absences", "shifts"):
        if given.get(field):
            given[field] = [Span(one["since"], one["until"]) for one in given[field]]
    if "username" in given:
        given["username"] = given["username"] or None
    return given


def committee_out(
    row: OrganisationRow, register: CommitteeRow | None, gaps: list[Gap], rules: DirectoryRules
) -> out.CommitteeOut:
    return out.CommitteeOut(
        organisation=OrganisationOut(id=str(row.id), name=row.name, kind=row.kind, kind_zh=rules.kinds[row.kind]),
        seats=register.seats if register else None,
        elected_on=register.elected_on if register else None,
        women=sum(one.woman for one in row.members if one.active and one.seat),
        gaps=gaps_out(gaps),
    )
