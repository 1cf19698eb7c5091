"""How long one routing decision takes over a directory of 100,000 members: p50 and p95 in milliseconds.

Run with `python -m tests.load.routing_bench`; nothing here is part of the tests.
"""

import argparse
import sys
import time
from collections.abc import Callable
from statistics import quantiles
from typing import Any

from api.domain.facts import DisputeFacts
from api.domain.organisation import Directory, Organisation, OrganisationKind, Place
from api.domain.routing import route
from api.domain.tier import Tier
from api.services.routing import located
from tests.domain.factories import FRIDAY, body, member, policy

K = OrganisationKind
TOWNS, VILLAGES = 50, 40
KINDS: dict[str, dict[str, Any]] = {
    "组内邻里": {"category": "neighbor", "subcategory": "boundary", "parties_same_group": True},
    "土地": {"category": "land_forest", "subcategory": "transfer"},
    "村是一方": {"category": "land_forest", "subcategory": "reclaim_adjust"},
    "欠薪十二人": {"category": "labor", "subcategory": "unpaid_wages", "people_involved": 12},
    "同姓要问": {"category": "land_forest", "subcategory": "encroachment", "party_names": ["王某某"]},
    "危机": {"category": "neighbor", "subcategory": "quarrel", "crisis": "weapon_threat"},
    "不能调": {"category": "administrative", "subcategory": "penalty"},
}


def county(members: int) -> Directory:
    """50 towns of 40 villages of 5 groups; most members sit in villages, a tenth in five crowded county bodies."""
    found: list[Organisation] = []
    each = max(1, members * 9 // 10 // (TOWNS * VILLAGES))
    for number in range(TOWNS):
        town = Place("某县", f"镇{number}")
        for kind, tier in ((K.JUDICIAL_OFFICE, Tier.JUDICIAL_OFFICE), (K.TOWN_COMMITTEE, Tier.TOWN)):
            found.append(body(f"{kind}{number}", kind, tier, town))
        found.append(body(f"police{number}", K.POLICE_STATION, Tier.TOWN, town))
        for which in range(VILLAGES):
            village = Place("某县", town.town, f"村{number}-{which}")
            people = tuple(member(f"{number}-{which}-{seat}", name="王某", load=seat % 30) for seat in range(each))
            found.append(body(f"v{number}-{which}", K.VILLAGE_COMMITTEE, Tier.VILLAGE, village, members=people))
            for group in range(5):
                place = Place("某县", town.town, village.village, f"{group}组")
                found.append(body(f"g{number}-{which}-{group}", K.GRID_STATION, Tier.GROUP, place))
    for subject in ("labour", "traffic", "medical", "consumer", "property"):
        people = tuple(member(f"{subject}{seat}", load=seat % 40) for seat in range(members // 50))
        place = Place("某县")
        fields: dict[str, Any] = {"subjects": frozenset({subject}), "members": people}
        found.append(body(subject, K.SPECIALIST_COMMITTEE, Tier.JUDICIAL_OFFICE, place, **fields))
    return Directory(found)


def timed(act: Callable[[int], object], samples: int) -> tuple[float, float, float]:
    """p50, p95 and the slowest in milliseconds, after a warm-up that builds the sorted views once."""
    for number in range(samples):
        act(number)
    taken = []
    for number in range(samples):
        start = time.perf_counter()
        act(number)
        taken.append((time.perf_counter() - start) * 1000)
    cuts = quantiles(taken, n=20)
    return cuts[9], cuts[18], max(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description="routing decisions over a large directory")
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=2000)
    given = parser.parse_args()
    start = time.perf_counter()
    directory = county(given.members)
    total = sum(len(one.members) for one in directory)
    lines = [f"{len(directory):,} 个组织，{total:,} 名成员，建索引 {time.perf_counter() - start:.1f} 秒"]
    lines.append(f"{'':12}{'p50':>9}{'p95':>9}{'最慢':>8}  毫秒")
    for name, facts in KINDS.items():

        def act(number: int, facts: dict[str, Any] = facts) -> object:
            town = number * 7 % TOWNS
            here = {"town": f"镇{town}", "village": f"村{town}-{number % VILLAGES}", "group": "1组"}
            asked = located(DisputeFacts.from_mapping(here | facts), directory)
            return route(asked, policy(), directory, FRIDAY)

        p50, p95, slowest = timed(act, given.samples)
        lines.append(f"{name:10}{p50:>9.3f}{p95:>9.3f}{slowest:>9.3f}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
