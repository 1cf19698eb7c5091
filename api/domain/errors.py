"""Everything that may go wrong in the desk's own terms.

DomainError
├── InvalidInput          422  the values make no sense
├── Unauthenticated       401  nobody is logged in
├── Forbidden             403  logged in, but not allowed to do this at all
├── NotFound              404  not there, or not theirs to see
│   └── NotYours              404  there, and somebody looked who may not
├── Conflict              409  somebody was faster, or the same key means something else
│   └── TransitionNotAllowed  409  the life cycle has no such move from here
└── Unavailable           503  a part we need does not answer
"""

from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """`code` is for programs, `detail` is a plain Chinese sentence for people, `more` what helps to go on."""

    code = "error"

    def __init__(self, detail: str, *, code: str | None = None, more: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.more = dict(more or {})
        if code:
            self.code = code


class InvalidInput(DomainError):
    code = "invalid_input"


class Unauthenticated(DomainError):
    code = "unauthenticated"


class Forbidden(DomainError):
    code = "forbidden"


class NotFound(DomainError):
    code = "not_found"


class NotYours(NotFound):
    """There is such a ticket, but not for this viewer: answered like NotFound, and written down."""

    def __init__(self, detail: str, *, ticket: str, actor: str, actor_name: str, organisation: str) -> None:
        super().__init__(detail)
        self.ticket, self.actor, self.actor_name, self.organisation = ticket, actor, actor_name, organisation


class Conflict(DomainError):
    code = "conflict"

    @classmethod
    def changed_meanwhile(cls, **more: Any) -> "Conflict":
        """The ticket is not any more what the caller acted upon."""
        return cls("这张工单刚刚被别人办理过，请刷新后再试", code="changed_meanwhile", more=more)


class TransitionNotAllowed(Conflict):
    code = "transition_not_allowed"


class Unavailable(DomainError):
    code = "unavailable"
