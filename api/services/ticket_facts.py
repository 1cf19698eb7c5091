"""What conditions of the policies may ask about a stored ticket."""

from typing import Any

from api.db.tables.desk import TicketRow
from api.domain.conflict import respondent_kind
from api.domain.facts import DisputeFacts
from api.domain.policy import Policy


def ticket_facts(row: TicketRow) -> dict[str, Any]:
    """As the ticket is now."""
    return {
        "category": row.category,
        "case": f"{row.category}.{row.subcategory}",
        "protective": row.protective,
        "mediable": not row.protective,
        "warning_level": row.warning_level,
        "complexity": row.complexity,
        "tier": row.tier,
        "status": row.status,
        "outcome": row.outcome,
    }


def policy_facts(row: TicketRow, policy: Policy) -> dict[str, Any]:
    """The facts of routing, and what became of the ticket since."""
    facts = DisputeFacts.from_mapping(row.facts)
    return facts.values() | {"respondent_is": respondent_kind(facts, policy)} | ticket_facts(row)
