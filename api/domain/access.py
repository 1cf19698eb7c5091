"""Who may see a ticket, and who may make which move. Asked in one place, pure."""

from dataclasses import dataclass
from enum import StrEnum

from api.domain.lifecycle import Move
from api.domain.organisation import Place
from api.domain.ticket import Ticket
from api.domain.tier import Tier


class ViewerKind(StrEnum):
    STAFF = "staff"
    TOOL = "tool"
    APPLICANT = "applicant"


@dataclass(frozen=True)
class Viewer:
    """`scope`: the place a staff member supervises, up to `scope_tier`; None: only their own organisation's tickets.

    `former`: what that place was called before, so that old tickets with old names are not lost.
    """

    kind: ViewerKind
    name: str
    member: str = ""
    role: str = ""
    organisation: str = ""
    scope: Place | None = None
    scope_tier: Tier | None = None
    former: tuple[Place, ...] = ()
    everything: bool = False
    channel: str = ""
    sender: str = ""

    @classmethod
    def tool(cls, name: str = "接口") -> "Viewer":
        """A program with the service token: every staff scope."""
        return cls(ViewerKind.TOOL, name, everything=True)

    @classmethod
    def applicant(cls, channel: str, sender: str) -> "Viewer":
        return cls(ViewerKind.APPLICANT, "申请人", channel=channel, sender=sender)

    @property
    def actor(self) -> str:
        """How the history names this viewer."""
        return f"{self.kind}:{self.member or self.name}"


APPLICANT_MOVES = frozenset({Move.WITHDRAW, Move.REFUSE, Move.LEAVE, Move.ADD_NOTE, Move.ESCALATE, Move.REOPEN})
# 保护性工单: a line in a chat may come from whoever holds the telephone, so only people at the desk end it.
PROTECTED_MOVES = APPLICANT_MOVES - {Move.WITHDRAW, Move.REFUSE, Move.LEAVE}
SUPERVISOR_MOVES = frozenset(
    {Move.ASSIGN, Move.TRANSFER, Move.ESCALATE, Move.REGRADE, Move.ADD_NOTE, Move.MERGE, Move.REOPEN}
)
OPERATOR_MOVES = frozenset(
    {Move.ADD_NOTE, Move.WITHDRAW, Move.REFUSE, Move.LEAVE, Move.REOPEN, Move.REGRADE, Move.MERGE}
)


def may_see(viewer: Viewer, ticket: Ticket, told: frozenset[str] = frozenset()) -> bool:
    """`told`: organisations informed of a protective ticket besides the one that handles it."""
    if viewer.kind is ViewerKind.APPLICANT:
        return bool(viewer.sender) and (viewer.channel, viewer.sender) == (ticket.channel, ticket.sender)
    if viewer.everything:
        return True
    handled = {ticket.organisation, *told, *(organisation for _, organisation in ticket.trail)}
    if viewer.organisation and viewer.organisation in handled:
        return True
    return supervises(viewer, ticket) and not ticket.protective


def supervises(viewer: Viewer, ticket: Ticket) -> bool:
    """The tier above watches over what the tiers below it handle in its own place."""
    if viewer.scope is None or viewer.scope_tier is None:
        return False
    inside = any(scope.local.contains(ticket.place.local) for scope in (viewer.scope, *viewer.former))
    return inside and ticket.tier.rank <= viewer.scope_tier.rank


def may_move(viewer: Viewer, ticket: Ticket, move: Move) -> bool:
    """Only for a ticket the viewer may see."""
    if viewer.kind is ViewerKind.TOOL or viewer.role == "admin":
        return True
    if viewer.kind is ViewerKind.APPLICANT:
        return move in (PROTECTED_MOVES if ticket.protective else APPLICANT_MOVES)
    if viewer.organisation and viewer.organisation == ticket.organisation:
        return True
    if viewer.role == "operator":
        return move in OPERATOR_MOVES
    return move in SUPERVISOR_MOVES and (viewer.everything or supervises(viewer, ticket))
