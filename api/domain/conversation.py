"""Words of a conversation: what comes in from a channel, what goes back, who holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from api.domain.danger import Danger


class Owner(StrEnum):
    """Who answers: while a human owns a conversation the bot stays silent."""

    BOT = "bot"
    HUMAN = "human"


class MessageStatus(StrEnum):
    """PENDING waits for its turn; SILENT was left to a human; FAILED got the honest fallback."""

    PENDING = "pending"
    ANSWERED = "answered"
    SILENT = "silent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message as a channel parsed it. `external_id` is unique per channel and names a retry."""

    channel: str
    sender: str
    external_id: str
    text: str
    at: datetime
    reply_address: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """One bubble of an answer. A button's payload comes back as the text of the next message."""

    text: str
    buttons: tuple[Mapping[str, str], ...] = ()
    links: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """What waited for a person to come by again, in order; `from_staff`: it begins with the word of an operator."""

    replies: tuple[Reply, ...]
    from_staff: bool


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What one message led to. A repeat of the message yields the same value."""

    replies: tuple[Reply, ...]
    owner: Owner
    ticket_no: str | None = None
    crisis: str | None = None
    done: bool = True
    message_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class BotTurn:
    """What the bot made of one message. `stopped`: it read a danger and took no turn, so that help comes first."""

    replies: tuple[Reply, ...]
    ticket_no: str | None = None
    danger: Danger | None = None
    stopped: bool = False
