"""Opening a ticket, and rebuilding it from its events alone."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime

from api.domain.errors import InvalidInput
from api.domain.events import Event, Scalar, Trail, chain_verifies
from api.domain.lifecycle import OPENED
from api.domain.organisation import Place
from api.domain.policy import WarningLevel
from api.domain.ticket import Ticket, fold
from api.domain.tier import Tier

KEPT = tuple(field.name for field in fields(Ticket) if field.name not in ("version", "head", "place", "status"))
DATES = ("opened_at", "ended_at")


def open_ticket(ticket: Ticket, actor: str, note: str = "") -> tuple[Ticket, Event]:
    """The first event of a new ticket holds all that later events build upon."""
    if ticket.version or ticket.opened_at.tzinfo is None:
        raise InvalidInput("只能登记新的工单，且时间必须带时区")
    changes: dict[str, Scalar | Trail] = {}
    for name in KEPT:
        value = getattr(ticket, name)
        changes[name] = value.isoformat() if isinstance(value, datetime) else value
    changes |= {f"place.{name}": value for name, value in asdict(ticket.place).items()}
    changes["reopen_days"] = str(ticket.reopen_days)
    event = Event.after(ticket.no, 0, "", OPENED, ticket.opened_at, actor, note, changes)
    return _opened(event), event


def replay(events: Sequence[Event]) -> Ticket:
    """The ticket as its history tells it. Raises InvalidInput when the chain is broken."""
    if not events or events[0].move != OPENED or not chain_verifies(events):
        raise InvalidInput("办理记录不完整或被改动过", code="history_broken")
    ticket = _opened(events[0])
    for event in events[1:]:
        ticket = fold(ticket, event)
    return ticket


def retold(events: Sequence[Event]) -> Iterator[Ticket]:
    """The ticket after each event, one after another. Raises InvalidInput as `replay` does."""
    ticket = replay(events[:1])
    yield ticket
    for event in events[1:]:
        ticket = fold(ticket, event)
        yield ticket


def _opened(event: Event) -> Ticket:
    given = {key: value for key, value in event.changes.items() if not key.startswith("place.")}
    place = Place(*(str(event.changes[f"place.{part}"]) for part in ("county", "town", "village", "group")))
    given |= {name: datetime.fromisoformat(str(given[name])) if given[name] else None for name in DATES}  # type: ignore[misc]
    trail = given["trail"]
    assert isinstance(trail, list | tuple)
    parsed = {
        "tier": Tier(str(given["tier"])),
        "warning_level": WarningLevel(str(given["warning_level"])),
        "reopen_days": int(str(given["reopen_days"])),
        "trail": tuple((str(tier), str(organisation)) for tier, organisation in trail),
    }
    return Ticket(**(given | parsed), place=place, version=1, head=event.hash)  # type: ignore[arg-type]
