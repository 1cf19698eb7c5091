"""Where disputes are: by town, village and category; what few cases stand behind is hidden from everybody."""

from dataclasses import replace

from api.domain.statistics import rolled
from api.services.reports.counts import Asked, split_table, tally
from api.services.reports.model import Section
from api.services.reports.month import bar

SHOWN = ("registered", "agreed", "referred")


async def heat(asked: Asked) -> list[Section]:
    guarded = replace(asked, public=True)
    lines = await tally(asked, SHOWN, "town", "village", "category")
    tables = [split_table(guarded, "town", "按乡镇", "乡镇", "town", rolled(lines, "town"), SHOWN)]
    # Its own table would give away a town that is hidden among the towns.
    for town in (row.key for row in tables[0].rows[:-1] if row.key and not any(one.hidden for one in row.cells)):
        inside = rolled([line for line in lines if line.key["town"] == town], "village")
        title = f"{town}各村"
        tables.append(split_table(guarded, f"village.{town}", title, "村（社区）", "village", inside, SHOWN))
    kinds = split_table(guarded, "category", "按类别", "类别", "category", rolled(lines, "category"), SHOWN)
    drawn = [bar(one, "registered", f"{one.title}登记件数") for one in (*tables, kinds)]
    note = asked.rules.content["notes"]["heat"].format(k=asked.rules.small_cell)
    return [Section("分布", (note,), (*tables, kinds), tuple(one for one in drawn if one))]
