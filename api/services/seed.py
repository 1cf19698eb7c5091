"""The demo place of contracts.md, in an empty database. All persons are placeholders by role."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import organisations
from api.db.tables.desk import DirectoryState, MemberRow, OrganisationPlace, OrganisationRow, PlaceRow
from api.services.accounts import hashed

Raw = Mapping[str, Any]


class Seeder:
    """Collects rows; ids are given in the order of the plan, so every demo is the same."""

    def __init__(self, session: AsyncSession, plan: Raw, password: str) -> None:
        self._session = session
        self._plan = plan
        self._secret = hashed(password)
        self._county = plan["county"]
        self._accounts = 0

    async def run(self) -> int:
        """Number of staff accounts made."""
        self._session.add(DirectoryState(id=1, version=1, changed=1))
        county = self._place()
        for town in self._plan["towns"]:
            self._town(town)
        for body in self._plan["county_bodies"]:
            self._county_body(body, county)
        centre = self._plan["county_centre"]
        row = self._organisation(f"{self._county}{centre['name']}", centre["kind"], centre["tier"], county)
        self._staff(row, centre["staff"], self._county, lambda suffix: suffix)
        await self._session.flush()
        return self._accounts

    def _town(self, town: Raw) -> None:
        name, code = town["name"], town["code"]
        place = self._place(name)
        for body in self._plan["town_bodies"]:
            row = self._organisation(f"{name}{body['name']}", body["kind"], body["tier"], place)
            self._staff(row, body["staff"], name, lambda suffix: f"{code}_{suffix}")
        for village, pinyin in town["villages"].items():
            self._village(name, village, pinyin)

    def _village(self, town: str, village: str, pinyin: str) -> None:
        place = self._place(town, village)
        row = self._organisation(f"{village}人民调解委员会", "village_committee", "village", place)
        self._staff(row, self._plan["village_staff"], village, lambda suffix: f"{pinyin}_{suffix}")
        for number, group in enumerate(self._plan["groups"], 1):
            inner = self._place(town, village, group)
            station = self._organisation(f"{village}{group}网格工作站", "grid_station", "group", inner)
            prefix = f"{pinyin}{number}"
            self._staff(station, self._plan["group_staff"], f"{village}{group}", lambda s, p=prefix: f"{p}_{s}")

    def _county_body(self, body: Raw, county: PlaceRow) -> None:
        subjects = [body["subject"]] if "subject" in body else []
        row = self._organisation(f"{self._county}{body['name']}", body["kind"], body["tier"], county, subjects)
        role, title = body.get("role", "specialist_mediator"), body.get("title", "专职调解员")
        staff = [
            {"suffix": str(number), "role": role, "title": f"{body['name']}{title}{zh}", "woman": body.get("woman")}
            for number, zh in ((1, "一"), (2, "二"))
        ]
        self._staff(row, staff, self._county, lambda suffix: f"{body['code']}{suffix}")

    def _place(self, town: str = "", village: str = "", group: str = "") -> PlaceRow:
        row = PlaceRow(county=self._county, town=town, village=village, group_name=group)
        self._session.add(row)
        return row

    def _organisation(
        self, name: str, kind: str, tier: str, place: PlaceRow, subjects: list[str] | None = None
    ) -> OrganisationRow:
        row = OrganisationRow(name=name, kind=kind, tier=tier, subjects=subjects or [], version=1)
        row.served.append(OrganisationPlace(place=place))
        self._session.add(row)
        return row

    def _staff(self, row: OrganisationRow, staff: Iterable[Raw], prefix: str, username: Any) -> None:
        for one in staff:
            self._accounts += 1
            row.members.append(
                MemberRow(
                    name=f"{prefix}{one['title']}",
                    role=one["role"],
                    username=username(one["suffix"]),
                    password_hash=self._secret,
                    seat=one.get("seat", ""),
                    woman=bool(one.get("woman")),
                    takes_cases=one.get("takes_cases", True),
                    specialties=list(one.get("specialties", ())),
                )
            )


async def seed_demo(session: AsyncSession, plan: Raw, *, password: str) -> int:
    """Fills an empty database and returns the number of accounts; 0 when there is already an organisation."""
    if await organisations.any_organisation(session):
        return 0
    return await Seeder(session, plan, password).run()


def accounts_to_show(plan: Raw) -> list[tuple[str, str]]:
    """One account per role, (username, what it is), for the line that `make serve` prints."""
    town = plan["towns"][0]
    village, pinyin = next(iter(town["villages"].items()))
    centre = [(one["suffix"], one["title"]) for one in plan["county_centre"]["staff"]]
    towns = [
        (f"{town['code']}_{one['suffix']}", f"{town['name']}{one['title']}")
        for body in plan["town_bodies"]
        for one in body["staff"]
    ]
    villages = [(f"{pinyin}_{one['suffix']}", f"{village}{one['title']}") for one in plan["village_staff"]]
    groups = [(f"{pinyin}1_{one['suffix']}", f"{village}一组{one['title']}") for one in plan["group_staff"]]
    bodies = [(f"{one['code']}1", f"{plan['county']}{one['name']}") for one in plan["county_bodies"]]
    return [*centre, *towns, *villages, *groups, *bodies]
