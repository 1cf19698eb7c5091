"""The four levels of mediation, one after another, and the court behind them."""

from enum import StrEnum


class Tier(StrEnum):
    GROUP = "group"
    VILLAGE = "village"
    JUDICIAL_OFFICE = "judicial_office"
    TOWN = "town"
    COURT = "court"

    @property
    def rank(self) -> int:
        return ORDER.index(self)

    @property
    def above(self) -> "Tier | None":
        """The next tier up, None at the top."""
        return ORDER[self.rank + 1] if self.rank + 1 < len(ORDER) else None

    def and_above(self) -> tuple["Tier", ...]:
        return ORDER[self.rank :]


ORDER: tuple[Tier, ...] = tuple(Tier)


def highest(*tiers: Tier) -> Tier:
    return max(tiers, key=lambda tier: tier.rank)
